use jiff::Timestamp;
use lanyard_core::Code;
use rusqlite::{TransactionBehavior, params};

use crate::row::{code, millis, moment};
use crate::{Cache, CacheError};

/// One thing that was done or refused. Never a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// When.
    pub at: Timestamp,
    /// What: `token`, `refresh`, `sign-in`, `sign-out`.
    pub action: &'static str,
    /// The program that asked.
    pub caller: String,
    /// The folder that it worked in.
    pub folder: Option<String>,
    /// The profile.
    pub profile: String,
    /// The account.
    pub account: Option<String>,
    /// What it was for.
    pub audience: Option<String>,
    /// Why it was not done.
    pub code: Option<Code>,
}

/// What `action` may be; a row with another one is shown as `other`.
const ACTIONS: [&str; 8] =
    ["token", "refresh", "sign-in", "sign-out", "prompt", "answer", "lock", "unlock"];

impl Cache {
    /// Appends entries, in one transaction.
    pub fn append_audit(&mut self, rows: &[AuditRow]) -> Result<(), CacheError> {
        let sql = "INSERT INTO audit (at, action, caller, folder, profile, account, audience, code)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for row in rows {
            let code = row.code.map(Code::as_str);
            let AuditRow { action, caller, folder, profile, account, audience, .. } = row;
            let bound =
                params![millis(row.at), action, caller, folder, profile, account, audience, code];
            transaction.prepare_cached(sql)?.execute(bound)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Returns the newest entries, newest first.
    pub fn newest_audit(&self, limit: u32) -> Result<Vec<AuditRow>, CacheError> {
        let sql = "SELECT at, action, caller, folder, profile, account, audience, code
            FROM audit ORDER BY id DESC LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([limit], |row| {
            let action: String = row.get(1)?;
            let code_text: Option<String> = row.get(7)?;
            Ok(AuditRow {
                at: moment(row.get(0)?),
                action: ACTIONS.into_iter().find(|known| *known == action).unwrap_or("other"),
                caller: row.get(2)?,
                folder: row.get(3)?,
                profile: row.get(4)?,
                account: row.get(5)?,
                audience: row.get(6)?,
                code: code_text.as_deref().map(code),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
