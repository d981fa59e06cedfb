//! Keys and other small secrets in the OS keyring. The keyring's calls block, and wait for its
//! prompts without limit, so each runs on a thread of its own with a time limit.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use keyring::v1::{Entry, Error};
use lanyard_core::{SealKey, SecretKey};
use zeroize::Zeroizing;

use crate::error::KeyringProblem;
use crate::{CacheError, KeyringProblem as Problem};

/// The keyring's name for everything of Lanyard's.
const SERVICE: &str = "lanyard";

/// How long an unlocked keyring may take; it answers in milliseconds.
const PROMPT_ANSWER: Duration = Duration::from_secs(10);

/// How long the person may take to unlock the keyring.
const UNLOCK: Duration = Duration::from_mins(1);

/// Both keys of a cache file.
#[derive(Debug)]
pub struct CacheKeys {
    /// Opens the file.
    pub file: SecretKey,
    /// Opens the grants.
    pub seal: SealKey,
}

/// Returns the keys of the cache at `path` from the OS keyring; makes them where there is neither
/// a key nor a file.
///
/// # Errors
/// `KeyMissing` if there is a file but no key; `Keyring` says why the keyring cannot be used.
pub fn load_or_create_keys(path: &Path) -> Result<CacheKeys, CacheError> {
    let exists = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
    let path = path.to_owned();
    limited(move || {
        let key = |kind: &str| {
            let name = entry_name(kind, &path);
            match StoredSecret::new(&name).get() {
                Err(problem) => Err(CacheError::Keyring(problem)),
                Ok(Some(hex)) => parse_key(&hex).map_err(CacheError::Keyring),
                Ok(None) if exists => Err(CacheError::KeyMissing(path.clone())),
                Ok(None) => new_key(&name).map_err(CacheError::Keyring),
            }
        };
        Ok(CacheKeys {
            file: SecretKey::new(key("file-key")?),
            seal: SealKey::new(key("grant-key")?),
        })
    })
    .map_err(CacheError::Keyring)?
}

/// Returns the key of the file at `path`, for a reader that is not the broker.
///
/// # Errors
/// `KeyMissing` if the keyring has none.
pub fn file_key(path: &Path) -> Result<SecretKey, CacheError> {
    let path = path.to_owned();
    limited(move || {
        let stored = StoredSecret::new(&entry_name("file-key", &path)).get();
        let hex = stored.map_err(CacheError::Keyring)?.ok_or(CacheError::KeyMissing(path))?;
        parse_key(&hex).map(SecretKey::new).map_err(CacheError::Keyring)
    })
    .map_err(CacheError::Keyring)?
}

/// Says whether the keyring is there and unlocked, without a prompt.
///
/// # Errors
/// `Absent` or `Locked`.
pub fn keyring_state() -> Result<(), KeyringProblem> {
    match within(PROMPT_ANSWER, platform::is_locked)? {
        Ok(false) => Ok(()),
        Ok(true) => Err(Problem::Locked),
        Err(problem) => Err(problem),
    }
}

/// A small secret of the person's in the OS keyring, such as what `{ keyring = "NAME" }` names.
#[derive(Debug)]
pub struct StoredSecret {
    name: String,
}

impl StoredSecret {
    /// Names an entry.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    /// Names the entry that `{ keyring = "NAME" }` refers to.
    pub fn of_config(name: &str) -> Self {
        Self::new(&format!("secret:{name}"))
    }

    /// Returns the secret, or `None` where there is no entry. Blocks, but not without limit.
    pub fn read(&self) -> Result<Option<Zeroizing<String>>, KeyringProblem> {
        let entry = Self::new(&self.name);
        limited(move || entry.get())?
    }

    /// Stores the secret. Blocks, but not without limit.
    pub fn write(&self, secret: &str) -> Result<(), KeyringProblem> {
        let (entry, secret) = (Self::new(&self.name), Zeroizing::new(secret.to_owned()));
        limited(move || entry.set(&secret))?
    }

    /// Removes the secret; says whether there was one. Blocks, but not without limit.
    pub fn remove(&self) -> Result<bool, KeyringProblem> {
        let entry = Self::new(&self.name);
        limited(move || match entry.entry()?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(problem(&error)),
        })?
    }

    fn get(&self) -> Result<Option<Zeroizing<String>>, KeyringProblem> {
        match self.entry()?.get_password() {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(problem(&error)),
        }
    }

    fn set(&self, secret: &str) -> Result<(), KeyringProblem> {
        self.entry()?.set_password(secret).map_err(|error| problem(&error))
    }

    fn entry(&self) -> Result<Entry, KeyringProblem> {
        Entry::new(SERVICE, &self.name).map_err(|error| problem(&error))
    }
}

/// Runs `work` once the keyring is there. Where it is locked, the person has to unlock it first.
fn limited<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, KeyringProblem> {
    match keyring_state() {
        Ok(()) => within(PROMPT_ANSWER, work),
        Err(Problem::Locked) => {
            tracing::warn!("the login keyring is locked: it asks for its password now");
            let worked = within(UNLOCK, work);
            if keyring_state() == Err(Problem::Locked) { Err(Problem::Locked) } else { worked }
        }
        Err(problem) => Err(problem),
    }
}

fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, KeyringProblem> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || drop(sender.send(work())));
    receiver.recv_timeout(limit).map_err(|_| Problem::Silent(limit.as_secs()))
}

fn entry_name(kind: &str, path: &Path) -> String {
    format!("{kind}:{}", path.display())
}

fn new_key(name: &str) -> Result<Zeroizing<[u8; 32]>, KeyringProblem> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *key).map_err(|error| Problem::Failed(error.to_string()))?;
    let hex: Zeroizing<String> = Zeroizing::new(lanyard_core::hex(&*key));
    StoredSecret::new(name).set(&hex)?;
    Ok(key)
}

fn parse_key(hex: &str) -> Result<Zeroizing<[u8; 32]>, KeyringProblem> {
    let mut key = Zeroizing::new([0; 32]);
    if hex.len() != 64 || !hex.is_ascii() {
        return Err(Problem::Damaged);
    }
    for (n, byte) in key.iter_mut().enumerate() {
        let digits = hex.get(2 * n..2 * n + 2).ok_or(Problem::Damaged)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| Problem::Damaged)?;
    }
    Ok(key)
}

fn problem(error: &Error) -> KeyringProblem {
    if matches!(error, Error::NoDefaultStore) {
        return Problem::Absent("no Secret Service answers".to_owned());
    }
    Problem::Failed(error.to_string())
}

#[cfg(not(any(target_os = "macos", windows)))]
mod platform {
    use zbus::blocking::{Connection, Proxy};
    use zbus::zvariant::OwnedObjectPath;

    use crate::KeyringProblem;

    /// Asks the Secret Service whether the default collection is locked. Blocks.
    pub(super) fn is_locked() -> Result<bool, KeyringProblem> {
        let absent = |error: zbus::Error| KeyringProblem::Absent(error.to_string());
        let bus = Connection::session().map_err(absent)?;
        let (name, root) = ("org.freedesktop.secrets", "/org/freedesktop/secrets");
        let service =
            Proxy::new(&bus, name, root, "org.freedesktop.Secret.Service").map_err(absent)?;
        let path: OwnedObjectPath = service.call("ReadAlias", &"default").map_err(absent)?;
        if path.as_str() == "/" {
            return Err(KeyringProblem::Absent("it has no default collection".to_owned()));
        }
        let interface = "org.freedesktop.Secret.Collection";
        let collection = Proxy::new(&bus, name, path, interface).map_err(absent)?;
        collection.get_property("Locked").map_err(absent)
    }
}

#[cfg(any(target_os = "macos", windows))]
mod platform {
    /// The system's own store unlocks itself with the session.
    pub(super) fn is_locked() -> Result<bool, crate::KeyringProblem> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_keys_are_refused() {
        for bad in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(parse_key(bad).unwrap_err(), Problem::Damaged);
        }
        assert_eq!(*parse_key(&"0f".repeat(32)).unwrap(), [15; 32]);
    }
}
