use std::path::{Path, PathBuf};

use lanyard_cache::{Cache, CacheError, CacheKeys, KeyHolder};
use lanyard_core::config::{Config, KeySource};
use lanyard_core::{Code, Failure, Passphrase};
use lanyard_engine::Vault;

/// Opens the cache with the keys that the config names. Nothing falls back to another source.
#[derive(Debug)]
pub(crate) struct KeyVault {
    cache: PathBuf,
    config: Config,
}

impl KeyVault {
    pub(crate) fn new(cache: &Path, config: &Config) -> Self {
        Self { cache: cache.to_owned(), config: config.clone() }
    }

    fn keys(&self, passphrase: Option<Passphrase>) -> Result<CacheKeys, CacheError> {
        let holder = match passphrase {
            Some(passphrase) => KeyHolder::Passphrase(passphrase),
            None => KeyHolder::of_config(&self.config, &self.cache)?,
        };
        holder.unlock(&self.cache)
    }
}

impl Vault for KeyVault {
    fn open(&self, passphrase: Option<Passphrase>) -> Result<Cache, Failure> {
        let opened = self.keys(passphrase).and_then(|keys| Cache::open(&self.cache, keys));
        opened.map_err(|error| error.to_failure())
    }

    fn check(&self, passphrase: Passphrase) -> Result<(), Failure> {
        if !self.cache.exists() {
            return Err(Failure::new(
                Code::CacheUnavailable,
                "there is no cache to check it against",
            )
            .action("restore the cache, or begin anew"));
        }
        self.keys(Some(passphrase)).map(drop).map_err(|error| error.to_failure())
    }

    fn has_passphrase(&self) -> bool {
        self.config.key_source == KeySource::Passphrase
    }
}
