use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lanyard_cache::{Cache, CacheError, CacheKeys, KeyHolder, keyfile_path, rewrap};
use lanyard_core::config::{Config, KeySource};
use lanyard_core::descriptor::Descriptor;
use lanyard_core::{Code, Failure, Home, Passphrase};
use lanyard_engine::{Rekey, Vault};

use crate::config_file;

/// Opens the cache with the keys that the config named at the start, or that the person handed over
/// since. Nothing falls back to another source.
#[derive(Debug)]
pub(crate) struct KeyVault {
    cache: PathBuf,
    config: PathBuf,
    descriptors: &'static [&'static Descriptor],
    held: Mutex<Held>,
}

/// Who holds the keys.
#[derive(Debug, Clone)]
struct Held {
    source: KeySource,
    /// Its file, where that is not the one beside the cache.
    keyfile: Option<PathBuf>,
}

impl KeyVault {
    pub(crate) fn new(
        home: &Home,
        descriptors: &'static [&'static Descriptor],
        config: &Config,
    ) -> Self {
        let held = Held { source: config.key_source, keyfile: config.keyfile.clone() };
        let (cache, config) = (home.cache.clone(), home.config.clone());
        Self { cache, config, descriptors, held: Mutex::new(held) }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self, passphrase: Option<Passphrase>) -> Result<CacheKeys, CacheError> {
        let holder = match passphrase {
            Some(passphrase) => KeyHolder::Passphrase(passphrase),
            None => self.holder(None)?,
        };
        holder.unlock(&self.cache)
    }

    /// # Errors
    /// `PassphraseNeeded`.
    fn holder(&self, passphrase: Option<Passphrase>) -> Result<KeyHolder, CacheError> {
        let Held { source, keyfile } = self.held().clone();
        match (source, passphrase) {
            (KeySource::Keyring, _) => Ok(KeyHolder::Keyring),
            (KeySource::Passphrase, Some(passphrase)) => Ok(KeyHolder::Passphrase(passphrase)),
            (KeySource::Passphrase, None) => Err(CacheError::PassphraseNeeded),
            (KeySource::Keyfile, _) => Ok(KeyHolder::Keyfile(self.keyfile(keyfile))),
        }
    }

    fn keyfile(&self, named: Option<PathBuf>) -> PathBuf {
        named.unwrap_or_else(|| keyfile_path(&self.cache))
    }

    /// Hands the keys over, and goes on with the new holder once the config names it.
    fn hand_over(
        &self,
        from: &KeyHolder,
        to: KeySource,
        new_passphrase: Option<Passphrase>,
    ) -> Result<(), Failure> {
        let keyfile = self.held().keyfile.clone().filter(|_| to == KeySource::Keyfile);
        let target = match (to, new_passphrase) {
            (KeySource::Passphrase, None) => return Err(no_new_passphrase()),
            (KeySource::Passphrase, Some(passphrase)) => KeyHolder::Passphrase(passphrase),
            (KeySource::Keyring, _) => KeyHolder::Keyring,
            (KeySource::Keyfile, _) => KeyHolder::Keyfile(self.keyfile(keyfile.clone())),
        };
        let noted = || {
            let path = keyfile.as_deref();
            config_file::note_key_source(&self.config, to, path, self.descriptors)?;
            *self.held() = Held { source: to, keyfile };
            Ok(())
        };
        rewrap(&self.cache, from, &target, || noted().map_err(NotDone)).map_err(|NotDone(why)| why)
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

    fn source(&self) -> KeySource {
        self.held().source
    }

    fn rekey(&self, cache: &mut Cache, change: Rekey) -> Result<(), Failure> {
        let from = self.holder(change.passphrase).map_err(|error| error.to_failure())?;
        if let KeyHolder::Keyfile(file) = &from {
            check_beside(file, &self.cache)?;
        }
        match change.to {
            None => cache.rekey(&from).map_err(|error| error.to_failure()),
            Some(to) => self.hand_over(&from, to, change.new_passphrase),
        }
    }
}

/// Why the keys were not handed over.
#[derive(Debug)]
pub(crate) struct NotDone(pub(crate) Failure);

impl From<CacheError> for NotDone {
    fn from(error: CacheError) -> Self {
        Self(error.to_failure())
    }
}

/// The broker is confined to its own folders.
fn check_beside(keyfile: &Path, cache: &Path) -> Result<(), Failure> {
    if keyfile.parent() == cache.parent() {
        return Ok(());
    }
    let message = format!("the broker may not write {}", keyfile.display());
    let pid = std::process::id();
    Err(Failure::new(Code::CacheUnavailable, message)
        .action(format!("stop it with `kill {pid}`, then repeat the command")))
}

fn no_new_passphrase() -> Failure {
    Failure::new(Code::Usage, "there is no new passphrase to wrap the keys").action("give one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_unlock_follows_the_keys_to_their_new_holder() {
        let (dir, home) = home("# mine\n[cache]\nkey = \"keyfile\"\n");
        let vault = vault(&home);
        let mut cache = vault.open(None).unwrap();
        cache.put_setting("mark", "1").unwrap();
        vault.rekey(&mut cache, to(KeySource::Passphrase, None, Some("secret"))).unwrap();
        assert_eq!(vault.source(), KeySource::Passphrase);
        assert!(!keyfile_path(&home.cache).exists());
        let config = std::fs::read_to_string(&home.config).unwrap();
        assert_eq!(config, "# mine\n[cache]\nkey = \"passphrase\"\n");
        drop(cache);
        assert_eq!(vault.open(None).unwrap_err().code, Code::Locked);
        let mut cache = vault.open(Some(Passphrase::new("secret"))).unwrap();

        let back = |passphrase| to(KeySource::Keyfile, Some(passphrase), None);
        let wrong = vault.rekey(&mut cache, back("wrong")).unwrap_err();
        assert_eq!((wrong.code, vault.source()), (Code::WrongKey, KeySource::Passphrase));
        vault.rekey(&mut cache, back("secret")).unwrap();
        vault.rekey(&mut cache, Rekey::default()).unwrap();
        drop(cache);
        let cache = vault.open(None).unwrap();
        assert_eq!(cache.find_setting("mark").unwrap().as_deref(), Some("1"));
        drop(dir);
    }

    #[test]
    fn what_cannot_be_written_or_is_not_given_changes_nothing() {
        let (dir, home) = home("");
        let elsewhere = dir.path().join("keyfile");
        let text = format!("[cache]\nkey = \"keyfile\"\nkeyfile = \"{}\"\n", elsewhere.display());
        config_file::write(&home.config, &text).unwrap();
        let vault = vault(&home);
        let mut cache = vault.open(None).unwrap();
        let before = std::fs::read(&elsewhere).unwrap();
        let refused = vault.rekey(&mut cache, Rekey::default()).unwrap_err();
        assert!(refused.action.unwrap().contains(&format!("kill {}", std::process::id())));
        assert_eq!(std::fs::read(&elsewhere).unwrap(), before);
        config_file::write(&home.config, "[cache]\nkey = \"keyfile\"\n").unwrap();
        std::fs::rename(&elsewhere, keyfile_path(&home.cache)).unwrap();
        let vault = self::vault(&home);
        let refused = vault.rekey(&mut cache, to(KeySource::Passphrase, None, None)).unwrap_err();
        assert_eq!((refused.code, vault.source()), (Code::Usage, KeySource::Keyfile));
        let refused = vault.rekey(&mut cache, to(KeySource::Passphrase, None, Some("")));
        assert_eq!((refused.unwrap_err().code, vault.source()), (Code::Usage, KeySource::Keyfile));
        vault.open(None).unwrap();
    }

    #[test]
    fn a_config_that_cannot_be_edited_leaves_the_keys_where_they_are() {
        let (_dir, home) = home("[cache]\nkey = \"keyfile\"\n");
        let vault = vault(&home);
        let mut cache = vault.open(None).unwrap();
        std::fs::write(&home.config, "[cache").unwrap();
        let change = to(KeySource::Passphrase, None, Some("secret"));
        assert_eq!(vault.rekey(&mut cache, change).unwrap_err().code, Code::ConfigInvalid);
        assert_eq!(vault.source(), KeySource::Keyfile);
        drop(cache);
        vault.open(None).unwrap();
    }

    fn home(config: &str) -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        lanyard_cache::private_folder(&dir.path().join("home")).unwrap();
        let home = Home::within(&dir.path().join("home")).unwrap();
        config_file::write(&home.config, config).unwrap();
        (dir, home)
    }

    fn vault(home: &Home) -> KeyVault {
        let descriptors = lanyard_providers::DESCRIPTORS;
        KeyVault::new(home, descriptors, &config_file::load(&home.config, descriptors).unwrap())
    }

    fn to(to: KeySource, passphrase: Option<&str>, new_passphrase: Option<&str>) -> Rekey {
        let passphrase = passphrase.map(Passphrase::new);
        Rekey { to: Some(to), passphrase, new_passphrase: new_passphrase.map(Passphrase::new) }
    }
}
