use lanyard_api::{AccountReply, TokenCall, TokenReply};
use lanyard_core::{Code, Failure};

use crate::Client;

/// Tokens of an account that signed in through Lanyard, as `SharedTokenCacheCredential` of the
/// Azure SDKs gives them: chosen by user name, tenant and authority.
#[derive(Debug, Clone)]
pub struct SharedTokenCacheCredential {
    client: Client,
    username: Option<String>,
    tenant_id: Option<String>,
    authority: Option<String>,
    profile: Option<String>,
}

impl SharedTokenCacheCredential {
    /// Returns a credential for the only account that there is.
    pub fn new(client: Client) -> Self {
        Self { client, username: None, tenant_id: None, authority: None, profile: None }
    }

    /// Says whether the shared cache works on this platform.
    pub const fn supported() -> bool {
        cfg!(any(target_os = "linux", target_os = "macos", windows))
    }

    /// Chooses by user name.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Chooses by tenant id.
    #[must_use]
    pub fn tenant_id(mut self, tenant: impl Into<String>) -> Self {
        self.tenant_id = Some(tenant.into());
        self
    }

    /// Chooses by authority: the issuer's address, or its host alone.
    #[must_use]
    pub fn authority(mut self, authority: impl Into<String>) -> Self {
        let text = authority.into();
        let full = if text.contains("://") { text } else { format!("https://{text}") };
        self.authority = Some(full.trim_end_matches('/').to_owned());
        self
    }

    /// Chooses by the profile that the account signed in through.
    #[must_use]
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// Returns an access token for these scopes.
    ///
    /// # Errors
    /// `sign-in-required` if there is no account, or none that matches; `account-ambiguous` if
    /// there are several: both with the list, and what to do. Otherwise the broker's failure.
    pub async fn get_token(&self, scopes: &[&str]) -> Result<TokenReply, Failure> {
        #[cfg(feature = "direct")]
        if let Some(reply) = self.direct(scopes) {
            return Ok(reply);
        }
        let accounts = self.client.status().await?.accounts;
        let account = self.choose(&accounts)?;
        let call = TokenCall {
            profile: Some(account.profile.clone()),
            account: Some(account.account.clone()),
            tenant: self.tenant_id.clone(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            ..TokenCall::default()
        };
        self.client.token(&call).await
    }

    /// Returns a valid token out of the file, where the person shares the account so.
    #[cfg(feature = "direct")]
    fn direct(&self, scopes: &[&str]) -> Option<TokenReply> {
        let direct = crate::direct::open(self.client.home())?;
        let account = self.choose(&direct.accounts).ok()?;
        direct.find(account, self.tenant_id.as_deref(), scopes)
    }

    fn choose<'a>(&self, accounts: &'a [AccountReply]) -> Result<&'a AccountReply, Failure> {
        if accounts.is_empty() {
            return Err(Failure::new(Code::SignInRequired, "no accounts were found in the cache")
                .action("sign in with `lanyard login`"));
        }
        let matching: Vec<&AccountReply> = accounts.iter().filter(|a| self.matches(a)).collect();
        let distinct = matching.iter().any(|account| account.account != matching[0].account);
        match matching.as_slice() {
            [] => Err(Failure::new(
                Code::SignInRequired,
                format!("no account matching {}", self.wanted()),
            )
            .action(format!(
                "sign in with `lanyard login`, or use one of: {}",
                list(accounts.iter())
            ))),
            [first, ..] if !distinct => Ok(first),
            several => Err(Failure::new(
                Code::AccountAmbiguous,
                format!("multiple accounts matching {}", self.wanted()),
            )
            .action(format!(
                "say which by user name and tenant id: {}",
                list(several.iter().copied())
            ))),
        }
    }

    fn matches(&self, account: &AccountReply) -> bool {
        let fits = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        fits(&self.username, Some(&account.username))
            && fits(&self.tenant_id, account.tenant.as_deref())
            && fits(&self.authority, Some(account.issuer.trim_end_matches('/')))
            && fits(&self.profile, Some(&account.profile))
    }

    fn wanted(&self) -> String {
        let part = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("{name}: {value}"))
        };
        let parts = [
            part("username", &self.username),
            part("tenant", &self.tenant_id),
            part("authority", &self.authority),
            part("profile", &self.profile),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "(no filter was given)".to_owned() } else { parts.join(" ") }
    }
}

fn list<'a>(accounts: impl Iterator<Item = &'a AccountReply>) -> String {
    let line = |account: &AccountReply| match &account.tenant {
        Some(tenant) => {
            format!("{} (profile {}, tenant {tenant})", account.username, account.profile)
        }
        None => format!("{} (profile {})", account.username, account.profile),
    };
    accounts.map(line).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lanyard_core::{AccountState, Home};

    use super::*;

    #[test]
    fn no_account_none_matching_and_several_are_told_apart() {
        let accounts = [account("maria", "a"), account("omar", "b")];
        assert!(message(&credential(), &[]).contains("no accounts were found"));
        assert!(
            message(&credential().username("eve"), &accounts)
                .contains("no account matching username: eve")
        );
        let several = credential().choose(&accounts).unwrap_err();
        assert_eq!(several.code, Code::AccountAmbiguous);
        assert!(several.action.unwrap().contains("maria (profile p, tenant t)"));
    }

    #[test]
    fn user_name_and_tenant_choose() {
        let accounts = [account("maria", "a"), account("omar", "b")];
        assert_eq!(credential().username("omar").choose(&accounts).unwrap().account, "b");
        assert!(credential().username("omar").tenant_id("other").choose(&accounts).is_err());
        assert!(credential().username("OMAR").choose(&accounts).is_err());
    }

    #[test]
    fn an_authority_may_be_given_as_a_bare_host() {
        let accounts = [account("maria", "a")];
        let host = |host: &str| credential().authority(host);
        assert!(host("login.microsoftonline.com").choose(&accounts).is_ok());
        assert!(host("https://login.microsoftonline.com/").choose(&accounts).is_ok());
        assert!(host("login.microsoftonline.us").choose(&accounts).is_err());
    }

    #[test]
    fn one_account_in_two_tenants_is_one_account() {
        let accounts = [
            account("maria", "a"),
            AccountReply { tenant: Some("u".into()), ..account("maria", "a") },
        ];
        assert_eq!(credential().choose(&accounts).unwrap().account, "a");
    }

    fn message(credential: &SharedTokenCacheCredential, accounts: &[AccountReply]) -> String {
        credential.choose(accounts).unwrap_err().message
    }

    fn credential() -> SharedTokenCacheCredential {
        SharedTokenCacheCredential::new(Client::new(Home::within(Path::new("/none")).unwrap()))
    }

    fn account(username: &str, id: &str) -> AccountReply {
        AccountReply {
            profile: "p".to_owned(),
            provider: "entra".to_owned(),
            issuer: "https://login.microsoftonline.com".to_owned(),
            account: id.to_owned(),
            username: username.to_owned(),
            display_name: None,
            tenant: Some("t".to_owned()),
            tenant_name: None,
            state: AccountState::Ok,
            renews: true,
            token_expires_at: None,
            token_obtained_at: None,
            grant_expires_at: None,
            last_refresh_at: None,
            last_error: None,
        }
    }
}
