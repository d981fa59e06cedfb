use lanyard_core::printable;
use lanyard_core::provider::{ProviderError, ProviderErrorKind};

/// What a token request was for: the same error code means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To sign in: to exchange a code, or for what comes before.
    Code,
    /// To refresh a grant.
    Refresh,
}

/// Returns the provider error for an error code of RFC 6749, section 5.2.
pub(crate) fn refused(code: &str, number: Option<u32>, asked: Asked) -> ProviderError {
    let shown = printable(code, 64);
    let (kind, message) = match code {
        "invalid_grant" if asked == Asked::Refresh && number.is_none_or(ends_grant) => {
            (ProviderErrorKind::GrantDead, "the provider asks for a new sign-in".to_owned())
        }
        "invalid_grant" if asked == Asked::Refresh => (
            ProviderErrorKind::SignInRequired,
            "the provider asks for a sign-in for this token".to_owned(),
        ),
        "invalid_grant" => (
            ProviderErrorKind::Protocol,
            "the provider did not take the code that it gave".to_owned(),
        ),
        "interaction_required" | "login_required" | "consent_required" => (
            ProviderErrorKind::SignInRequired,
            "the provider asks for a sign-in for this token".to_owned(),
        ),
        "access_denied" | "authorization_declined" => {
            (ProviderErrorKind::Denied, "the sign-in was refused".to_owned())
        }
        "temporarily_unavailable" | "server_error" | "slow_down" => {
            (ProviderErrorKind::TRANSIENT, "the provider is not available".to_owned())
        }
        _ => (
            ProviderErrorKind::Misconfigured,
            format!("the provider refused the request ({shown})"),
        ),
    };
    ProviderError::new(kind, message).detail(match number {
        Some(number) => format!("{shown}, AADSTS{number}"),
        None => shown,
    })
}

/// Says whether an AADSTS number means that the refresh token itself is over, by Microsoft's list
/// of Entra authentication error codes. Others ask for more than the grant gives, such as MFA for
/// one resource.
const fn ends_grant(number: u32) -> bool {
    matches!(
        number,
        50_057
            | 50_089
            | 50_132
            | 50_133
            | 50_173
            | 54_005
            | 70_000
            | 70_008
            | 70_043
            | 700_003
            | 700_081
            | 700_082
            | 700_084
    )
}

pub(crate) fn aadsts(description: &str) -> Option<u32> {
    let digits = description.strip_prefix("AADSTS")?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_invalid_grant_ends_a_grant() {
        let others = [
            "invalid_client",
            "invalid_request",
            "invalid_scope",
            "unauthorized_client",
            "unsupported_grant_type",
            "interaction_required",
            "server_error",
            "made_up",
        ];
        for code in others {
            assert_ne!(
                refused(code, None, Asked::Refresh).kind,
                ProviderErrorKind::GrantDead,
                "{code}"
            );
        }
        assert_eq!(
            refused("invalid_grant", None, Asked::Refresh).kind,
            ProviderErrorKind::GrantDead
        );
    }

    #[test]
    fn entra_asks_for_more_without_ending_the_grant() {
        let mfa = refused("invalid_grant", aadsts("AADSTS50076: use MFA."), Asked::Refresh);
        assert_eq!(mfa.kind, ProviderErrorKind::SignInRequired);
        let over = refused("invalid_grant", aadsts("AADSTS700082: expired."), Asked::Refresh);
        assert_eq!(over.kind, ProviderErrorKind::GrantDead);
        assert_eq!(over.detail.as_deref(), Some("invalid_grant, AADSTS700082"));
    }
}
