//! A backup: one file with the database and, wrapped by a passphrase, the keys that open it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use lanyard_core::{Passphrase, hex};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::folder::check_file;
use crate::keys::{Wrapped, decode, encode, explain, is_empty};
use crate::private_file::{self, beside};
use crate::{Cache, CacheError, CacheKeys, KeyHolder, aside, copy};

/// The first line of a backup; then a line with the wrapped keys, then the database.
const HEAD: &str = "lanyard-backup 1\n";

/// Longest line with wrapped keys, in bytes.
const LONGEST_LINE: u64 = 16 << 10;

impl Cache {
    /// Writes a backup into a new file beside the cache, for somebody to move, and returns its path.
    pub fn backup_beside(&self, passphrase: &Passphrase) -> Result<PathBuf, CacheError> {
        let to = new_name(&self.path);
        self.backup(&to, passphrase)?;
        Ok(to)
    }

    /// Writes a backup into a new file at `to`: the cache of this moment, under keys of its own that
    /// `passphrase` wraps.
    ///
    /// # Errors
    /// `Io` if there is a file at `to` already, `EmptyPassphrase`.
    pub fn backup(&self, to: &Path, passphrase: &Passphrase) -> Result<(), CacheError> {
        if is_empty(passphrase) {
            return Err(CacheError::EmptyPassphrase);
        }
        let io = |source| CacheError::Io { path: to.to_owned(), source };
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(to).map_err(io)?;
        let snapshot = beside(&self.path, ".backup");
        let written = self.write_backup(file, to, &snapshot, passphrase);
        drop(std::fs::remove_file(&snapshot));
        if written.is_err() {
            drop(std::fs::remove_file(to));
        }
        written
    }

    fn write_backup(
        &self,
        mut file: File,
        to: &Path,
        snapshot: &Path,
        passphrase: &Passphrase,
    ) -> Result<(), CacheError> {
        let io = |source| CacheError::Io { path: to.to_owned(), source };
        let keys = CacheKeys::random();
        self.write_copy(snapshot, &keys)?;
        copy::prove(snapshot, &keys)?;
        let mut database = File::open(snapshot).map_err(io)?;
        let digest = transfer(&mut database, &mut std::io::sink()).map_err(io)?;
        let mut secret = encode(&[keys.copy()]);
        secret.push_str(&digest);
        let wrapped = Wrapped::new(passphrase, &[keys.salt], secret.as_bytes());
        let mut write = || {
            file.write_all(HEAD.as_bytes())?;
            file.write_all(wrapped.to_line().as_bytes())?;
            std::io::copy(&mut File::open(snapshot)?, &mut file)?;
            file.sync_all()
        };
        write().map_err(io)?;
        private_file::sync_folder(to)
    }
}

fn new_name(cache: &Path) -> PathBuf {
    let mut name = [0; 8];
    getrandom::fill(&mut name).expect("the system has random numbers");
    beside(cache, &format!(".backup-{}", hex(&name)))
}

/// Puts the cache of the backup at `from` in the place of the one at `path`, and has `holder` keep its
/// keys. Returns where the replaced file is, if there was one. Everything is checked first.
///
/// # Errors
/// `WrongPassphrase`, `Damaged`, `NewerSchema` say why the backup cannot be used. The cache is as it was.
pub fn restore(
    path: &Path,
    from: &Path,
    passphrase: &Passphrase,
    holder: &KeyHolder,
) -> Result<Option<PathBuf>, CacheError> {
    check_file(path)?;
    let new = beside(path, ".new");
    let unpacked = unpack(from, &new, passphrase).and_then(|keys| {
        copy::prove(&new, &keys)?;
        settle_old(path, holder);
        holder.add(path, keys)?;
        aside::keep(path)
    });
    let io = |source| CacheError::Io { path: path.to_owned(), source };
    match unpacked {
        Ok(kept) => {
            std::fs::rename(&new, path).map_err(io)?;
            private_file::sync_folder(path)?;
            Ok(kept)
        }
        Err(error) => {
            drop(std::fs::remove_file(&new));
            Err(error)
        }
    }
}

/// Writes back the old file's journal where its keys are at hand, so that the file is whole by itself.
fn settle_old(path: &Path, holder: &KeyHolder) {
    if path.exists() {
        let opened = holder.unlock(path).and_then(|keys| Cache::open(path, keys));
        tracing::debug!(settled = opened.is_ok(), "the file that is replaced was closed");
    }
}

/// Writes the database of a backup to `to`, and returns its keys.
fn unpack(from: &Path, to: &Path, passphrase: &Passphrase) -> Result<CacheKeys, CacheError> {
    let io = |source| CacheError::Io { path: from.to_owned(), source };
    let damaged = || CacheError::Damaged(format!("{} is no whole backup", from.display()));
    let mut reader = BufReader::new(File::open(from).map_err(io)?);
    let mut head = vec![0; HEAD.len()];
    reader.read_exact(&mut head).map_err(|_| damaged())?;
    let mut line = Vec::new();
    reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(io)?;
    let line = String::from_utf8(line).map_err(|_| damaged())?;
    if head != HEAD.as_bytes() {
        return Err(damaged());
    }
    let opened = Wrapped::parse(&line).and_then(|wrapped| wrapped.open(passphrase));
    let secret = opened.map_err(|problem| explain(problem, from))?;
    let (keys, digest) = keys_and_digest(&secret).ok_or_else(damaged)?;
    let local = |source| CacheError::Io { path: to.to_owned(), source };
    let mut file = private_file::create(to).map_err(local)?;
    let found = transfer(&mut reader, &mut file).map_err(local)?;
    file.sync_all().map_err(local)?;
    if found == *digest { Ok(keys) } else { Err(damaged()) }
}

fn keys_and_digest(secret: &[u8]) -> Option<(CacheKeys, Zeroizing<String>)> {
    let (keys, digest) = std::str::from_utf8(secret).ok()?.split_once('\n')?;
    Some((decode(keys)?.pop()?, Zeroizing::new(digest.to_owned())))
}

/// Copies everything, and returns its SHA-256.
fn transfer(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<String> {
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 64 << 10]);
    loop {
        let length = match from.read(&mut buffer)? {
            0 => return Ok(hex(&<[u8; 32]>::from(digest.finalize()))),
            length => length,
        };
        digest.update(&buffer[..length]);
        to.write_all(&buffer[..length])?;
    }
}
