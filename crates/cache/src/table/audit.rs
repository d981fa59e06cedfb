use jiff::Timestamp;
use lanyard_core::{Code, printable};
use rusqlite::{Row, TransactionBehavior, params};

use super::audit_chain::{self, Entry};
use crate::row::{code, millis, moment};
use crate::{Cache, CacheError};

/// Entries that are kept; the oldest beyond them go.
pub const AUDIT_KEPT: i64 = 100_000;

/// Longest detail that is kept, in characters.
const LONGEST_DETAIL: usize = 200;

/// One thing that was done or refused. Never a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditRow {
    /// When.
    pub at: Timestamp,
    /// What: one of [`AUDIT_ACTIONS`].
    pub action: &'static str,
    /// The name of the program that asked.
    pub caller: String,
    /// Its executable.
    pub executable: Option<String>,
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
    /// What else there is to say, in a few words.
    pub detail: Option<String>,
}

/// What `action` may be; a row with another one is shown as `other`.
pub const AUDIT_ACTIONS: [&str; 11] = [
    "token", "refresh", "sign-in", "sign-out", "prompt", "answer", "approval", "config", "lock",
    "unlock", "cache",
];

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Those of this profile alone.
    pub profile: Option<String>,
    /// Those of this action alone.
    pub action: Option<String>,
    /// Those at or after this moment.
    pub since: Option<Timestamp>,
    /// At most so many.
    pub limit: u32,
}

impl AuditFilter {
    /// Returns the filter that lets the newest `limit` entries pass.
    pub fn newest(limit: u32) -> Self {
        Self { limit, ..Self::default() }
    }
}

impl Cache {
    /// Appends entries to the chain, in one transaction. The oldest beyond [`AUDIT_KEPT`] go.
    pub fn append_audit(&mut self, rows: &[AuditRow]) -> Result<(), CacheError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        audit_chain::append(&transaction, rows.iter().map(entry))?;
        audit_chain::trim(&transaction, AUDIT_KEPT)?;
        transaction.commit()?;
        Ok(())
    }

    /// Returns the newest entries that pass the filter, newest first.
    pub fn newest_audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, CacheError> {
        let sql = "SELECT at, action, caller, executable, folder, profile, account, audience, code,
            detail FROM audit
            WHERE (?1 IS NULL OR profile = ?1) AND (?2 IS NULL OR action = ?2)
            AND (?3 IS NULL OR at >= ?3) ORDER BY id DESC LIMIT ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let AuditFilter { profile, action, since, limit } = filter;
        let rows = statement.query_map(params![profile, action, since.map(millis), limit], row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn entry(row: &AuditRow) -> Entry {
    let detail = row.detail.as_deref().map(|text| printable(text, LONGEST_DETAIL));
    Entry {
        at: millis(row.at),
        texts: [
            Some(row.action.to_owned()),
            Some(row.caller.clone()),
            row.executable.clone(),
            row.folder.clone(),
            Some(row.profile.clone()),
            row.account.clone(),
            row.audience.clone(),
            row.code.map(|code| code.as_str().to_owned()),
            detail,
        ],
    }
}

fn row(row: &Row<'_>) -> Result<AuditRow, rusqlite::Error> {
    let action: String = row.get(1)?;
    let code_text: Option<String> = row.get(8)?;
    Ok(AuditRow {
        at: moment(row.get(0)?),
        action: AUDIT_ACTIONS.into_iter().find(|known| *known == action).unwrap_or("other"),
        caller: row.get(2)?,
        executable: row.get(3)?,
        folder: row.get(4)?,
        profile: row.get(5)?,
        account: row.get(6)?,
        audience: row.get(7)?,
        code: code_text.as_deref().map(code),
        detail: row.get(9)?,
    })
}
