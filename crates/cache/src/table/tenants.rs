use lanyard_core::{AccountId, Tenant};
use rusqlite::{Connection, params};

use crate::{Cache, CacheError};

impl Cache {
    /// Returns the tenants in which an account gets tokens.
    pub fn tenants(&self, account: &AccountId) -> Result<Vec<Tenant>, CacheError> {
        let sql = "SELECT id, name FROM tenants WHERE account = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([account.as_str()], |row| {
            Ok(Tenant { id: row.get(0)?, name: row.get(1)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Stores a tenant; a name that is known stays where the new one is not.
pub(crate) fn put(
    connection: &Connection,
    account: &AccountId,
    tenant: &Tenant,
) -> Result<(), CacheError> {
    let sql = "INSERT INTO tenants (account, id, name) VALUES (?1, ?2, ?3)
        ON CONFLICT (account, id) DO UPDATE SET name = coalesce(excluded.name, name)";
    connection.prepare_cached(sql)?.execute(params![account.as_str(), tenant.id, tenant.name])?;
    Ok(())
}
