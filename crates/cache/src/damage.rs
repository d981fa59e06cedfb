//! What in a file is damaged.

use std::path::Path;

use rusqlite::Connection;

use crate::CacheError;

/// Size of a page of the file, in bytes.
const PAGE: u64 = 4096;

/// Damaged pages that a message names.
const NAMED: usize = 5;

/// Says why a file cannot be read: with a wrong key no page is as it was written, with the right one
/// some are.
pub(crate) fn of_unreadable(connection: &Connection, path: &Path) -> CacheError {
    let pages = std::fs::metadata(path).map_or(0, |file| file.len() / PAGE);
    match damaged_pages(connection) {
        Ok(damaged) if !damaged.is_empty() && (damaged.len() as u64) < pages => {
            error(path, &damaged)
        }
        Ok(_) | Err(_) => CacheError::WrongKey(path.to_owned()),
    }
}

/// Checks every page, and names those that are damaged.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<(), CacheError> {
    let damaged = damaged_pages(connection)?;
    if damaged.is_empty() { Ok(()) } else { Err(error(path, &damaged)) }
}

/// Returns what SQLCipher says of each page that is not as it was written.
pub(crate) fn damaged_pages(connection: &Connection) -> Result<Vec<String>, CacheError> {
    let mut statement = connection.prepare("PRAGMA cipher_integrity_check")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn error(path: &Path, damaged: &[String]) -> CacheError {
    let number = |line: &String| line.rsplit(' ').next().unwrap_or_default().to_owned();
    let named: Vec<String> = damaged.iter().take(NAMED).map(number).collect();
    let more = if damaged.len() > NAMED { ", …" } else { "" };
    CacheError::Damaged(format!("{} is damaged (page {}{more})", path.display(), named.join(", ")))
}
