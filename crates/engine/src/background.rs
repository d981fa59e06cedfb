use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lanyard_core::config::Config;
use lanyard_core::{Account, Code, DEFAULT_MIN_VALID, TokenKey};

use crate::Engine;

/// How long after its last use a token is still kept fresh.
const IN_USE: SignedDuration = SignedDuration::from_hours(1);

/// Longest sleep while a token is in use: timers stand still while the machine sleeps, so the
/// clock is looked at again.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// Earliest refresh before a token's end; each token's own moment lies between this and twice it.
const AHEAD: Duration = DEFAULT_MIN_VALID;

impl Engine {
    /// Keeps tokens in use fresh, until the engine is stopped. Sleeps while none is in use.
    pub async fn run(&self) {
        loop {
            let in_use = self.refresh_due().await;
            let look_again = async {
                if !in_use {
                    self.0.in_use.notified().await;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            };
            tokio::select! {
                () = look_again => {}
                () = self.0.stopped.cancelled() => return,
            }
        }
    }

    /// Refreshes every token in use whose moment has come. Says whether any is in use, or
    /// something waits for the disk.
    pub async fn refresh_due(&self) -> bool {
        self.settle_all().await;
        let now = self.now();
        let lately = now - IN_USE..=now;
        let in_use = self.0.store.run(move |cache| cache.tokens_in_use(lately)).await;
        let in_use = in_use.unwrap_or_default();
        let is_due = |account: &Account, key: &TokenKey, end: Timestamp| {
            end <= now + margin(key) && may_try_again(account)
        };
        let due = in_use.iter().filter(|(account, key, end)| is_due(account, key, *end));
        let due: Vec<(Account, TokenKey, Timestamp)> = due.cloned().collect();
        for (account, key, _) in due {
            if self.0.stopped.is_cancelled() {
                break;
            }
            let min_valid = margin(&key);
            self.refresh_ahead(account, key, min_valid).await;
        }
        !in_use.is_empty() || self.0.grants.has_unsaved()
    }

    /// Takes over what the config says of accounts that are signed in.
    pub(crate) async fn apply(&self, config: &Config) {
        let sharing: Vec<_> = config
            .profiles
            .values()
            .map(|profile| {
                let issuer = self.provider(profile).ok();
                let issuer = issuer.and_then(|it| it.issuer(profile).map(str::to_owned));
                (profile.name.clone(), issuer, profile.direct)
            })
            .collect();
        let put = move |cache: &mut lanyard_cache::Cache| {
            sharing.iter().try_for_each(|(profile, issuer, direct)| {
                cache.put_direct(profile, issuer.as_deref(), *direct)
            })
        };
        if let Err(failure) = self.0.store.change(put).await {
            tracing::warn!(code = failure.code.as_str(), "the config could not be applied");
        }
    }
}

/// What the provider refused is not asked again behind the person's back; what did not arrive is.
fn may_try_again(account: &Account) -> bool {
    let code = account.last_error.as_ref().map(|error| error.code);
    matches!(code, None | Some(Code::ProviderUnreachable | Code::TimedOut))
}

/// How early a token is refreshed. Spread by its key, so that tokens that were got together are
/// not all refreshed together.
fn margin(key: &TokenKey) -> Duration {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    let spread = BuildHasherDefault::<DefaultHasher>::default().hash_one(key) % AHEAD.as_secs();
    AHEAD + Duration::from_secs(spread)
}
