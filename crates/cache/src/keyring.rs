//! Keys and other small secrets in the OS keyring. The keyring's calls block, and wait for its
//! prompts without limit, so each runs on a thread of its own with a time limit.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use keyring::v1::{Entry, Error};
use lanyard_core::SecretKey;
use zeroize::Zeroizing;

use crate::error::KeyringProblem;
use crate::keys::{UNKNOWN_SALT, bytes_of, parse_file_key, parse_salt, parse_seal_key, secret_hex};
use crate::salt::Salt;
use crate::{CacheError, CacheKeys, KeyringProblem as Problem};

/// The keyring's name for everything of Lanyard's.
const SERVICE: &str = "lanyard";

/// How long an unlocked keyring may take; it answers in milliseconds.
const PROMPT_ANSWER: Duration = Duration::from_secs(10);

/// How long the person may take to unlock the keyring.
const UNLOCK: Duration = Duration::from_mins(1);

/// The kinds of keys; an entry of each for every cache.
const FILE_KEY: &str = "file-key";
const GRANT_KEY: &str = "grant-key";

/// A key with the salt of its file.
type Salted<K> = (Salt, K);

/// Returns every set of keys for the cache at `path`.
pub(crate) fn load(path: &Path) -> Result<Vec<CacheKeys>, CacheError> {
    let path = path.to_owned();
    let load = move || -> Result<Vec<CacheKeys>, KeyringProblem> {
        let files = parse(FILE_KEY, &path, parse_file_key)?;
        let mut seals = parse(GRANT_KEY, &path, parse_seal_key)?;
        let mut set = |(salt, file): Salted<SecretKey>| {
            let at = seals.iter().position(|(of, _)| *of == salt)?;
            Some(CacheKeys::new(file, seals.swap_remove(at).1, salt))
        };
        Ok(files.into_iter().filter_map(&mut set).collect())
    };
    limited(load).and_then(|loaded| loaded).map_err(CacheError::Keyring)
}

/// Returns the salts of the files that there are keys for. A key of the first version is for the file
/// that is there.
pub(crate) fn salts(path: &Path) -> Result<Vec<Salt>, CacheError> {
    let present = Salt::of_file(path)?.unwrap_or(UNKNOWN_SALT);
    let salt = |set: CacheKeys| if set.salt == UNKNOWN_SALT { present } else { set.salt };
    Ok(load(path)?.into_iter().map(salt).collect())
}

/// Keeps these sets of keys for the cache at `path`, and no others. A set counts once both entries
/// have it.
pub(crate) fn store(path: &Path, sets: &[CacheKeys]) -> Result<(), CacheError> {
    let entries = [
        (entry_name(GRANT_KEY, path), line(sets.iter().map(|set| (set.salt, bytes_of(&set.seal))))),
        (entry_name(FILE_KEY, path), line(sets.iter().map(|set| (set.salt, bytes_of(&set.file))))),
    ];
    let store =
        move || entries.iter().try_for_each(|(name, text)| StoredSecret::new(name).set(text));
    limited(store).and_then(|stored| stored).map_err(CacheError::Keyring)
}

/// Forgets the keys for the cache at `path`.
pub(crate) fn clear(path: &Path) -> Result<(), CacheError> {
    for kind in [FILE_KEY, GRANT_KEY] {
        StoredSecret::new(&entry_name(kind, path)).remove().map_err(CacheError::Keyring)?;
    }
    Ok(())
}

/// Returns the key of the file at `path`, for a reader that is not the broker.
///
/// # Errors
/// `KeyMissing` if the keyring has none.
pub fn file_key(path: &Path) -> Result<SecretKey, CacheError> {
    let (salt, owned) = (Salt::of_file(path)?, path.to_owned());
    let read = move || parse(FILE_KEY, &owned, parse_file_key);
    let keys = limited(read).and_then(|keys| keys).map_err(CacheError::Keyring)?;
    let fits = |(of, _): &Salted<SecretKey>| Some(*of) == salt || *of == UNKNOWN_SALT;
    let holder = "the keyring".to_owned();
    let missing = || CacheError::KeyMissing { path: path.to_owned(), holder };
    keys.into_iter().find(fits).map(|(_, key)| key).ok_or_else(missing)
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

fn parse<K>(
    kind: &str,
    path: &Path,
    key: impl Fn(&str) -> Option<K>,
) -> Result<Vec<Salted<K>>, KeyringProblem> {
    let text = StoredSecret::new(&entry_name(kind, path)).get()?;
    text.map_or_else(|| Ok(Vec::new()), |text| parse_line(&text, key).ok_or(Problem::Damaged))
}

/// Reads keys with blanks between, each behind its file's salt. The first version noted no salt.
fn parse_line<K>(text: &str, key: impl Fn(&str) -> Option<K>) -> Option<Vec<Salted<K>>> {
    let salted = |word: &str| match word.split_once(':') {
        Some((salt, text)) => Some((parse_salt(salt)?, key(text)?)),
        None => Some((UNKNOWN_SALT, key(word)?)),
    };
    text.split(' ').map(salted).collect()
}

fn line<'a>(keys: impl Iterator<Item = (Salt, &'a [u8; 32])>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(1024));
    for (salt, key) in keys {
        if !text.is_empty() {
            text.push(' ');
        }
        if salt != UNKNOWN_SALT {
            text.push_str(&salt.to_string());
            text.push(':');
        }
        text.push_str(&secret_hex(key));
    }
    text
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
    fn keys_of_both_forms_read_back() {
        let keys = [(Salt([1; 16]), &[2; 32]), (UNKNOWN_SALT, &[3; 32])];
        let read = parse_line(&line(keys.into_iter()), parse_file_key).unwrap();
        assert_eq!((read[0].0, bytes_of(&read[0].1)), (Salt([1; 16]), &[2; 32]));
        assert_eq!((read[1].0, bytes_of(&read[1].1)), (UNKNOWN_SALT, &[3; 32]));
    }

    #[test]
    fn damaged_entries_are_refused() {
        for bad in ["", "00", &"g".repeat(64), &"é".repeat(32), &format!("00:{}", "0".repeat(64))]
        {
            assert!(parse_line(bad, parse_file_key).is_none(), "{bad}");
        }
    }
}
