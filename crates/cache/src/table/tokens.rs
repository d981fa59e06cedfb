use std::ops::RangeInclusive;

use jiff::Timestamp;
use lanyard_core::{
    AccessToken, Account, AccountId, Audience, Grant, IdToken, Scopes, SealKey, Tenant, Token,
    TokenKey,
};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use secrecy::ExposeSecret;

use super::{accounts, grants, tenants};
use crate::row::{millis, moment};
use crate::{Cache, CacheError, ReadOnlyCache};

const SELECT: &str =
    "SELECT access_token, id_token, scopes, obtained_at, expires_at, id_expires_at FROM tokens
    WHERE account = ?1 AND tenant = ?2 AND client_id = ?3 AND audience = ?4";

impl Cache {
    /// Returns the token with this key.
    pub fn find_token(&self, key: &TokenKey) -> Result<Option<Token>, CacheError> {
        find(&self.connection, key)
    }

    /// Stores what a sign-in gave, in one transaction. The account's older tokens go: they belong
    /// to the grant that is replaced.
    pub fn put_sign_in(
        &mut self,
        account: &Account,
        tenant: Option<&Tenant>,
        grant: Option<&Grant>,
        token: (&TokenKey, &Token),
    ) -> Result<(), CacheError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        accounts::put(&transaction, account)?;
        transaction.execute("DELETE FROM tokens WHERE account = ?1", [account.id.as_str()])?;
        transaction.execute("DELETE FROM grants WHERE account = ?1", [account.id.as_str()])?;
        if let Some(tenant) = tenant {
            tenants::put(&transaction, &account.id, tenant)?;
        }
        if let Some(grant) = grant {
            grants::put(&transaction, &self.keys.seal, &account.id, grant)?;
        }
        put(&transaction, token.0, token.1)?;
        transaction.commit()?;
        Ok(())
    }

    /// Stores what a refresh gave, in one transaction: after it the new grant is on the disk.
    pub fn put_refresh(
        &mut self,
        key: &TokenKey,
        token: &Token,
        grant: Option<&Grant>,
        tenant: Option<&Tenant>,
    ) -> Result<(), CacheError> {
        let seal: &SealKey = &self.keys.seal;
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(grant) = grant {
            grants::put(&transaction, seal, &key.account, grant)?;
        }
        if let Some(tenant) = tenant {
            tenants::put(&transaction, &key.account, tenant)?;
        }
        put(&transaction, key, token)?;
        let sql =
            "UPDATE accounts SET last_refresh_at = ?2, error_code = NULL, error_message = NULL
            WHERE id = ?1";
        transaction
            .prepare_cached(sql)?
            .execute(params![key.account.as_str(), millis(token.obtained_at)])?;
        transaction.commit()?;
        Ok(())
    }

    /// Returns when an account's tokens for a tenant were got and end: the one that ends last.
    pub fn longest_token(
        &self,
        account: &AccountId,
        tenant: &str,
    ) -> Result<Option<(Timestamp, Timestamp)>, CacheError> {
        let sql = "SELECT obtained_at, expires_at FROM tokens WHERE account = ?1 AND tenant = ?2
            ORDER BY expires_at DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let row = statement.query_row(params![account.as_str(), tenant], |row| {
            Ok((moment(row.get(0)?), moment(row.get(1)?)))
        });
        Ok(row.optional()?)
    }

    /// Returns the tokens that were given out in that time and whose account has a living grant,
    /// with their ends.
    pub fn tokens_in_use(
        &self,
        lately: RangeInclusive<Timestamp>,
    ) -> Result<Vec<(Account, TokenKey, Timestamp)>, CacheError> {
        let sql = format!(
            "SELECT {}, t.tenant, t.client_id, t.audience, t.expires_at
            FROM tokens t JOIN accounts a ON a.id = t.account
            JOIN grants g ON g.account = a.id AND g.dead = 0 WHERE t.last_used_at BETWEEN ?1 AND ?2",
            accounts::COLUMNS
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows =
            statement.query_map([millis(*lately.start()), millis(*lately.end())], |row| {
                let (account, next) = (accounts::summary(row)?.account, accounts::COLUMN_COUNT);
                let key = TokenKey {
                    account: account.id.clone(),
                    tenant: row.get(next)?,
                    client_id: row.get(next + 1)?,
                    audience: audience(&row.get::<_, String>(next + 2)?),
                };
                Ok((account, key, moment(row.get(next + 3)?)))
            })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that tokens were given out at `at`.
    pub fn put_last_used(&mut self, keys: &[TokenKey], at: Timestamp) -> Result<(), CacheError> {
        let sql = "UPDATE tokens SET last_used_at = ?5
            WHERE account = ?1 AND tenant = ?2 AND client_id = ?3 AND audience = ?4";
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for key in keys {
            let TokenKey { account, tenant, client_id, audience } = key;
            let bound = params![account.as_str(), tenant, client_id, audience.key(), millis(at)];
            transaction.prepare_cached(sql)?.execute(bound)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

impl ReadOnlyCache {
    /// Returns an access token, if its account is shared with direct readers. Its ID token stays.
    pub fn find_direct_token(
        &self,
        account: &AccountId,
        tenant: &str,
        audience: &Audience,
    ) -> Result<Option<Token>, CacheError> {
        let sql = "SELECT access_token, NULL, scopes, obtained_at, expires_at, NULL FROM tokens
            WHERE account = (SELECT id FROM accounts WHERE id = ?1 AND direct = 1)
            AND tenant = ?2 AND audience = ?3 AND client_id NOT LIKE '% dpop' ORDER BY expires_at DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row(params![account.as_str(), tenant, audience.key()], token)
            .optional()?)
    }

    /// Returns the accounts that are shared with direct readers.
    pub fn direct_accounts(&self) -> Result<Vec<Account>, CacheError> {
        let all = accounts::all(&self.connection)?;
        Ok(all
            .into_iter()
            .map(|summary| summary.account)
            .filter(|account| account.direct)
            .collect())
    }
}

fn find(connection: &Connection, key: &TokenKey) -> Result<Option<Token>, CacheError> {
    let mut statement = connection.prepare_cached(SELECT)?;
    let TokenKey { account, tenant, client_id, audience } = key;
    let bound = params![account.as_str(), tenant, client_id, audience.key()];
    Ok(statement.query_row(bound, token).optional()?)
}

/// Reads what `Audience::key` wrote.
fn audience(key: &str) -> Audience {
    match key.strip_prefix("resource:") {
        Some(resource) => Audience::Resource(resource.to_owned()),
        None => Audience::Scopes(Scopes::parse(key.trim_start_matches("scopes:"))),
    }
}

fn token(row: &Row<'_>) -> Result<Token, rusqlite::Error> {
    Ok(Token {
        access_token: AccessToken::new(row.get::<_, String>(0)?),
        id_token: row.get::<_, Option<String>>(1)?.map(IdToken::new),
        scopes: Scopes::parse(&row.get::<_, String>(2)?),
        obtained_at: moment(row.get(3)?),
        expires_at: moment(row.get(4)?),
        id_expires_at: row.get::<_, Option<i64>>(5)?.map(moment),
    })
}

#[expect(clippy::disallowed_methods, reason = "the tokens are bound into SQL")]
fn put(connection: &Connection, key: &TokenKey, token: &Token) -> Result<(), CacheError> {
    let sql = "INSERT INTO tokens (account, tenant, client_id, audience, access_token, id_token, scopes,
        obtained_at, expires_at, id_expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (account, tenant, client_id, audience) DO UPDATE SET
        access_token = excluded.access_token, id_token = excluded.id_token, scopes = excluded.scopes,
        obtained_at = excluded.obtained_at, expires_at = excluded.expires_at,
        id_expires_at = excluded.id_expires_at";
    connection.prepare_cached(sql)?.execute(params![
        key.account.as_str(),
        key.tenant,
        key.client_id,
        key.audience.key(),
        token.access_token.expose_secret(),
        token.id_token.as_ref().map(ExposeSecret::expose_secret),
        token.scopes.to_string(),
        millis(token.obtained_at),
        millis(token.expires_at),
        token.id_expires_at.map(millis),
    ])?;
    Ok(())
}
