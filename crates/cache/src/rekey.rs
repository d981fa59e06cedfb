//! New keys for the file and its grants, in a new file that takes the old one's place.

use std::path::Path;

use rusqlite::Connection;

use crate::private_file::{self, beside};
use crate::salt::Salt;
use crate::{Cache, CacheError, CacheKeys, KeyHolder, copy, open};

/// What of a change of keys is done. After each of them the file opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RekeyStep {
    /// The holder has both the old and the new keys.
    Noted,
    /// The new file is whole and was read back.
    Written,
    /// The old file is closed, and has no journal.
    Closed,
    /// The new file is in the old one's place.
    Replaced,
    /// The holder has forgotten the old keys.
    Forgotten,
}

impl Cache {
    /// Gives the file and its grants new random keys, which `holder` keeps. Whenever this process is
    /// killed, the file opens with keys that the holder has.
    ///
    /// # Errors
    /// The cache is open still. Its keys are the old ones, unless the holder alone failed, at the end: it
    /// then has both, and the next change clears the old ones away.
    pub fn rekey(&mut self, holder: &KeyHolder) -> Result<(), CacheError> {
        self.rekey_watched(holder, |_| {})
    }

    /// Does what [`Cache::rekey`] does, and says each step when it is done.
    pub fn rekey_watched(
        &mut self,
        holder: &KeyHolder,
        mut done: impl FnMut(RekeyStep),
    ) -> Result<(), CacheError> {
        let (path, keys) = (self.path.clone(), CacheKeys::random());
        holder.check_holds(&path, self.keys.salt)?;
        let new = beside(&path, ".new");
        holder.add(&path, keys.copy())?;
        done(RekeyStep::Noted);
        let written = self.write_copy(&new, &keys).and_then(|()| copy::prove(&new, &keys));
        if let Err(error) = written {
            drop(std::fs::remove_file(&new));
            holder.remove(&path, keys.salt)?;
            return Err(error);
        }
        done(RekeyStep::Written);
        self.replace(&new, keys, &mut done)?;
        private_file::sync_folder(&path)?;
        done(RekeyStep::Replaced);
        holder.keep_only(&path, &Salt::beside(&path))?;
        done(RekeyStep::Forgotten);
        Ok(())
    }

    /// Goes on with the new file in the old one's place, or with the old one where that fails.
    fn replace(
        &mut self,
        new: &Path,
        keys: CacheKeys,
        done: &mut impl FnMut(RekeyStep),
    ) -> Result<(), CacheError> {
        let io = |source| CacheError::Io { path: new.to_owned(), source };
        let replaced = self.close().and_then(|()| {
            done(RekeyStep::Closed);
            std::fs::rename(new, &self.path).map_err(io)
        });
        if replaced.is_ok() {
            self.keys = keys;
        }
        self.connection = open::writer(&self.path, &self.keys)?;
        replaced
    }

    /// Closes the file with its journal written back: it would be taken for the new file's.
    fn close(&mut self) -> Result<(), CacheError> {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: bool = self.connection.query_row(checkpoint, [], |row| row.get(0))?;
        if busy {
            return Err(CacheError::Busy);
        }
        self.connection = Connection::open_in_memory()?;
        for journal in ["-wal", "-shm"] {
            let path = beside(&self.path, journal);
            match std::fs::remove_file(&path) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(CacheError::Io { path, source });
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}
