//! What was read of the file lately, so that a cached token costs no trip to the cache's thread.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lanyard_cache::{AccountSummary, Cache};
use lanyard_core::{Failure, ProfileName, Token, TokenKey};

use crate::store::Store;

/// How many tokens, and answers to "which accounts?", are remembered; then all are forgotten.
const MOST: usize = 256;

/// Accounts and tokens as they stand in the file. Every change of the file forgets all of it.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// Counts the changes: what was read before one is not remembered after it.
    changes: u64,
    accounts: Option<Arc<Vec<AccountSummary>>>,
    of_profile: HashMap<(ProfileName, Option<String>), Arc<Vec<AccountSummary>>>,
    tokens: HashMap<TokenKey, Token>,
}

impl Memory {
    /// Forgets everything, because the file changed.
    pub(crate) fn forget(&self) {
        let mut remembered = self.lock();
        let changes = remembered.changes + 1;
        *remembered = Remembered { changes, ..Remembered::default() };
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what was read, unless the file changed since `changes`.
    fn keep(&self, changes: u64, keep: impl FnOnce(&mut Remembered)) {
        let mut remembered = self.lock();
        if remembered.changes == changes {
            keep(&mut remembered);
        }
    }
}

impl Store {
    /// Returns every account.
    pub(crate) async fn accounts(&self) -> Result<Arc<Vec<AccountSummary>>, Failure> {
        let changes = {
            let remembered = self.memory.lock();
            if let Some(accounts) = &remembered.accounts {
                return Ok(Arc::clone(accounts));
            }
            remembered.changes
        };
        let accounts = Arc::new(self.run(|cache| cache.accounts()).await?);
        self.memory.keep(changes, |remembered| remembered.accounts = Some(Arc::clone(&accounts)));
        Ok(accounts)
    }

    /// Returns the accounts of a profile: those with this id or user name, else all.
    pub(crate) async fn accounts_of(
        &self,
        profile: &ProfileName,
        wanted: Option<&str>,
    ) -> Result<Arc<Vec<AccountSummary>>, Failure> {
        let asked = (profile.clone(), wanted.map(str::to_owned));
        let changes = {
            let remembered = self.memory.lock();
            if let Some(accounts) = remembered.of_profile.get(&asked) {
                return Ok(Arc::clone(accounts));
            }
            remembered.changes
        };
        let (profile, wanted) = asked.clone();
        let read = move |cache: &mut Cache| match cache.accounts_of(&profile, wanted.as_deref())? {
            none if none.is_empty() => cache.accounts_of(&profile, None),
            some => Ok(some),
        };
        let accounts = Arc::new(self.run(read).await?);
        self.memory.keep(changes, |remembered| {
            if remembered.of_profile.len() >= MOST {
                remembered.of_profile.clear();
            }
            remembered.of_profile.insert(asked, Arc::clone(&accounts));
        });
        Ok(accounts)
    }

    /// Returns the token with this key.
    pub(crate) async fn find_token(&self, key: &TokenKey) -> Result<Option<Token>, Failure> {
        let changes = {
            let remembered = self.memory.lock();
            if let Some(token) = remembered.tokens.get(key) {
                return Ok(Some(token.clone()));
            }
            remembered.changes
        };
        let wanted = key.clone();
        let found = self.run(move |cache| cache.find_token(&wanted)).await?;
        if let Some(token) = &found {
            self.memory.keep(changes, |remembered| {
                if remembered.tokens.len() >= MOST {
                    remembered.tokens.clear();
                }
                remembered.tokens.insert(key.clone(), token.clone());
            });
        }
        Ok(found)
    }
}
