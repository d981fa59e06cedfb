//! The two files that can hold keys: wrapped by a passphrase, or in the clear as the person chose.

use std::path::{Path, PathBuf};

use lanyard_core::Passphrase;
use zeroize::Zeroizing;

use super::wrap::WrapProblem;
use super::{CacheKeys, Wrapped, decode, encode};
use crate::salt::Salt;
use crate::{CacheError, private_file};

/// The extension of the file with wrapped keys, beside the cache.
const PASSPHRASE_FILE: &str = "keys";

/// The first line of a file with keys in the clear.
const KEYFILE_HEAD: &str = "lanyard-keyfile 1\n";

/// Returns the place of the keys that a passphrase wraps.
pub(crate) fn keys_path(cache: &Path) -> PathBuf {
    cache.with_extension(PASSPHRASE_FILE)
}

pub(super) fn load_sealed(
    path: &Path,
    passphrase: &Passphrase,
) -> Result<Vec<CacheKeys>, CacheError> {
    let Some(wrapped) = wrapped(path)? else { return Ok(Vec::new()) };
    let text = wrapped.open(passphrase).map_err(|problem| explain(problem, path))?;
    let text = std::str::from_utf8(&text).ok();
    text.and_then(decode).ok_or_else(|| explain(WrapProblem::Damaged, path))
}

pub(super) fn store_sealed(
    path: &Path,
    passphrase: &Passphrase,
    sets: &[CacheKeys],
) -> Result<(), CacheError> {
    let salts: Vec<Salt> = sets.iter().map(|set| set.salt).collect();
    let wrapped = Wrapped::new(passphrase, &salts, encode(sets).as_bytes());
    private_file::write(path, wrapped.to_text().as_bytes())
}

/// Returns the salts of the files whose keys are wrapped at `path`; no passphrase is needed.
pub(crate) fn sealed_salts(path: &Path) -> Result<Vec<Salt>, CacheError> {
    Ok(wrapped(path)?.map(|wrapped| wrapped.salts()).unwrap_or_default())
}

fn wrapped(path: &Path) -> Result<Option<Wrapped>, CacheError> {
    let Some(text) = private_file::read(path)? else { return Ok(None) };
    Wrapped::parse(&text).map(Some).map_err(|problem| explain(problem, path))
}

/// Returns what went wrong with what is wrapped at `path`.
pub(crate) fn explain(problem: WrapProblem, path: &Path) -> CacheError {
    let shown = path.display();
    match problem {
        WrapProblem::Passphrase => CacheError::WrongPassphrase(path.to_owned()),
        WrapProblem::Damaged => CacheError::Damaged(format!("{shown} does not hold wrapped keys")),
        WrapProblem::Cost => CacheError::Damaged(format!(
            "{shown} was wrapped with less work than is safe, or with more than is sensible"
        )),
    }
}

pub(super) fn load_plain(path: &Path) -> Result<Vec<CacheKeys>, CacheError> {
    let Some(text) = private_file::read(path)? else { return Ok(Vec::new()) };
    let sets = text.strip_prefix(KEYFILE_HEAD).and_then(decode);
    sets.ok_or_else(|| CacheError::Damaged(format!("{} is no keyfile", path.display())))
}

pub(super) fn store_plain(path: &Path, sets: &[CacheKeys]) -> Result<(), CacheError> {
    let mut text = Zeroizing::new(String::with_capacity(KEYFILE_HEAD.len() + sets.len() * 164));
    text.push_str(KEYFILE_HEAD);
    text.push_str(&encode(sets));
    private_file::write(path, text.as_bytes())
}

/// Returns the salts of the files whose keys are in the keyfile at `path`.
pub(crate) fn keyfile_salts(path: &Path) -> Result<Vec<Salt>, CacheError> {
    Ok(load_plain(path)?.iter().map(|set| set.salt).collect())
}
