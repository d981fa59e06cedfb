//! Locked, no key and no token is in memory, and every request is turned away.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lanyard_core::config::KeySource;
use lanyard_core::{Code, Failure, Passphrase};

use crate::question::{Act, Question};
use crate::{Engine, Vault};

/// Why it was locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockReason {
    /// Somebody asked for it.
    Asked,
    /// Nobody used Lanyard for the time that the config names.
    Idle,
    /// The desktop's session was locked.
    Session,
    /// The machine goes to sleep.
    Suspend,
}

impl LockReason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked for",
            Self::Idle => "idle",
            Self::Session => "session locked",
            Self::Suspend => "suspend",
        }
    }
}

/// The wait after each wrong passphrase in a row is twice the one before, up to this.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(5);

/// Longest sleep of the idle watch: timers stand still while the machine sleeps.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// How many wrong passphrases in a row cause no wait.
const FREE: u32 = 2;

/// What became of passphrases lately.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    wrong: u32,
    not_before: Option<Timestamp>,
}

impl Attempts {
    /// # Errors
    /// `locked`, with how long to wait.
    fn check(&self, now: Timestamp) -> Result<(), Failure> {
        let Some(left) = self.not_before.map(|at| at.duration_since(now)) else { return Ok(()) };
        if !left.is_positive() || left > LONGEST_DELAY {
            return Ok(());
        }
        let message = format!("too many wrong passphrases; wait {} s", left.as_secs() + 1);
        Err(Failure::new(Code::Locked, message).action("try again then"))
    }

    fn note(&mut self, right: bool, now: Timestamp) {
        if right {
            *self = Self::default();
            return;
        }
        self.wrong += 1;
        let doublings = self.wrong.saturating_sub(FREE).min(16);
        if doublings > 0 {
            let delay = SignedDuration::from_secs(1 << doublings).min(LONGEST_DELAY);
            self.not_before = Some(now + delay);
        }
    }
}

impl Engine {
    /// Returns whether it is locked.
    pub fn is_locked(&self) -> bool {
        self.0.locked.load(Ordering::Acquire)
    }

    /// # Errors
    /// `locked`.
    pub(crate) fn check_unlocked(&self) -> Result<(), Failure> {
        if self.is_locked() { Err(locked()) } else { Ok(()) }
    }

    /// Turns requests away at once, finishes what is on its way to a provider, then wipes keys and
    /// tokens from memory until the person unlocks. What was allowed until the lock is over.
    pub async fn lock(&self, reason: LockReason) {
        let _latch = self.0.latch.lock().await;
        if self.is_locked() {
            return;
        }
        self.remember_overview().await;
        self.0.locked.store(true, Ordering::Release);
        self.changed();
        self.0.sign_ins.give_up();
        self.grants_at_rest().await;
        self.remark("lock", None, Some(reason.as_str()), None);
        self.flush().await;
        let forgotten = self.0.store.change(lanyard_cache::Cache::remove_approvals).await;
        if let Err(failure) = forgotten {
            tracing::warn!(code = failure.code.as_str(), "the approvals could not be removed");
        }
        self.0.prompts.forget(self.now(), is_unlock);
        self.0.store.close().await;
        self.0.guard.forget();
        tracing::info!(reason = reason.as_str(), "locked");
        self.changed();
    }

    /// Ends the lock. The caller of this has made sure that it is the person who asks.
    ///
    /// # Errors
    /// `locked` where a passphrase is missing or has to wait, `wrong-key` where it is wrong.
    pub async fn unlock(&self, passphrase: Option<Passphrase>) -> Result<(), Failure> {
        let _latch = self.0.latch.lock().await;
        if !self.is_locked() {
            return Ok(());
        }
        let cache = match passphrase {
            Some(_) if !self.has_passphrase() => return Err(no_passphrase()),
            Some(passphrase) => {
                self.attempt(self.with_vault(|vault| vault.open(Some(passphrase)))).await
            }
            None => self.with_vault(|vault| vault.open(None)).await,
        };
        self.0.store.open(cache?).await;
        if let Err(failure) = self.load_guard().await {
            self.0.store.close().await;
            return Err(failure);
        }
        self.touch();
        self.0.locked.store(false, Ordering::Release);
        self.0.prompts.settle(is_unlock, self.now());
        self.remark("unlock", None, None, None);
        self.changed();
        Ok(())
    }

    /// Checks a passphrase that a terminal gave in the person's name.
    ///
    /// # Errors
    /// `wrong-key`, or `locked` while wrong ones have to wait.
    pub(crate) async fn check_passphrase(&self, passphrase: Passphrase) -> Result<(), Failure> {
        self.attempt(self.with_vault(|vault| vault.check(passphrase))).await
    }

    /// Tries a passphrase, unless wrong ones before it have to wait.
    pub(crate) async fn attempt<T>(
        &self,
        trying: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let _one_at_a_time = self.0.attempting.lock().await;
        self.attempts().check(self.now())?;
        let outcome = trying.await;
        match &outcome {
            Ok(_) => self.attempts().note(true, self.now()),
            Err(failure) if failure.code == Code::WrongKey => {
                self.attempts().note(false, self.now());
                self.remark("unlock", None, None, Some(Code::WrongKey));
            }
            Err(_) => {}
        }
        outcome
    }

    async fn with_vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Vault) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let vault = Arc::clone(&self.0.vault);
        let done = tokio::task::spawn_blocking(move || work(vault.as_ref())).await;
        done.unwrap_or_else(|error| Err(Failure::new(Code::Failed, error.to_string())))
    }

    pub(crate) fn has_passphrase(&self) -> bool {
        self.key_source() == KeySource::Passphrase
    }

    /// Notes that somebody uses Lanyard.
    pub(crate) fn touch(&self) {
        *self.last_use() = self.now();
    }

    /// Locks whenever nobody used Lanyard for long enough, until the engine is stopped.
    pub async fn watch_idle(&self) {
        loop {
            let left = self.lock_when_idle().await.unwrap_or(LOOK_AGAIN).min(LOOK_AGAIN);
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                () = self.0.stopped.cancelled() => return,
            }
        }
    }

    /// Locks once nobody used Lanyard for as long as the config says. Returns how long that is from
    /// now, at least.
    pub async fn lock_when_idle(&self) -> Option<Duration> {
        if self.is_locked() {
            return None;
        }
        let after = self.last_config().lock_after?;
        let unused = self.now().duration_since(*self.last_use());
        let left = SignedDuration::try_from(after).ok()? - unused;
        if left.is_positive() && !unused.is_negative() {
            return Duration::try_from(left).ok();
        }
        if unused.is_negative() {
            self.touch();
            return Some(after);
        }
        self.lock(LockReason::Idle).await;
        None
    }
}

fn is_unlock(question: &Question) -> bool {
    matches!(question, Question::Act { act: Act::Unlock })
}

fn no_passphrase() -> Failure {
    Failure::new(Code::Usage, "the cache's keys are not wrapped by a passphrase")
        .action("unlock in Lanyard's window, or run `lanyard unlock`")
}

/// Returns the failure of every request while Lanyard is locked.
pub(crate) fn locked() -> Failure {
    Failure::new(Code::Locked, "Lanyard is locked").action("run `lanyard unlock`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_with_each_wrong_passphrase_and_ends_with_a_right_one() {
        let now = Timestamp::UNIX_EPOCH;
        let mut attempts = Attempts::default();
        attempts.note(false, now);
        attempts.note(false, now);
        assert!(attempts.check(now).is_ok());
        let waits: Vec<i64> = (0..12)
            .map(|_| {
                attempts.note(false, now);
                attempts.not_before.unwrap().duration_since(now).as_secs()
            })
            .collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
        assert_eq!(attempts.check(now).unwrap_err().code, Code::Locked);
        assert!(attempts.check(now + LONGEST_DELAY).is_ok());
        attempts.note(true, now);
        assert!(attempts.check(now).is_ok());
    }

    #[test]
    fn a_clock_that_was_put_back_does_not_shut_the_person_out() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(10);
        let mut attempts = Attempts::default();
        (0..4).for_each(|_| attempts.note(false, now));
        assert!(attempts.check(Timestamp::UNIX_EPOCH).is_ok());
    }
}
