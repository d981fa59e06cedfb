//! What is known of grants beyond the file: who uses which one, and what the disk did not take.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use lanyard_cache::Cache;
use lanyard_core::{AccountId, Failure, Grant, Tenant, Token, TokenKey};

use crate::Engine;

type Lock = Arc<tokio::sync::Mutex<()>>;

/// The grants' locks, and what waits in memory for the disk.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    locks: Mutex<HashMap<AccountId, Lock>>,
    unsaved: Mutex<HashMap<AccountId, Unsaved>>,
}

/// What a refresh gave.
#[derive(Debug)]
pub(crate) struct Refreshed {
    pub(crate) key: TokenKey,
    pub(crate) token: Token,
    pub(crate) rotated: Option<Grant>,
    pub(crate) tenant: Option<Tenant>,
}

/// What a refresh gave and the disk did not take, with the reason.
#[derive(Debug, Clone)]
struct Unsaved {
    refreshed: Arc<Refreshed>,
    failure: Failure,
}

impl Grants {
    /// Returns the lock that is held while an account's grant is used: a grant that is rotated must
    /// never be sent twice.
    pub(crate) fn lock(&self, account: &AccountId) -> Lock {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        Arc::clone(locks.entry(account.clone()).or_default())
    }

    /// Returns why what the last refresh of this account gave is not on the disk.
    pub(crate) fn why_unsaved(&self, account: &AccountId) -> Option<Failure> {
        self.with_unsaved(|all| all.get(account).map(|unsaved| unsaved.failure.clone()))
    }

    /// Takes the grant that waits for the disk, because another one or none takes its place.
    pub(crate) fn take_unsaved(&self, account: &AccountId) -> Option<Grant> {
        let unsaved = self.with_unsaved(|all| all.remove(account))?;
        Arc::into_inner(unsaved.refreshed)?.rotated
    }

    pub(crate) fn has_unsaved(&self) -> bool {
        self.with_unsaved(|all| !all.is_empty())
    }

    fn with_unsaved<T>(&self, f: impl FnOnce(&mut HashMap<AccountId, Unsaved>) -> T) -> T {
        f(&mut self.unsaved.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Engine {
    /// Waits until no grant is on its way to a provider or back.
    pub(crate) async fn grants_at_rest(&self) {
        let locks: Vec<Lock> = {
            let locks = self.0.grants.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.values().cloned().collect()
        };
        for lock in locks {
            drop(lock.lock().await);
        }
    }

    pub(crate) fn grant_lock(&self, account: &AccountId) -> Lock {
        self.0.grants.lock(account)
    }

    /// Writes what a refresh gave. What the disk does not take stays in memory until it does: the
    /// provider may have ended the grant that the file holds.
    pub(crate) async fn save(&self, refreshed: Arc<Refreshed>) -> Result<(), Failure> {
        let account = refreshed.key.account.clone();
        let stored = Arc::clone(&refreshed);
        let put = move |cache: &mut Cache| {
            let Refreshed { key, token, rotated, tenant } = &*stored;
            cache.put_refresh(key, token, rotated.as_ref(), tenant.as_ref())
        };
        let Err(failure) = self.0.store.change(put).await else {
            self.0.grants.with_unsaved(|all| all.remove(&account));
            return Ok(());
        };
        tracing::warn!(code = failure.code.as_str(), "a refreshed sign-in could not be written");
        let failure = not_on_disk(failure);
        let unsaved = Unsaved { refreshed, failure: failure.clone() };
        self.0.grants.with_unsaved(|all| all.insert(account, unsaved));
        self.0.in_use.notify_one();
        Err(failure)
    }

    /// Writes what waits for the disk, if anything does. The caller holds the account's lock.
    pub(crate) async fn settle(&self, account: &AccountId) -> Result<(), Failure> {
        let waiting = self.0.grants.with_unsaved(|all| all.get(account).cloned());
        match waiting {
            Some(unsaved) => self.save(unsaved.refreshed).await,
            None => Ok(()),
        }
    }

    /// Tries to write everything that waits for the disk.
    pub(crate) async fn settle_all(&self) {
        let waiting: Vec<AccountId> =
            self.0.grants.with_unsaved(|all| all.keys().cloned().collect());
        for account in waiting {
            let lock = self.grant_lock(&account);
            let _held = lock.lock().await;
            if self.settle(&account).await.is_ok() {
                self.changed();
            }
        }
    }
}

fn not_on_disk(cause: Failure) -> Failure {
    let message = "the refreshed sign-in could not be written; it is kept in memory until it can";
    Failure { message: message.to_owned(), ..cause }
        .action("make room on the disk, and do not stop the broker before that")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_that_nobody_holds_are_forgotten() {
        let grants = Grants::default();
        let held = grants.lock(&AccountId::from_text("held"));
        for number in 0..1000 {
            drop(grants.lock(&AccountId::from_text(format!("a{number}"))));
        }
        assert!(Arc::ptr_eq(&held, &grants.lock(&AccountId::from_text("held"))));
        assert!(grants.locks.lock().unwrap().len() <= 2);
    }
}
