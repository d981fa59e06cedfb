use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::CacheError;

/// The migrations in order; the n-th takes the file to `user_version` n.
const MIGRATIONS: &[&str] = &[include_str!("../../../cache-schema/migrations/0001_first.sql")];

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
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known())?;
    transaction.commit()?;
    Ok(())
}

pub(crate) fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("there are few migrations")
}
