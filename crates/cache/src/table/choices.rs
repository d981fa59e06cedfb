use lanyard_core::{AccountId, ProfileName};
use rusqlite::{OptionalExtension, params};

use crate::{Cache, CacheError};

/// Which account a program uses through a profile, as the person chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The account.
    pub account: AccountId,
    /// The tenant, where one was chosen.
    pub tenant: Option<String>,
}

impl Cache {
    /// Remembers the choice of the caller with this key.
    pub fn put_choice(
        &mut self,
        caller: &str,
        profile: &ProfileName,
        choice: &Choice,
    ) -> Result<(), CacheError> {
        let sql = "INSERT INTO choices (caller, profile, account, tenant) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (caller, profile) DO UPDATE SET account = excluded.account,
            tenant = excluded.tenant";
        let bound = params![caller, profile.as_str(), choice.account.as_str(), choice.tenant];
        self.connection.prepare_cached(sql)?.execute(bound)?;
        Ok(())
    }

    /// Returns the choice of the caller with this key.
    pub fn find_choice(
        &self,
        caller: &str,
        profile: &ProfileName,
    ) -> Result<Option<Choice>, CacheError> {
        let sql = "SELECT account, tenant FROM choices WHERE caller = ?1 AND profile = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let row = statement.query_row(params![caller, profile.as_str()], |row| {
            let account = AccountId::from_text(row.get::<_, String>(0)?);
            Ok(Choice { account, tenant: row.get(1)? })
        });
        Ok(row.optional()?)
    }

    /// Forgets the choice of the caller with this key; says whether there was one.
    pub fn remove_choice(
        &mut self,
        caller: &str,
        profile: &ProfileName,
    ) -> Result<bool, CacheError> {
        let sql = "DELETE FROM choices WHERE caller = ?1 AND profile = ?2";
        Ok(self.connection.execute(sql, params![caller, profile.as_str()])? > 0)
    }

    /// Forgets every choice, and returns how many there were.
    pub fn remove_choices(&mut self) -> Result<usize, CacheError> {
        Ok(self.connection.execute("DELETE FROM choices", [])?)
    }
}
