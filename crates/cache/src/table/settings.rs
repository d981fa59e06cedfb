use rusqlite::{Connection, OptionalExtension, params};

use crate::{Cache, CacheError};

impl Cache {
    /// Returns a remembered choice.
    pub fn find_setting(&self, name: &str) -> Result<Option<String>, CacheError> {
        find(&self.connection, name)
    }

    /// Remembers a choice.
    pub fn put_setting(&mut self, name: &str, value: &str) -> Result<(), CacheError> {
        put(&self.connection, name, value)
    }
}

pub(crate) fn find(connection: &Connection, name: &str) -> Result<Option<String>, CacheError> {
    let sql = "SELECT value FROM settings WHERE name = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
}

pub(crate) fn put(connection: &Connection, name: &str, value: &str) -> Result<(), CacheError> {
    let sql = "INSERT INTO settings (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.prepare_cached(sql)?.execute(params![name, value])?;
    Ok(())
}
