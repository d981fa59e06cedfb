use std::path::{Path, PathBuf};

use lanyard_core::Passphrase;
use lanyard_core::config::{Config, KeySource};
use secrecy::ExposeSecret;

use super::{CacheKeys, UNKNOWN_SALT, keys_file, keys_path};
use crate::folder::check_file;
use crate::salt::Salt;
use crate::{CacheError, keyring, open};

/// Sets of keys that are kept for files that are elsewhere, if they are at all.
const MOST_STRAYS: usize = 8;

/// Who holds the keys of a cache, and what is needed to get them. Nothing falls back by itself.
#[derive(Debug)]
pub enum KeyHolder {
    /// The OS keyring.
    Keyring,
    /// A file beside the cache, wrapped by this passphrase.
    Passphrase(Passphrase),
    /// A file that the person chose, in the clear.
    Keyfile(PathBuf),
}

impl KeyHolder {
    /// Returns the holder that the config names for the cache at `cache`.
    ///
    /// # Errors
    /// `PassphraseNeeded` where only the person can open it.
    pub fn of_config(config: &Config, cache: &Path) -> Result<Self, CacheError> {
        match config.key_source {
            KeySource::Keyring => Ok(Self::Keyring),
            KeySource::Passphrase => Err(CacheError::PassphraseNeeded),
            KeySource::Keyfile => {
                Ok(Self::Keyfile(config.keyfile.clone().unwrap_or_else(|| keyfile_path(cache))))
            }
        }
    }

    /// Returns the word for it in the config file.
    pub fn source(&self) -> KeySource {
        match self {
            Self::Keyring => KeySource::Keyring,
            Self::Passphrase(_) => KeySource::Passphrase,
            Self::Keyfile(_) => KeySource::Keyfile,
        }
    }

    /// Returns the keys of the cache at `path`, or makes and keeps new ones where there is no file.
    ///
    /// # Errors
    /// `KeyMissing`: there is a file, and no key at all. `ForeignFile`: the keys are for another file.
    /// `WrongPassphrase`, `Keyring`, `Exposed`, `Damaged` say why the holder cannot be used.
    pub fn unlock(&self, path: &Path) -> Result<CacheKeys, CacheError> {
        check_file(path)?;
        let Some(salt) = Salt::of_file(path)? else {
            let keys = CacheKeys::random();
            self.add(path, keys.copy())?;
            return Ok(keys);
        };
        let sets = self.load(path)?;
        let held = self.describe(path);
        if sets.is_empty() {
            return Err(CacheError::KeyMissing { path: path.to_owned(), holder: held });
        }
        if let Some(keys) = sets.iter().find(|set| set.salt == salt) {
            return Ok(keys.copy());
        }
        let unsalted = sets.iter().find(|set| set.salt == UNKNOWN_SALT);
        let foreign = || CacheError::ForeignFile { path: path.to_owned(), holder: held };
        let keys = unsalted.ok_or_else(foreign)?.with_salt(salt);
        open::prove(path, &keys.file)?;
        self.add(path, keys.copy())?;
        self.remove(path, UNKNOWN_SALT)?;
        Ok(keys)
    }

    /// Keeps one more set of keys. Of the others, those of files beside the cache all stay.
    pub(crate) fn add(&self, path: &Path, keys: CacheKeys) -> Result<(), CacheError> {
        let mut sets = self.load(path)?;
        let (beside, mut strays) = (Salt::beside(path), 0);
        sets.retain(|set| {
            strays += usize::from(!beside.contains(&set.salt));
            set.salt != keys.salt && (strays <= MOST_STRAYS || beside.contains(&set.salt))
        });
        sets.insert(0, keys);
        self.store(path, &sets)
    }

    /// Forgets the keys of the file with this salt.
    pub(crate) fn remove(&self, path: &Path, salt: Salt) -> Result<(), CacheError> {
        let mut sets = self.load(path)?;
        sets.retain(|set| set.salt != salt);
        self.store(path, &sets)
    }

    /// Forgets the keys of all files but those with these salts.
    pub(crate) fn keep_only(&self, path: &Path, salts: &[Salt]) -> Result<(), CacheError> {
        let mut sets = self.load(path)?;
        sets.retain(|set| salts.contains(&set.salt));
        self.store(path, &sets)
    }

    /// Checks that it has keys for the file with this salt.
    pub(crate) fn check_holds(&self, path: &Path, salt: Salt) -> Result<(), CacheError> {
        let holder = self.describe(path);
        match self.load(path)?.iter().any(|set| set.salt == salt) {
            true => Ok(()),
            false => Err(CacheError::KeyMissing { path: path.to_owned(), holder }),
        }
    }

    /// Returns every set of keys that is held for the cache at `path`.
    pub(crate) fn load(&self, path: &Path) -> Result<Vec<CacheKeys>, CacheError> {
        match self {
            Self::Keyring => keyring::load(path),
            Self::Passphrase(passphrase) => keys_file::load_sealed(&keys_path(path), passphrase),
            Self::Keyfile(file) => keys_file::load_plain(file),
        }
    }

    /// Holds these sets of keys and no others.
    pub(crate) fn store(&self, path: &Path, sets: &[CacheKeys]) -> Result<(), CacheError> {
        match self {
            Self::Keyring => keyring::store(path, sets),
            Self::Passphrase(passphrase) if is_empty(passphrase) => {
                Err(CacheError::EmptyPassphrase)
            }
            Self::Passphrase(passphrase) => {
                keys_file::store_sealed(&keys_path(path), passphrase, sets)
            }
            Self::Keyfile(file) => keys_file::store_plain(file, sets),
        }
    }

    /// Forgets everything that is held for the cache at `path`.
    pub(crate) fn clear(&self, path: &Path) -> Result<(), CacheError> {
        let file = match self {
            Self::Keyring => return keyring::clear(path),
            Self::Passphrase(_) => keys_path(path),
            Self::Keyfile(file) => file.clone(),
        };
        match std::fs::remove_file(&file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(CacheError::Io { path: file, source })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Names the holder, for messages.
    pub(crate) fn describe(&self, path: &Path) -> String {
        match self {
            Self::Keyring => "the keyring".to_owned(),
            Self::Passphrase(_) => keys_path(path).display().to_string(),
            Self::Keyfile(file) => file.display().to_string(),
        }
    }
}

/// Returns the place of the keyfile where the config names none.
pub fn keyfile_path(cache: &Path) -> PathBuf {
    cache.with_extension("keyfile")
}

/// Says whether a passphrase would be a new one for the cache at `path`: it is then asked for twice.
pub fn is_passphrase_new(path: &Path) -> bool {
    !keys_path(path).exists()
}

#[expect(clippy::disallowed_methods, reason = "only its length is looked at")]
pub(crate) fn is_empty(passphrase: &Passphrase) -> bool {
    passphrase.expose_secret().is_empty()
}
