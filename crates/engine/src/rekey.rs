//! Changes of the cache's keys, and copies of it, while it is open.

use std::path::PathBuf;
use std::sync::Arc;

use lanyard_core::config::KeySource;
use lanyard_core::{Caller, Code, Failure, Passphrase};

use crate::Engine;

/// How the keys are changed.
#[derive(Debug, Default)]
pub struct Rekey {
    /// Who gets the keys as they are; without one they are made anew.
    pub to: Option<KeySource>,
    /// The passphrase that wraps them.
    pub passphrase: Option<Passphrase>,
    /// The passphrase that wraps them from then on.
    pub new_passphrase: Option<Passphrase>,
}

impl Engine {
    /// Returns who holds the cache's keys.
    pub fn key_source(&self) -> KeySource {
        self.0.vault.source()
    }

    /// Changes the cache's keys, or who holds them. The caller of this has made sure that it is the
    /// person who wants it.
    ///
    /// # Errors
    /// `locked`; `usage` where a passphrase is missing; `wrong-key` where it is wrong.
    pub async fn rekey(&self, change: Rekey, caller: &Caller) -> Result<(), Failure> {
        let _latch = self.0.latch.lock().await;
        self.check_unlocked()?;
        let what = change.to.map_or("rekey".to_owned(), |to| format!("keys to {}", to.as_str()));
        let done = match (self.has_passphrase(), &change.passphrase) {
            (true, None) => Err(passphrase_missing()),
            (true, Some(_)) => self.attempt(self.change_keys(change)).await,
            (false, _) => self.change_keys(change).await,
        };
        self.note_cache(caller, &what, done.as_ref().err());
        self.changed();
        done
    }

    async fn change_keys(&self, change: Rekey) -> Result<(), Failure> {
        let vault = Arc::clone(&self.0.vault);
        self.0.store.change(move |cache| Ok(vault.rekey(cache, change))).await?
    }

    /// Makes a backup that `passphrase` opens, and returns the file, for its caller to move. The
    /// caller of this has made sure that it is the person who wants it.
    ///
    /// # Errors
    /// `locked`; `usage` for an empty passphrase.
    pub async fn backup(
        &self,
        passphrase: Passphrase,
        caller: &Caller,
    ) -> Result<PathBuf, Failure> {
        let made = self.0.store.run(move |cache| cache.backup_beside(&passphrase)).await;
        self.note_cache(caller, "backup", made.as_ref().err());
        made
    }

    fn note_cache(&self, caller: &Caller, what: &str, failure: Option<&Failure>) {
        self.remark("cache", Some(caller), Some(what), failure.map(|failure| failure.code));
    }
}

fn passphrase_missing() -> Failure {
    Failure::new(Code::Usage, "a passphrase wraps the keys").action("give it with the call")
}
