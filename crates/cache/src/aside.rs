//! Files that are moved aside, never deleted.

use std::path::{Path, PathBuf};

use lanyard_core::Passphrase;
use lanyard_core::config::KeySource;

use crate::folder::check_file;
use crate::open::journal_aside;
use crate::private_file::{beside, sync_folder};
use crate::{CacheError, KeyHolder};

/// Files that are kept aside at most; then a person has to look at them.
const MOST: u32 = 1000;

/// Moves the cache at `path` aside, so that the next start begins anew, and returns where it is. Its
/// keys stay with their holder: moved back, it opens again.
pub fn reset(path: &Path) -> Result<Option<PathBuf>, CacheError> {
    check_file(path)?;
    let Some(kept) = keep(path)? else { return Ok(None) };
    let io = |source| CacheError::Io { path: path.to_owned(), source };
    std::fs::remove_file(path).map_err(io)?;
    sync_folder(path)?;
    Ok(Some(kept))
}

/// Forgets every key that is held for the cache at `path`, and for the files that were moved aside: none
/// of them can be opened after that. No passphrase is needed.
pub fn forget_keys(path: &Path, source: KeySource, keyfile: &Path) -> Result<(), CacheError> {
    match source {
        KeySource::Keyring => KeyHolder::Keyring.clear(path),
        KeySource::Passphrase => KeyHolder::Passphrase(Passphrase::new("")).clear(path),
        KeySource::Keyfile => KeyHolder::Keyfile(keyfile.to_owned()).clear(path),
    }
}

/// Gives the file a second name, and moves its journal there, so that another file can take its place
/// in one step.
pub(crate) fn keep(path: &Path) -> Result<Option<PathBuf>, CacheError> {
    if std::fs::symlink_metadata(path).is_err() {
        journal_aside(path)?;
        return Ok(None);
    }
    let io = |source| CacheError::Io { path: path.to_owned(), source };
    let kept = free_name(path)?;
    std::fs::hard_link(path, &kept)
        .or_else(|_| std::fs::copy(path, &kept).map(drop))
        .map_err(io)?;
    let wal = beside(path, "-wal");
    if wal.exists() {
        std::fs::rename(&wal, beside(&kept, "-wal")).map_err(io)?;
    }
    journal_aside(path)?;
    Ok(Some(kept))
}

fn free_name(path: &Path) -> Result<PathBuf, CacheError> {
    let name = |n: u32| beside(path, &format!(".aside-{n}"));
    let free = (1..=MOST).map(name).find(|name| std::fs::symlink_metadata(name).is_err());
    free.ok_or_else(|| CacheError::Io {
        path: path.to_owned(),
        source: std::io::Error::other("too many files were moved aside; look at them"),
    })
}
