use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::CacheError;

/// The right to write a cache file; held by one process, and gone with it.
#[derive(Debug)]
pub struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock of the cache at `cache`, and writes this process's id beside it.
    ///
    /// # Errors
    /// `InUse` with the other process's id if it is taken.
    pub fn take(cache: &Path) -> Result<Self, CacheError> {
        let path = cache.with_extension("db.lock");
        let io = |source| CacheError::Io { path: path.clone(), source };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(io)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                let mut pid = String::new();
                file.take(20).read_to_string(&mut pid).map_err(io)?;
                return Err(CacheError::InUse { pid: pid.trim().to_owned() });
            }
            Err(error) => return Err(io(error.into())),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }

    /// Says whether a process holds the lock of the cache at `cache`.
    pub fn is_held(cache: &Path) -> bool {
        let Ok(file) = File::open(cache.with_extension("db.lock")) else { return false };
        flock(&file, FlockOperation::NonBlockingLockShared) == Err(Errno::WOULDBLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_writer_is_told_the_firsts_pid() {
        let dir = tempfile::tempdir().unwrap();
        let cache = dir.path().join("cache.db");
        let first = WriterLock::take(&cache).unwrap();
        let error = WriterLock::take(&cache).unwrap_err();
        let pid = std::process::id().to_string();
        assert!(matches!(error, CacheError::InUse { pid: found } if found == pid));
        assert!(WriterLock::is_held(&cache));
        drop(first);
        assert!(!WriterLock::is_held(&cache));
        WriterLock::take(&cache).unwrap();
    }
}
