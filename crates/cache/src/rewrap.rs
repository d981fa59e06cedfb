//! The same keys with another holder.

use std::path::Path;

use lanyard_core::config::KeySource;

use crate::keys::{keyfile_salts, keys_path, sealed_salts};
use crate::salt::Salt;
use crate::{CacheError, KeyHolder, keyring, open};

/// Hands the keys of the cache at `path` over to another holder, or to the same one under another
/// passphrase. The file itself is not touched. `then` runs once the new holder is proven to have
/// them, and before the old one forgets them: until then either of them opens the file.
///
/// # Errors
/// The old holder has the keys still.
pub fn rewrap<E: From<CacheError>>(
    path: &Path,
    from: &KeyHolder,
    to: &KeyHolder,
    then: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    hand_over(path, from, to)?;
    then()?;
    if !is_same_place(from, to) {
        from.clear(path)?;
    }
    Ok(())
}

fn hand_over(path: &Path, from: &KeyHolder, to: &KeyHolder) -> Result<(), CacheError> {
    open::prove(path, &from.unlock(path)?.file)?;
    let mut sets = from.load(path)?;
    if !is_same_place(from, to) {
        let known: Vec<Salt> = sets.iter().map(|set| set.salt).collect();
        sets.extend(to.load(path)?.into_iter().filter(|set| !known.contains(&set.salt)));
    }
    to.store(path, &sets)?;
    open::prove(path, &to.unlock(path)?.file)
}

fn is_same_place(from: &KeyHolder, to: &KeyHolder) -> bool {
    match (from, to) {
        (KeyHolder::Keyfile(from), KeyHolder::Keyfile(to)) => from == to,
        (from, to) => from.source() == to.source(),
    }
}

/// Returns who holds keys for the very file at `path`; no passphrase is needed to tell. A holder that
/// cannot be looked at holds nothing.
pub fn holders_of(path: &Path, keyfile: &Path) -> Vec<KeySource> {
    let Ok(Some(salt)) = Salt::of_file(path) else { return Vec::new() };
    let holds = |source: &KeySource| {
        let salts = match source {
            KeySource::Keyring => keyring::salts(path),
            KeySource::Passphrase => sealed_salts(&keys_path(path)),
            KeySource::Keyfile => keyfile_salts(keyfile),
        };
        salts.is_ok_and(|salts| salts.contains(&salt))
    };
    KeySource::ALL.into_iter().filter(holds).collect()
}
