//! The encrypted token cache: one SQLCipher file that only the broker writes.
//!
//! The whole file is encrypted with one key; each grant is sealed again with a second key and bound
//! to its account, issuer, token endpoint and client. This crate opens no network connection, and
//! it never deletes or recreates a file because it did not open.

mod error;
mod folder;
mod health;
mod keys;
mod migrate;
mod open;
mod row;
mod seal;
mod table;
mod writer_lock;

pub use error::{CacheError, KeyringProblem};
pub use folder::private_folder;
pub use health::Health;
pub use keys::{CacheKeys, StoredSecret, file_key, keyring_state, load_or_create_keys};
pub use open::{Cache, ReadOnlyCache};
pub use table::accounts::AccountSummary;
pub use table::audit::AuditRow;
pub use table::grants::GrantStanding;
pub use writer_lock::WriterLock;
