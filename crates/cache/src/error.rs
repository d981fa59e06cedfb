use std::path::PathBuf;

use lanyard_core::{ALREADY_RUNNING, Code, Failure};

/// Why the cache cannot be used. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The key does not fit the file, or the file is no cache.
    #[error("the key does not open {}", .0.display())]
    WrongKey(PathBuf),
    /// The file is there, and its key is not in the keyring.
    #[error("the keyring holds no key for {}", .0.display())]
    KeyMissing(PathBuf),
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
    Database(#[from] rusqlite::Error),
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
            | Self::KeyMissing(_)
            | Self::NewerSchema { .. }
            | Self::Exposed { .. }
            | Self::Keyring(_)
            | Self::Unsealable(_) => failure,
        }
    }

    fn code_and_action(&self) -> (Code, String) {
        match self {
            Self::WrongKey(path) | Self::KeyMissing(path) => (
                Code::WrongKey,
                format!(
                    "restore the keyring entry \"lanyard\", or move {} away and sign in again",
                    path.display()
                ),
            ),
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
