//! For how long providers asked to be left alone (RFC 9110, section 10.2.3).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use lanyard_core::{AccountId, Failure};

/// Longest pause: a provider's mistake must not stop an account for a day.
const LONGEST: Duration = Duration::from_mins(5);

/// The accounts for which the provider is not asked at present.
#[derive(Debug, Default)]
pub(crate) struct Pauses(Mutex<HashMap<AccountId, Pause>>);

#[derive(Debug)]
struct Pause {
    since: Timestamp,
    until: Timestamp,
    failure: Failure,
}

impl Pause {
    /// A clock that was turned back ends a pause: its end cannot be believed.
    fn holds(&self, now: Timestamp) -> bool {
        (self.since..self.until).contains(&now)
    }
}

impl Pauses {
    pub(crate) fn begin(
        &self,
        account: &AccountId,
        now: Timestamp,
        length: Duration,
        failure: Failure,
    ) {
        let until = now + length.min(LONGEST);
        let mut pauses = self.lock();
        pauses.retain(|_, pause| pause.holds(now));
        pauses.insert(account.clone(), Pause { since: now, until, failure });
    }

    /// Returns what the provider said, while it wants to be left alone.
    pub(crate) fn find(&self, account: &AccountId, now: Timestamp) -> Option<Failure> {
        let pauses = self.lock();
        let pause = pauses.get(account).filter(|pause| pause.holds(now))?;
        let left = pause.until.duration_since(now).as_secs().max(1);
        Some(
            pause
                .failure
                .clone()
                .action(format!("try again in {left} s: the provider asks for it")),
        )
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Pause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
