use jiff::Timestamp;
use lanyard_core::AccountId;
use rusqlite::{OptionalExtension, params};

use crate::row::millis;
use crate::{Cache, CacheError};

impl Cache {
    /// Remembers the person's answer for a caller, an account and an audience until `expires_at`.
    pub fn put_approval(
        &mut self,
        caller: &str,
        account: &AccountId,
        audience: &str,
        allowed: bool,
        expires_at: Timestamp,
    ) -> Result<(), CacheError> {
        let sql = "INSERT INTO approvals (caller, account, audience, allowed, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (caller, account, audience) DO UPDATE SET
            allowed = excluded.allowed, expires_at = excluded.expires_at";
        let bound = params![caller, account.as_str(), audience, allowed, millis(expires_at)];
        self.connection.prepare_cached(sql)?.execute(bound)?;
        Ok(())
    }

    /// Returns the remembered answer, or `None` where there is none, or where it is over at `now`.
    pub fn find_approval(
        &self,
        caller: &str,
        account: &AccountId,
        audience: &str,
        now: Timestamp,
    ) -> Result<Option<bool>, CacheError> {
        let sql = "SELECT allowed FROM approvals
            WHERE caller = ?1 AND account = ?2 AND audience = ?3 AND expires_at > ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let bound = params![caller, account.as_str(), audience, millis(now)];
        Ok(statement.query_row(bound, |row| row.get(0)).optional()?)
    }

    /// Forgets every remembered answer.
    pub fn remove_approvals(&mut self) -> Result<(), CacheError> {
        self.connection.execute("DELETE FROM approvals", [])?;
        Ok(())
    }
}
