use jiff::Timestamp;
use lanyard_core::{AccountId, Binding, Grant, SealKey};
use rusqlite::{Connection, OptionalExtension, params};

use crate::row::{millis, moment};
use crate::{Cache, CacheError, seal};

/// How a grant stands, without the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantStanding {
    /// Whether the provider clearly said that it is dead.
    pub dead: bool,
    /// When the provider ends it, as far as it said.
    pub expires_at: Option<Timestamp>,
}

impl Cache {
    /// Returns an account's grant with how it stands, or `None` where there is none.
    ///
    /// # Errors
    /// `Unsealable` if it does not open for the place that its row names.
    pub fn find_grant(&self, account: &AccountId) -> Result<Option<(Grant, bool)>, CacheError> {
        let sql = "SELECT issuer, token_endpoint, client_id, sealed, expires_at, dead
            FROM grants WHERE account = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let row = statement.query_row([account.as_str()], |row| {
            let binding = Binding {
                issuer: row.get(0)?,
                token_endpoint: row.get(1)?,
                client_id: row.get(2)?,
            };
            let expires_at: Option<i64> = row.get(4)?;
            Ok((binding, row.get::<_, Vec<u8>>(3)?, expires_at.map(moment), row.get(5)?))
        });
        let Some((binding, sealed, expires_at, dead)) = row.optional()? else { return Ok(None) };
        let refresh_token = seal::open(&self.keys.seal, account, &binding, &sealed)?;
        Ok(Some((Grant { refresh_token, binding, expires_at }, dead)))
    }
}

pub(crate) fn put(
    connection: &Connection,
    key: &SealKey,
    account: &AccountId,
    grant: &Grant,
) -> Result<(), CacheError> {
    let sealed = seal::seal(key, account, &grant.binding, &grant.refresh_token);
    let sql =
        "INSERT INTO grants (account, issuer, token_endpoint, client_id, sealed, expires_at, dead)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
        ON CONFLICT (account) DO UPDATE SET issuer = excluded.issuer,
        token_endpoint = excluded.token_endpoint, client_id = excluded.client_id,
        sealed = excluded.sealed, expires_at = excluded.expires_at, dead = 0";
    let Binding { issuer, token_endpoint, client_id } = &grant.binding;
    connection.prepare_cached(sql)?.execute(params![
        account.as_str(),
        issuer,
        token_endpoint,
        client_id,
        sealed,
        grant.expires_at.map(millis)
    ])?;
    Ok(())
}
