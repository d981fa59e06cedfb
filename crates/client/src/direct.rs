//! Reads still valid access tokens from the file, without a broker, for accounts that the person
//! switched to `direct`. It passes by approvals, lock and audit; grants stay out of reach.

use std::time::Duration;

use lanyard_api::{AccountReply, TokenReply, TokenSource};
use lanyard_cache::{ReadOnlyCache, file_key};
use lanyard_core::{
    AccountId, AccountState, Audience, Clock, DEFAULT_MIN_VALID, Freshness, Home, Scopes,
    SystemClock, freshness,
};
use secrecy::ExposeSecret;

/// The open file, and the accounts in it that are shared with direct readers.
pub(crate) struct Direct {
    cache: ReadOnlyCache,
    pub(crate) accounts: Vec<AccountReply>,
}

/// Opens the file, if there is one with accounts for direct readers. Anything that stands against it
/// is no error here: the broker is asked then, and says what is wrong.
pub(crate) fn open(home: &Home) -> Option<Direct> {
    if !home.cache.exists() {
        return None;
    }
    let cache =
        file_key(&home.cache).and_then(|key| ReadOnlyCache::open(&home.cache, &key)).ok()?;
    let accounts: Vec<AccountReply> =
        cache.direct_accounts().ok()?.into_iter().map(reply).collect();
    (!accounts.is_empty()).then_some(Direct { cache, accounts })
}

impl Direct {
    /// Returns a fresh token of the account for these scopes, if the file holds one.
    #[expect(clippy::disallowed_methods, reason = "the caller asked for the token")]
    pub(crate) fn find(
        &self,
        account: &AccountReply,
        tenant: Option<&str>,
        scopes: &[&str],
    ) -> Option<TokenReply> {
        let id = AccountId::from_text(&account.account);
        let tenant = tenant.or(account.tenant.as_deref()).unwrap_or_default();
        let audience = Audience::Scopes(scopes.iter().collect::<Scopes>());
        let token = self.cache.find_direct_token(&id, tenant, &audience).ok()??;
        let now = SystemClock.now();
        let least: Duration = DEFAULT_MIN_VALID;
        if freshness(now, token.obtained_at, token.expires_at, least) != Freshness::Fresh {
            return None;
        }
        Some(TokenReply {
            token: token.access_token.expose_secret().to_owned(),
            token_type: "Bearer".to_owned(),
            expires_at: token.expires_at,
            expires_in: token.expires_at.duration_since(now).as_secs(),
            scopes: token.scopes.iter().map(str::to_owned).collect(),
            profile: account.profile.clone(),
            account: account.account.clone(),
            tenant: Some(tenant.to_owned()).filter(|tenant| !tenant.is_empty()),
            source: TokenSource::Cache,
            dpop: None,
            warning: None,
        })
    }
}

fn reply(account: lanyard_core::Account) -> AccountReply {
    AccountReply {
        profile: account.profile.to_string(),
        provider: account.provider,
        issuer: account.issuer,
        account: account.id.to_string(),
        username: account.username,
        display_name: account.display_name,
        tenant: account.tenant,
        tenant_name: None,
        state: AccountState::Ok,
        renews: true,
        token_expires_at: None,
        token_obtained_at: None,
        grant_expires_at: None,
        last_refresh_at: account.last_refresh_at,
        last_error: None,
    }
}
