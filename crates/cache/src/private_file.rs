//! Small private files: whole at any moment, and nobody else's.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::CacheError;
use crate::folder::{check_file, check_keeper};

/// Largest file that is read, in bytes.
const LARGEST: u64 = 64 << 10;

/// Returns the text of a private file, or `None` where there is no file.
///
/// # Errors
/// `Exposed` if others can reach it; `Damaged` if it is no text or too large.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<String>>, CacheError> {
    check_file(path)?;
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(CacheError::Io { path: path.to_owned(), source }),
    };
    check_keeper(path)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|source| CacheError::Io { path: path.to_owned(), source })?;
    let damaged = || CacheError::Damaged(format!("{} does not hold keys", path.display()));
    if bytes.len() as u64 > LARGEST {
        return Err(damaged());
    }
    std::str::from_utf8(&bytes)
        .map(|text| Some(Zeroizing::new(text.to_owned())))
        .map_err(|_| damaged())
}

/// Replaces a private file in one step.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), CacheError> {
    check_file(path)?;
    check_keeper(path)?;
    let new = beside(path, ".new");
    let written = (|| {
        let mut file = create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    })();
    if let Err(source) = written {
        drop(std::fs::remove_file(&new));
        return Err(CacheError::Io { path: path.to_owned(), source });
    }
    sync_folder(path)
}

/// Returns the file's path with more behind it.
pub(crate) fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    name.into()
}

/// Makes an empty private file, in place of what a killed process left there.
pub(crate) fn create(path: &Path) -> std::io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Makes what was renamed or removed beside `path` last over a power cut.
pub(crate) fn sync_folder(path: &Path) -> Result<(), CacheError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| CacheError::Io { path: folder.to_owned(), source })
}
