use std::sync::Arc;

use jiff::Timestamp;
use lanyard_cache::{AuditCheck, AuditFilter, AuditRow, TenantSummary};
use lanyard_core::config::Config;
use lanyard_core::{Account, AccountState, Failure, StateInput, Tenant, account_state};

use crate::Engine;

/// Everything that people see.
#[derive(Debug)]
pub struct Overview {
    /// The accounts, one entry for each tenant.
    pub accounts: Vec<AccountStatus>,
    /// The config, or what is wrong with it.
    pub config: Result<Arc<Config>, Failure>,
}

/// An account in one tenant.
#[derive(Debug, Clone)]
pub struct AccountStatus {
    /// The account.
    pub account: Account,
    /// The tenant, where the provider has tenants.
    pub tenant: Option<Tenant>,
    /// How it stands.
    pub state: AccountState,
    /// Whether there is a grant that the provider has not refused.
    pub renews: bool,
    /// When the tenant's longest token was got and ends.
    pub token: Option<(Timestamp, Timestamp)>,
    /// When the grant ends, as far as known.
    pub grant_expires_at: Option<Timestamp>,
}

impl Engine {
    /// Returns everything that people see, read at one moment. While Lanyard is locked, that is what
    /// it was at the lock.
    pub async fn overview(&self) -> Result<Overview, Failure> {
        let config = self.config();
        if self.is_locked() {
            let accounts = self.asleep().clone();
            return Ok(Overview { accounts, config });
        }
        let before =
            config.as_ref().map_or(Config::default().notify_before, |config| config.notify_before);
        let now = self.now();
        let accounts = self.0.store.run(|cache| cache.summaries()).await?;
        let told = |mut entry: TenantSummary| {
            let unsaved = self.0.grants.why_unsaved(&entry.account.id);
            entry.account.last_error = unsaved.or(entry.account.last_error);
            entry
        };
        let accounts =
            accounts.into_iter().map(|entry| standing(told(entry), now, before)).collect();
        Ok(Overview { accounts, config })
    }

    /// Keeps what can be shown while the cache is closed.
    pub(crate) async fn remember_overview(&self) {
        let accounts = self.overview().await.map(|seen| seen.accounts).unwrap_or_default();
        let locked = |account| AccountStatus { state: AccountState::Locked, ..account };
        *self.asleep() = accounts.into_iter().map(locked).collect();
    }

    /// Returns the newest entries of the audit trail that pass the filter, newest first.
    pub async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditRow>, Failure> {
        self.flush().await;
        self.0.store.run(move |cache| cache.newest_audit(&filter)).await
    }

    /// Says whether the audit trail is whole.
    pub async fn check_audit(&self) -> Result<AuditCheck, Failure> {
        self.flush().await;
        self.0.store.run(|cache| cache.verify_audit()).await
    }
}

fn standing(summary: TenantSummary, now: Timestamp, before: std::time::Duration) -> AccountStatus {
    let TenantSummary { account, grant, tenant, token } = summary;
    let input = StateInput {
        has_grant: grant.is_some_and(|grant| !grant.dead),
        grant_dead: grant.is_some_and(|grant| grant.dead),
        grant_expires_at: grant.and_then(|grant| grant.expires_at),
        token_expires_at: token.map(|(_, end)| end),
        failing: account.last_error.is_some(),
    };
    AccountStatus {
        state: account_state(input, now, before),
        renews: input.has_grant && input.grant_expires_at.is_none_or(|end| end > now),
        account,
        tenant,
        token,
        grant_expires_at: input.grant_expires_at,
    }
}
