use jiff::Timestamp;
use lanyard_core::AccountId;
use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};

use crate::row::{millis, moment};
use crate::{Cache, CacheError};

/// An answer of the person's that is remembered: may this caller use this account for this?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// What tells the caller from every other: a key made of its executable, script and folder.
    pub caller: String,
    /// The caller's name, for people.
    pub caller_name: String,
    /// Its executable.
    pub executable: Option<String>,
    /// The folder that it worked in.
    pub folder: Option<String>,
    /// The account.
    pub account: AccountId,
    /// What the tokens are for.
    pub audience: String,
    /// When the person answered.
    pub created_at: Timestamp,
    /// When the answer ends.
    pub expires_at: Timestamp,
    /// What the person answered.
    pub allowed: bool,
}

const SELECT: &str = "SELECT id, caller, caller_name, executable, folder, account, audience,
    created_at, expires_at, allowed FROM approvals";

impl Cache {
    /// Remembers an answer, in place of an older one for the same caller, account and audience.
    /// Answers that were over when it was made go.
    pub fn put_approval(&mut self, approval: &Approval) -> Result<(), CacheError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let created_at = millis(approval.created_at);
        transaction.execute("DELETE FROM approvals WHERE expires_at <= ?1", [created_at])?;
        let sql = "INSERT OR REPLACE INTO approvals (caller, caller_name, executable, folder,
            account, audience, created_at, expires_at, allowed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let Approval { caller, caller_name, executable, folder, account, audience, .. } = approval;
        transaction.execute(
            sql,
            params![
                caller,
                caller_name,
                executable,
                folder,
                account.as_str(),
                audience,
                created_at,
                millis(approval.expires_at),
                approval.allowed
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Returns the remembered answer, or `None` where there is none, or where it is over at `now`.
    pub fn find_approval(
        &self,
        caller: &str,
        account: &AccountId,
        audience: &str,
        now: Timestamp,
    ) -> Result<Option<Approval>, CacheError> {
        let sql = format!(
            "{SELECT} WHERE caller = ?1 AND account = ?2 AND audience = ?3 AND expires_at > ?4"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let bound = params![caller, account.as_str(), audience, millis(now)];
        Ok(statement.query_row(bound, |row| Ok(approval(row)?.1)).optional()?)
    }

    /// Returns the answers that are not over at `now` with their numbers, newest first.
    pub fn approvals(&self, now: Timestamp) -> Result<Vec<(i64, Approval)>, CacheError> {
        let sql = format!("{SELECT} WHERE expires_at > ?1 ORDER BY created_at DESC, id DESC");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([millis(now)], approval)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets an answer; says whether there was one with this number.
    pub fn remove_approval(&mut self, id: i64) -> Result<bool, CacheError> {
        Ok(self.connection.execute("DELETE FROM approvals WHERE id = ?1", [id])? > 0)
    }

    /// Forgets every answer, and returns how many there were.
    pub fn remove_approvals(&mut self) -> Result<usize, CacheError> {
        Ok(self.connection.execute("DELETE FROM approvals", [])?)
    }
}

fn approval(row: &Row<'_>) -> Result<(i64, Approval), rusqlite::Error> {
    let approval = Approval {
        caller: row.get(1)?,
        caller_name: row.get(2)?,
        executable: row.get(3)?,
        folder: row.get(4)?,
        account: AccountId::from_text(row.get::<_, String>(5)?),
        audience: row.get(6)?,
        created_at: moment(row.get(7)?),
        expires_at: moment(row.get(8)?),
        allowed: row.get(9)?,
    };
    Ok((row.get(0)?, approval))
}
