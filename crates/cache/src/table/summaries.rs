use jiff::Timestamp;
use lanyard_core::{Account, Tenant};

use super::accounts;
use crate::row::moment;
use crate::{Cache, CacheError, GrantStanding};

/// An account in one tenant, with what its state is told from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSummary {
    /// The account.
    pub account: Account,
    /// Its grant, if there is one.
    pub grant: Option<GrantStanding>,
    /// The tenant, where the account has tenants.
    pub tenant: Option<Tenant>,
    /// When the tenant's longest token was got and ends.
    pub token: Option<(Timestamp, Timestamp)>,
}

impl Cache {
    /// Returns every account in each of its tenants, by profile and user name, in one query.
    pub fn summaries(&self) -> Result<Vec<TenantSummary>, CacheError> {
        // Beside `max`, SQLite takes the other columns from the row that has the maximum.
        let sql = format!(
            "SELECT {}, t.id, t.name, l.obtained_at, l.expires_at
            FROM accounts a LEFT JOIN grants g ON g.account = a.id
            LEFT JOIN tenants t ON t.account = a.id
            LEFT JOIN (SELECT account, tenant, obtained_at, max(expires_at) AS expires_at
                FROM tokens GROUP BY account, tenant) l
            ON l.account = a.id AND l.tenant = coalesce(t.id, '')
            ORDER BY a.profile, a.username, a.id, t.id",
            accounts::COLUMNS
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| {
            let accounts::AccountSummary { account, grant } = accounts::summary(row)?;
            let next = accounts::COLUMN_COUNT;
            let (id, name): (Option<String>, _) = (row.get(next)?, row.get(next + 1)?);
            let obtained: Option<i64> = row.get(next + 2)?;
            let ends: Option<i64> = row.get(next + 3)?;
            Ok(TenantSummary {
                account,
                grant,
                tenant: id.map(|id| Tenant { id, name }),
                token: obtained.map(moment).zip(ends.map(moment)),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
