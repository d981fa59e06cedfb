use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lanyard_core::{SealKey, SecretKey};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::folder::{check_file, private_folder};
use crate::{CacheError, CacheKeys, migrate};

/// How long a statement waits for a reader's checkpoint.
const BUSY: Duration = Duration::from_secs(5);

/// The cache, open for its one writer.
#[derive(Debug)]
pub struct Cache {
    pub(crate) connection: Connection,
    pub(crate) seal: SealKey,
}

impl Cache {
    /// Opens the file, or makes it where there is none, and takes it to the newest schema.
    ///
    /// # Errors
    /// `WrongKey`, `NewerSchema`, `Exposed`: the file is not touched.
    pub fn open(path: &Path, keys: CacheKeys) -> Result<Self, CacheError> {
        private_folder(path.parent().unwrap_or(Path::new("/")))?;
        check_file(path)?;
        create_private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = unlocked(path, flags, &keys.file)?;
        migrate::check(&connection, path)?;
        settle(&connection)?;
        migrate::run(&mut connection)?;
        Ok(Self { connection, seal: keys.seal })
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
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = unlocked(path, flags, key)?;
        migrate::check(&connection, path)?;
        Ok(Self { connection })
    }
}

fn create_private(path: &Path) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { path: PathBuf::from(path), source };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600).open(path).map_err(io)?;
    Ok(())
}

/// Opens the file and reads once: only then does a wrong key show.
#[expect(clippy::disallowed_methods, reason = "the key goes into the SQL that opens the file")]
fn unlocked(path: &Path, flags: OpenFlags, key: &SecretKey) -> Result<Connection, CacheError> {
    let connection = Connection::open_with_flags(path, flags)?;
    let hex = Zeroizing::new(lanyard_core::hex(key.expose_secret()));
    let pragma =
        Zeroizing::new(format!("PRAGMA key = \"x'{}'\"; PRAGMA cipher_log_level = NONE;", *hex));
    connection.execute_batch(&pragma)?;
    let read = connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()));
    match read {
        Ok(()) => Ok(connection),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(CacheError::WrongKey(path.to_owned()))
        }
        Err(error) => Err(error.into()),
    }
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
