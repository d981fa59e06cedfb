use jiff::Timestamp;
use lanyard_core::{Account, AccountId, Failure, ProfileName};
use rusqlite::{Row, TransactionBehavior, params};

use crate::row::{code, millis, moment};
use crate::{Cache, CacheError, GrantStanding};

/// An account with what its state is told from.
#[derive(Debug, Clone)]
pub struct AccountSummary {
    /// The account.
    pub account: Account,
    /// Its grant, if there is one.
    pub grant: Option<GrantStanding>,
}

impl Cache {
    /// Returns every account, by profile and user name.
    pub fn accounts(&self) -> Result<Vec<AccountSummary>, CacheError> {
        all(&self.connection)
    }

    /// Returns the accounts of a profile: those with this id or user name, else all.
    pub fn accounts_of(
        &self,
        profile: &ProfileName,
        wanted: Option<&str>,
    ) -> Result<Vec<AccountSummary>, CacheError> {
        let filter = "WHERE a.profile = ?1 AND (?2 IS NULL OR a.id = ?2 OR a.username = ?2)";
        let mut statement = self.connection.prepare_cached(&select(filter))?;
        let rows = statement.query_map(params![profile.as_str(), wanted], summary)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes what a provider refused, and whether it said that the grant is dead, in one transaction.
    /// The account and its grant stay.
    pub fn put_refusal(
        &mut self,
        id: &AccountId,
        error: &Failure,
        dead: bool,
    ) -> Result<(), CacheError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "UPDATE accounts SET error_code = ?2, error_message = ?3 WHERE id = ?1";
        transaction.execute(sql, params![id.as_str(), error.code.as_str(), error.message])?;
        let sql = "UPDATE grants SET dead = 1 WHERE account = ?1 AND ?2";
        transaction.execute(sql, params![id.as_str(), dead])?;
        transaction.commit()?;
        Ok(())
    }

    /// Sets whether programs may read the access tokens of a profile's accounts from the file: of those
    /// of `issuer`, where one is given, and of no others.
    pub fn put_direct(
        &mut self,
        profile: &ProfileName,
        issuer: Option<&str>,
        direct: bool,
    ) -> Result<(), CacheError> {
        let sql = "UPDATE accounts SET direct = ?3 AND (?2 IS NULL OR issuer = ?2)
            WHERE profile = ?1 AND direct <> (?3 AND (?2 IS NULL OR issuer = ?2))";
        self.connection.prepare_cached(sql)?.execute(params![profile.as_str(), issuer, direct])?;
        Ok(())
    }

    /// Forgets an account with its grant, tokens and approvals.
    pub fn remove_account(&mut self, id: &AccountId) -> Result<(), CacheError> {
        self.connection.execute("DELETE FROM accounts WHERE id = ?1", [id.as_str()])?;
        Ok(())
    }
}

/// What [`summary`] reads, of accounts as `a` and grants as `g`.
pub(crate) const COLUMNS: &str = "a.id, a.profile, a.provider, a.issuer, a.subject, a.username,
    a.display_name, a.tenant, a.direct, a.signed_in_at, a.last_refresh_at, a.error_code,
    a.error_message, g.dead, g.expires_at";

/// How many columns that are.
pub(crate) const COLUMN_COUNT: usize = 15;

pub(crate) fn all(connection: &rusqlite::Connection) -> Result<Vec<AccountSummary>, CacheError> {
    let mut statement = connection.prepare_cached(&select(""))?;
    let rows = statement.query_map([], summary)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn select(filter: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM accounts a LEFT JOIN grants g ON g.account = a.id {filter}
        ORDER BY a.profile, a.username, a.id"
    )
}

pub(crate) fn put(connection: &rusqlite::Connection, account: &Account) -> Result<(), CacheError> {
    let sql =
        "INSERT INTO accounts (id, profile, provider, issuer, subject, username, display_name,
        tenant, direct, signed_in_at, last_refresh_at, error_code, error_message)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        ON CONFLICT (id) DO UPDATE SET username = excluded.username,
        display_name = excluded.display_name, tenant = excluded.tenant, direct = excluded.direct,
        signed_in_at = excluded.signed_in_at, last_refresh_at = excluded.last_refresh_at,
        error_code = excluded.error_code, error_message = excluded.error_message";
    let error = account.last_error.as_ref();
    connection.prepare_cached(sql)?.execute(params![
        account.id.as_str(),
        account.profile.as_str(),
        account.provider,
        account.issuer,
        account.subject,
        account.username,
        account.display_name,
        account.tenant,
        account.direct,
        millis(account.signed_in_at),
        account.last_refresh_at.map(millis),
        error.map(|error| error.code.as_str()),
        error.map(|error| error.message.as_str()),
    ])?;
    Ok(())
}

pub(crate) fn summary(row: &Row<'_>) -> Result<AccountSummary, rusqlite::Error> {
    let profile: String = row.get(1)?;
    let profile = profile.parse().map_err(|_| rusqlite::Error::InvalidQuery)?;
    let error_code: Option<String> = row.get(11)?;
    let error_message: Option<String> = row.get(12)?;
    let error = error_code.zip(error_message);
    let account = Account {
        id: AccountId::from_text(row.get::<_, String>(0)?),
        profile,
        provider: row.get(2)?,
        issuer: row.get(3)?,
        subject: row.get(4)?,
        username: row.get(5)?,
        display_name: row.get(6)?,
        tenant: row.get(7)?,
        direct: row.get(8)?,
        signed_in_at: moment(row.get(9)?),
        last_refresh_at: row.get::<_, Option<i64>>(10)?.map(moment),
        last_error: error.map(|(text, message)| Failure::new(code(&text), message)),
    };
    let expires_at: Option<Timestamp> = row.get::<_, Option<i64>>(14)?.map(moment);
    let dead: Option<bool> = row.get(13)?;
    Ok(AccountSummary { account, grant: dead.map(|dead| GrantStanding { dead, expires_at }) })
}
