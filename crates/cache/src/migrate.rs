use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::CacheError;
use crate::table::audit_chain;

/// A step to a newer schema: the SQL, then what SQL cannot say.
struct Migration {
    sql: &'static str,
    then: fn(&Transaction<'_>) -> Result<(), CacheError>,
}

/// The migrations in order; the n-th takes the file to `user_version` n.
const MIGRATIONS: &[Migration] = &[
    Migration {
        sql: include_str!("../../../cache-schema/migrations/0001_first.sql"),
        then: |_| Ok(()),
    },
    Migration {
        sql: include_str!("../../../cache-schema/migrations/0002_audit_chain.sql"),
        then: audit_chain::adopt,
    },
];

/// Refuses a file that a newer program wrote.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<(), CacheError> {
    let (found, known) = (version(connection)?, known());
    if found > known {
        return Err(CacheError::NewerSchema { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// Takes the file to the newest schema, in one transaction.
pub(crate) fn run(connection: &mut Connection) -> Result<(), CacheError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(version(&transaction)?).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration.sql)?;
        (migration.then)(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", known())?;
    transaction.commit()?;
    Ok(())
}

/// Returns the number of the last migration that the file went through.
pub(crate) fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("there are few migrations")
}
