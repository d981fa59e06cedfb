//! Digests of programs, kept as long as their files do not change.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use lanyard_core::{Clock, SystemClock, hex};
use rustix::fs::Statx;
use sha2::{Digest, Sha256};

use super::process::{FileId, look_at};

/// How many digests are kept.
const MOST: usize = 1024;

/// How long a file must have been left alone for its digest to be kept: a second change within one
/// tick of the file system's clock would not show in its times.
const SETTLED_SECONDS: i64 = 2;

/// A file and its content, as far as its times tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Version {
    file: FileId,
    size: u64,
    modified: (i64, u32),
    changed: (i64, u32),
}

#[derive(Debug, Default)]
pub(super) struct Digests(Mutex<HashMap<Version, String>>);

impl Digests {
    /// Returns the file with the digest of its content; `None` if it cannot be read.
    pub(super) fn of(&self, path: &Path) -> Option<(FileId, String)> {
        let version = Version::from(&look_at(path)?);
        if let Some(digest) = self.lock().get(&version) {
            return Some((version.file, digest.clone()));
        }
        let mut file = File::open(path).ok()?;
        let found = file.metadata().ok()?;
        let mut digest = Sha256::new();
        std::io::copy(&mut file, &mut digest).ok()?;
        let digest = hex(&digest.finalize());
        let now = Version::from(&look_at(path)?);
        if (found.ino(), &now) != (version.file.inode, &version) {
            return None;
        }
        self.keep(version.clone(), &digest);
        Some((version.file, digest))
    }

    fn keep(&self, version: Version, digest: &str) {
        if SystemClock.now().as_second() - version.changed.0 < SETTLED_SECONDS {
            return;
        }
        let mut kept = self.lock();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(version, digest.to_owned());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Version, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<&Statx> for Version {
    fn from(found: &Statx) -> Self {
        Self {
            file: FileId::from(found),
            size: found.stx_size,
            modified: (found.stx_mtime.tv_sec, found.stx_mtime.tv_nsec),
            changed: (found.stx_ctime.tv_sec, found.stx_ctime.tv_nsec),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settled_file_is_read_once() {
        let digests = Digests::default();
        let first = digests.of(Path::new("/bin/sh")).unwrap();
        assert_eq!(digests.lock().len(), 1);
        for digest in digests.lock().values_mut() {
            "kept".clone_into(digest);
        }
        assert_eq!(digests.of(Path::new("/bin/sh")).unwrap(), (first.0, "kept".to_owned()));
    }

    #[test]
    fn a_file_that_was_just_written_is_read_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("program");
        let digests = Digests::default();
        std::fs::write(&path, "one").unwrap();
        let first = digests.of(&path).unwrap();
        std::fs::write(&path, "two").unwrap();
        let second = digests.of(&path).unwrap();
        assert_eq!(first.0, second.0, "the same file");
        assert_ne!(first.1, second.1);
        assert_eq!(digests.lock().len(), 0);
    }

    #[test]
    fn what_cannot_be_read_has_no_digest() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Digests::default().of(&dir.path().join("nothing")), None);
        assert_eq!(Digests::default().of(dir.path()), None);
    }
}
