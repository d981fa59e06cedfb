use subtle::ConstantTimeEq;
use url::Url;

use crate::AuthorizationCode;

/// Longest `code` or `state` that is taken from a redirect.
const LONGEST: usize = 8192;

/// What the provider sent back with the browser (RFC 6749, section 4.1.2).
#[derive(Debug)]
pub struct RedirectAnswer {
    /// The authorization code, or the provider's error.
    pub outcome: Result<AuthorizationCode, AuthorizationError>,
    /// The issuer, where the provider says it (RFC 9207).
    pub issuer: Option<String>,
}

/// The provider's refusal at the redirect (RFC 6749, section 4.1.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationError {
    /// The error code, such as `access_denied`.
    pub error: String,
    /// The provider's words, for the details.
    pub description: Option<String>,
}

/// Why a callback was turned away; the sign-in under way is not touched by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// `state` is missing, or is not that of the sign-in under way.
    #[error("this answer does not belong to a sign-in that was started here")]
    ForeignState,
    /// A parameter comes twice, or is far too long.
    #[error("the answer repeats a parameter, or one is too long")]
    Malformed,
    /// There is neither a code nor an error.
    #[error("the answer holds neither a code nor an error")]
    Empty,
    /// It came to another address than the one announced.
    #[error("this is not the address that the sign-in was started with")]
    WrongPlace,
}

/// Reads the address that the browser came back to.
///
/// # Errors
/// Says why the callback is turned away: another address than `expected`, another `state`,
/// repeated or oversized parameters, or nothing in it.
pub fn check_redirect(
    returned: &Url,
    expected: &Url,
    state: &str,
) -> Result<RedirectAnswer, CallbackError> {
    let place = |url: &Url| {
        (
            url.scheme().to_owned(),
            url.host_str().map(str::to_owned),
            url.port_or_known_default(),
            url.path().to_owned(),
        )
    };
    if place(returned) != place(expected) {
        return Err(CallbackError::WrongPlace);
    }
    let found = one(returned, "state")?.ok_or(CallbackError::ForeignState)?;
    if !bool::from(found.as_bytes().ct_eq(state.as_bytes())) {
        return Err(CallbackError::ForeignState);
    }
    let issuer = one(returned, "iss")?;
    let (code, error) = (one(returned, "code")?, one(returned, "error")?);
    let outcome = match (code, error) {
        (_, Some(error)) => {
            let description = one(returned, "error_description")?;
            let error = crate::printable(&error, 64);
            Err(AuthorizationError {
                error,
                description: description.map(|d| crate::printable(&d, 300)),
            })
        }
        (Some(code), None) if !code.is_empty() => Ok(AuthorizationCode::new(code)),
        (Some(_) | None, None) => return Err(CallbackError::Empty),
    };
    Ok(RedirectAnswer { outcome, issuer })
}

fn one(url: &Url, name: &str) -> Result<Option<String>, CallbackError> {
    let mut found = url.query_pairs().filter(|(key, _)| key == name);
    let value = found.next().map(|(_, value)| value.into_owned());
    let too_long = value.as_ref().is_some_and(|value| value.len() > LONGEST);
    if too_long || found.next().is_some() {
        return Err(CallbackError::Malformed);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_with_the_right_state_is_taken() {
        let answer =
            check("http://127.0.0.1:5/callback?code=abc&state=s&iss=https%3A%2F%2Fid").unwrap();
        assert!(answer.outcome.is_ok());
        assert_eq!(answer.issuer.as_deref(), Some("https://id"));
    }

    #[test]
    fn a_refusal_is_read() {
        let answer = check("http://127.0.0.1:5/callback?error=access_denied&state=s").unwrap();
        assert_eq!(answer.outcome.unwrap_err().error, "access_denied");
    }

    #[test]
    fn foreign_empty_repeated_huge_and_misplaced_callbacks_are_turned_away() {
        let huge = format!("http://127.0.0.1:5/callback?state=s&code={}", "x".repeat(10_000));
        let cases = [
            ("http://127.0.0.1:5/callback?code=abc", CallbackError::ForeignState),
            ("http://127.0.0.1:5/callback?code=abc&state=t", CallbackError::ForeignState),
            ("http://127.0.0.1:5/callback?code=a&state=s&state=s", CallbackError::Malformed),
            ("http://127.0.0.1:5/callback?code=a&code=b&state=s", CallbackError::Malformed),
            (huge.as_str(), CallbackError::Malformed),
            ("http://127.0.0.1:5/callback?state=s", CallbackError::Empty),
            ("http://127.0.0.1:5/callback?state=s&code=", CallbackError::Empty),
            ("http://127.0.0.1:6/callback?code=a&state=s", CallbackError::WrongPlace),
            ("http://127.0.0.2:5/callback?code=a&state=s", CallbackError::WrongPlace),
            ("http://127.0.0.1:5/other?code=a&state=s", CallbackError::WrongPlace),
        ];
        for (url, error) in cases {
            assert_eq!(check(url).unwrap_err(), error, "{url}");
        }
    }

    fn check(url: &str) -> Result<RedirectAnswer, CallbackError> {
        check_redirect(&parse(url), &parse("http://127.0.0.1:5/callback"), "s")
    }

    fn parse(url: &str) -> Url {
        Url::parse(url).unwrap()
    }
}
