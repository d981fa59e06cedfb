use rusqlite::Connection;

use crate::open::ReadOnlyCache;
use crate::{CacheError, migrate};

/// Most signs of damage that are listed.
const LISTED: usize = 5;

/// What a reader finds out about the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The schema that the file has.
    pub schema: i64,
    /// What is damaged; empty where nothing is.
    pub damage: Vec<String>,
}

impl ReadOnlyCache {
    /// Reads the whole file: each page against its seal, then the tables' structure.
    pub fn health(&self) -> Result<Health, CacheError> {
        let mut damage = rows(&self.connection, "PRAGMA cipher_integrity_check")?;
        damage.extend(rows(&self.connection, "PRAGMA quick_check")?);
        damage.retain(|line| line != "ok");
        damage.truncate(LISTED);
        Ok(Health { schema: migrate::version(&self.connection)?, damage })
    }
}

fn rows(connection: &Connection, pragma: &str) -> Result<Vec<String>, rusqlite::Error> {
    connection.prepare(pragma)?.query_map([], |row| row.get(0))?.collect()
}
