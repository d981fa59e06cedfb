use std::path::{Path, PathBuf};
use std::time::Duration;

use lanyard_core::SecretKey;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use zeroize::Zeroizing;

use crate::folder::{check_file, private_folder};
use crate::keys::{bytes_of, secret_hex};
use crate::private_file::{self, beside};
use crate::salt::Salt;
use crate::{CacheError, CacheKeys, damage, migrate};

pub(crate) const READ: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);
const WRITE: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// How long a statement waits for a reader's checkpoint.
const BUSY: Duration = Duration::from_secs(5);

/// The cache, open for its one writer.
#[derive(Debug)]
pub struct Cache {
    pub(crate) connection: Connection,
    pub(crate) keys: CacheKeys,
    pub(crate) path: PathBuf,
}

impl Cache {
    /// Opens the file, or makes it where there is none, and takes it to the newest schema.
    ///
    /// # Errors
    /// `WrongKey`, `Damaged`, `NewerSchema`, `Exposed`: the file is not touched.
    pub fn open(path: &Path, keys: CacheKeys) -> Result<Self, CacheError> {
        private_folder(path.parent().unwrap_or(Path::new("/")))?;
        check_file(path)?;
        if Salt::of_file(path)?.is_none() {
            create(path, &keys)?;
        }
        Ok(Self { connection: writer(path, &keys)?, keys, path: path.to_owned() })
    }
}

/// The cache, open for a reader that is not the broker: it has no key for grants.
#[derive(Debug)]
pub struct ReadOnlyCache {
    pub(crate) connection: Connection,
}

impl ReadOnlyCache {
    /// Opens the file for reading.
    ///
    /// # Errors
    /// `WrongKey`, `NewerSchema`, `Exposed`.
    pub fn open(path: &Path, key: &SecretKey) -> Result<Self, CacheError> {
        check_file(path)?;
        let connection = unlocked(path, READ, key)?;
        migrate::check(&connection, path)?;
        Ok(Self { connection })
    }
}

/// Makes the file in one step: it is there once it is whole.
fn create(path: &Path, keys: &CacheKeys) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { path: path.to_owned(), source };
    let new = beside(path, ".new");
    private_file::create(&new).map_err(io)?;
    let mut connection = Connection::open_with_flags(&new, WRITE)?;
    give_key(&connection, &keys.file, Some(keys.salt))?;
    migrate::run(&mut connection)?;
    drop(connection);
    journal_aside(path)?;
    std::fs::rename(&new, path).map_err(io)?;
    private_file::sync_folder(path)
}

/// Moves a journal away that belongs to a file that is gone: it would be taken for this one's.
pub(crate) fn journal_aside(path: &Path) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { path: path.to_owned(), source };
    let (wal, shm) = (beside(path, "-wal"), beside(path, "-shm"));
    for (file, name) in [(&wal, "-wal.old"), (&shm, "-shm.old")] {
        if file.exists() {
            std::fs::rename(file, beside(path, name)).map_err(io)?;
        }
    }
    Ok(())
}

/// Opens a file that is there for writing, and takes it to the newest schema.
pub(crate) fn writer(path: &Path, keys: &CacheKeys) -> Result<Connection, CacheError> {
    let mut connection = unlocked(path, WRITE, &keys.file)?;
    migrate::check(&connection, path)?;
    settle(&connection)?;
    migrate::run(&mut connection)?;
    Ok(connection)
}

/// Checks that the key opens the file.
pub(crate) fn prove(path: &Path, key: &SecretKey) -> Result<(), CacheError> {
    unlocked(path, READ, key).map(drop)
}

/// Opens the file and reads once: only then does a wrong key show.
pub(crate) fn unlocked(
    path: &Path,
    flags: OpenFlags,
    key: &SecretKey,
) -> Result<Connection, CacheError> {
    let connection = Connection::open_with_flags(path, flags)?;
    give_key(&connection, key, None)?;
    match connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())) {
        Ok(()) => Ok(connection),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(damage::of_unreadable(&connection, path))
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives the connection its key, and the salt where the file is a new one. The library wipes what it
/// frees, keys and pages alike.
fn give_key(
    connection: &Connection,
    key: &SecretKey,
    salt: Option<Salt>,
) -> Result<(), CacheError> {
    let mut pragmas = Zeroizing::new(String::with_capacity(256));
    pragmas.push_str("PRAGMA cipher_memory_security = ON; PRAGMA cipher_log_level = NONE; ");
    pragmas.push_str("PRAGMA key = \"x'");
    pragmas.push_str(&secret_hex(bytes_of(key)));
    pragmas.push_str(&salt.map(|salt| salt.to_string()).unwrap_or_default());
    pragmas.push_str("'\"");
    Ok(connection.execute_batch(&pragmas)?)
}

/// Full synchronisation: a rotated grant is on the disk before anyone sees the token that came
/// with it. Temporary tables stay in memory, so that nothing is written beside the file.
fn settle(connection: &Connection) -> Result<(), CacheError> {
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -512;",
    )?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}
