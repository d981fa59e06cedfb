use std::path::PathBuf;

use lanyard_core::{ALREADY_RUNNING, Code, Failure};
use rusqlite::{ErrorCode, ffi};

/// Why the cache cannot be used. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The key does not fit the file, or the file is no cache.
    #[error("the key does not open {}", .0.display())]
    WrongKey(PathBuf),
    /// The file is there, and its key is not where it should be.
    #[error("{holder} holds no key for {}", .path.display())]
    KeyMissing {
        /// The file.
        path: PathBuf,
        /// Who should hold the key.
        holder: String,
    },
    /// There are keys, for another file than the one that is there.
    #[error("{} is not the file that {holder} holds keys for", .path.display())]
    ForeignFile {
        /// The file.
        path: PathBuf,
        /// Who holds the keys.
        holder: String,
    },
    /// A passphrase wraps the keys, and nobody gave it.
    #[error("the cache is locked: a passphrase wraps its keys")]
    PassphraseNeeded,
    /// The passphrase is another one.
    #[error("the passphrase does not open {}", .0.display())]
    WrongPassphrase(PathBuf),
    /// The new passphrase is no passphrase.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// Something that was read is not as it was written.
    #[error("{0}")]
    Damaged(String),
    /// Another program reads the file at this moment.
    #[error("another program reads the cache at this moment")]
    Busy,
    /// The folder or its disk lets nobody write.
    #[error("the cache cannot be written")]
    NotWritable,
    /// The file could not grow.
    #[error("the disk took no more: it is full, or the file reached a limit")]
    DiskFull,
    /// A newer version of the program wrote the file.
    #[error("{} has schema {found}; this program knows up to {known}", .path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest known one.
        known: i64,
    },
    /// Another broker writes the file.
    #[error("a broker with process id {pid} is already running")]
    InUse {
        /// Its process id, as it wrote it down.
        pid: String,
    },
    /// A file or folder can be read by others, or belongs to somebody else.
    #[error("{} {problem}", .path.display())]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
        /// The command that repairs it.
        repair: String,
    },
    /// The OS keyring.
    #[error("the keyring cannot be used: {0}")]
    Keyring(KeyringProblem),
    /// A grant does not open for the place that its row names.
    #[error("the grant of account {0} does not open with this key for the place it names")]
    Unsealable(String),
    /// The file system.
    #[error("could not use {}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database.
    #[error("the database refused")]
    Database(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for CacheError {
    fn from(error: rusqlite::Error) -> Self {
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            _ if extended == Some(ffi::SQLITE_IOERR_WRITE) => Self::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::NotWritable
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged("a part of the cache is damaged".to_owned())
            }
            _ => Self::Database(error),
        }
    }
}

/// Why the OS keyring cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringProblem {
    /// There is none.
    #[error("there is none ({0})")]
    Absent(String),
    /// It is locked, and nobody unlocked it in time.
    #[error("it is locked")]
    Locked,
    /// It did not answer in time.
    #[error("it did not answer within {0} seconds")]
    Silent(u64),
    /// It holds something that is no key.
    #[error("its entry for Lanyard is damaged")]
    Damaged,
    /// It answered with an error.
    #[error("{0}")]
    Failed(String),
}

/// The way out for whoever has nothing that opens.
const ANEW: &str = "restore a backup with `lanyard cache restore FILE`, or begin anew with \
    `lanyard cache reset`, which keeps the old file";

impl CacheError {
    /// Returns what scripts and views get to see.
    pub fn to_failure(&self) -> Failure {
        let (code, action) = self.code_and_action();
        let failure = Failure::new(code, self.to_string()).action(action);
        match self {
            Self::Database(source) => failure.detail(source.to_string()),
            Self::Io { source, .. } => failure.detail(source.to_string()),
            Self::InUse { .. } => failure.detail(ALREADY_RUNNING),
            Self::WrongKey(_)
            | Self::KeyMissing { .. }
            | Self::ForeignFile { .. }
            | Self::PassphraseNeeded
            | Self::WrongPassphrase(_)
            | Self::EmptyPassphrase
            | Self::Damaged(_)
            | Self::Busy
            | Self::NotWritable
            | Self::DiskFull
            | Self::NewerSchema { .. }
            | Self::Exposed { .. }
            | Self::Keyring(_)
            | Self::Unsealable(_) => failure,
        }
    }

    fn code_and_action(&self) -> (Code, String) {
        match self {
            Self::WrongKey(_) | Self::KeyMissing { .. } | Self::ForeignFile { .. } => {
                (Code::WrongKey, format!("see `lanyard cache info`; {ANEW}"))
            }
            Self::PassphraseNeeded => (Code::Locked, "run `lanyard unlock`".to_owned()),
            Self::WrongPassphrase(_) => (Code::WrongKey, "try again".to_owned()),
            Self::EmptyPassphrase => (Code::Usage, "give one".to_owned()),
            Self::Damaged(_) => (Code::CacheUnavailable, format!("nothing was changed; {ANEW}")),
            Self::Busy => (Code::CacheUnavailable, "try again".to_owned()),
            Self::NotWritable => (
                Code::CacheUnavailable,
                "make its folder writable for you (`chmod u+rwx`), or mount its disk for writing"
                    .to_owned(),
            ),
            Self::DiskFull => (Code::CacheUnavailable, "make room; nothing was changed".to_owned()),
            Self::NewerSchema { .. } => {
                (Code::CacheUnavailable, "update Lanyard; the file was not touched".to_owned())
            }
            Self::InUse { .. } => {
                (Code::CacheUnavailable, "use the running broker, or stop it first".to_owned())
            }
            Self::Exposed { repair, .. } => (Code::CacheUnavailable, format!("run `{repair}`")),
            Self::Keyring(KeyringProblem::Locked) => {
                (Code::KeyringUnavailable, "unlock the login keyring and try again".to_owned())
            }
            Self::Keyring(_) => (
                Code::KeyringUnavailable,
                "start a Secret Service (gnome-keyring, KWallet, KeePassXC) and try again"
                    .to_owned(),
            ),
            Self::Unsealable(_) => (Code::WrongKey, "sign in again".to_owned()),
            Self::Io { .. } | Self::Database(_) => {
                (Code::CacheUnavailable, "check the disk and the folder's permissions".to_owned())
            }
        }
    }
}
