use std::path::{Path, PathBuf};

use lanyard_cache::{Cache, load_or_create_keys};
use lanyard_core::config::KeySource;
use lanyard_core::{Code, Failure, Passphrase};
use lanyard_engine::Vault;

/// Opens the cache with the keys that the config names. Nothing falls back to another source.
#[derive(Debug)]
pub(crate) struct KeyVault {
    cache: PathBuf,
    source: KeySource,
}

impl KeyVault {
    pub(crate) fn new(cache: &Path, source: KeySource) -> Self {
        Self { cache: cache.to_owned(), source }
    }
}

impl Vault for KeyVault {
    fn open(&self, _: Option<Passphrase>) -> Result<Cache, Failure> {
        if self.source != KeySource::Keyring {
            let message =
                format!("cache.key = \"{}\" is not offered by this version", self.source.as_str());
            return Err(
                Failure::new(Code::ConfigInvalid, message).action("set cache.key = \"keyring\"")
            );
        }
        let keys = load_or_create_keys(&self.cache).map_err(|error| error.to_failure())?;
        Cache::open(&self.cache, keys).map_err(|error| error.to_failure())
    }

    fn check(&self, _: Passphrase) -> Result<(), Failure> {
        Err(Failure::new(Code::WrongKey, "there is no passphrase"))
    }

    fn has_passphrase(&self) -> bool {
        self.source == KeySource::Passphrase
    }
}
