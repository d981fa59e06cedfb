//! The encrypted token cache: one SQLCipher file that only the broker writes.
//!
//! The whole file is encrypted with one key; each grant is sealed again with a second key and bound
//! to its account, issuer, token endpoint and client. This crate opens no network connection, and
//! it never deletes or recreates a file because it did not open.

mod aside;
mod backup;
mod copy;
mod damage;
mod error;
mod facts;
mod folder;
mod keyring;
mod keys;
mod migrate;
mod open;
mod private_file;
mod rekey;
mod rewrap;
mod row;
mod salt;
mod seal;
mod table;
mod writer_lock;

pub use aside::{forget_keys, reset};
pub use backup::restore;
pub use error::{CacheError, KeyringProblem};
pub use facts::{CacheFacts, size};
pub use folder::private_folder;
pub use keyring::{StoredSecret, file_key, keyring_state};
pub use keys::{CacheKeys, KeyHolder, is_passphrase_new, keyfile_path};
pub use open::{Cache, ReadOnlyCache};
pub use rekey::RekeyStep;
pub use rewrap::{holders_of, rewrap};
pub use salt::Salt;
pub use table::accounts::AccountSummary;
pub use table::approvals::Approval;
pub use table::audit::{AUDIT_ACTIONS, AUDIT_KEPT, AuditFilter, AuditRow};
pub use table::audit_chain::AuditCheck;
pub use table::choices::Choice;
pub use table::grants::GrantStanding;
pub use table::summaries::TenantSummary;
pub use writer_lock::WriterLock;
