//! What can be told of a cache file.

use std::path::Path;

use crate::{CacheError, ReadOnlyCache, damage, migrate};

/// What is in a cache file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheFacts {
    /// The number of its last migration.
    pub schema: i64,
    /// Its accounts.
    pub accounts: i64,
    /// Its grants.
    pub grants: i64,
    /// Its tokens.
    pub tokens: i64,
    /// The remembered answers, also those that are over.
    pub approvals: i64,
    /// The entries of its audit trail.
    pub audit_entries: i64,
    /// What is said of each damaged page; nothing of the file was changed.
    pub damage: Vec<String>,
}

impl ReadOnlyCache {
    /// Reads the whole file, and says what is in it and what of it is damaged.
    pub fn facts(&self) -> Result<CacheFacts, CacheError> {
        let damage = damage::damaged_pages(&self.connection)?;
        // A table with a damaged page cannot be counted; the damage is told all the same.
        let count = |table: &str| {
            let sql = format!("SELECT count(*) FROM {table}");
            let counted = self.connection.query_row(&sql, [], |row| row.get(0));
            match counted {
                Err(_) if !damage.is_empty() => Ok(0),
                counted => counted.map_err(CacheError::from),
            }
        };
        Ok(CacheFacts {
            schema: migrate::version(&self.connection)?,
            accounts: count("accounts")?,
            grants: count("grants")?,
            tokens: count("tokens")?,
            approvals: count("approvals")?,
            audit_entries: count("audit")?,
            damage,
        })
    }
}

/// Returns the size of the file in bytes, with what is in its journal.
pub fn size(path: &Path) -> u64 {
    let wal = crate::private_file::beside(path, "-wal");
    [path, &wal].iter().filter_map(|path| std::fs::metadata(path).ok()).map(|file| file.len()).sum()
}
