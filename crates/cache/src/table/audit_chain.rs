//! The chain of the audit trail: each entry holds the hash of the one before and of itself.

use jiff::Timestamp;
use lanyard_core::hex;
use rusqlite::{Connection, Row, Transaction, params};
use sha2::{Digest, Sha256};

use super::settings;
use crate::row::moment;
use crate::{Cache, CacheError};

/// The setting that holds number and hash of the entry before the oldest one.
const ANCHOR: &str = "audit.anchor";
/// The setting that holds number and hash of the newest entry.
const HEAD: &str = "audit.head";
/// The setting that holds the number of the last entry that was written without a chain.
const ADOPTED: &str = "audit.adopted";

/// Entries beyond the bound that are let be, so that not every entry costs a deletion.
const SLACK: i64 = 1000;

/// The text columns, in the order in which they are hashed.
const COLUMNS: &str =
    "action, caller, executable, folder, profile, account, audience, code, detail";

/// What a look at the whole chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCheck {
    /// How many entries there are.
    pub entries: u64,
    /// When the oldest was made.
    pub first: Option<Timestamp>,
    /// When the newest was made.
    pub last: Option<Timestamp>,
    /// The number of the last entry that an older version wrote without a chain, if there was one.
    pub adopted: Option<i64>,
    /// The number of the first entry that does not fit the one before it, or, where the newest ones
    /// were cut off, of the newest that should be there.
    pub broken_at: Option<i64>,
}

/// An entry as it stands in the file.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) at: i64,
    pub(crate) texts: [Option<String>; 9],
}

/// A place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    id: i64,
    hash: String,
}

impl Cache {
    /// Follows the chain from its start, or from where the oldest kept entry hangs on it, to the
    /// newest entry that was noted.
    pub fn verify_audit(&self) -> Result<AuditCheck, CacheError> {
        verify(&self.connection)
    }
}

fn verify(connection: &Connection) -> Result<AuditCheck, CacheError> {
    let (mut last, head) = (link(connection, ANCHOR)?, link(connection, HEAD)?);
    let adopted = settings::find(connection, ADOPTED)?.and_then(|id| id.parse().ok());
    let mut check = AuditCheck { entries: 0, first: None, last: None, adopted, broken_at: None };
    let sql = format!("SELECT id, at, {COLUMNS}, hash FROM audit ORDER BY id");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, entry) = (row.get(0)?, entry(row)?);
        let next = Link { id, hash: hash(&last, id, &entry) };
        let stored: Option<Vec<u8>> = row.get("hash")?;
        if stored.is_none_or(|stored| hex(&stored) != next.hash) {
            check.broken_at = check.broken_at.or(Some(id));
        }
        check.entries += 1;
        check.first = check.first.or(Some(moment(entry.at)));
        check.last = Some(moment(entry.at));
        last = next;
    }
    if last != head {
        check.broken_at = check.broken_at.or(Some(head.id));
    }
    Ok(check)
}

/// Appends entries behind the newest one.
pub(crate) fn append(
    transaction: &Transaction<'_>,
    entries: impl Iterator<Item = Entry>,
) -> Result<(), CacheError> {
    let mut head = link(transaction, HEAD)?;
    let sql = format!(
        "INSERT INTO audit (id, at, hash, {COLUMNS})
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    );
    let mut statement = transaction.prepare_cached(&sql)?;
    for entry in entries {
        let id = head.id + 1;
        let digest = digest(&head, id, &entry);
        let [action, caller, executable, folder, profile, account, audience, code, detail] =
            &entry.texts;
        statement.execute(params![
            id,
            entry.at,
            digest.as_slice(),
            action,
            caller,
            executable,
            folder,
            profile,
            account,
            audience,
            code,
            detail
        ])?;
        head = Link { id, hash: hex(&digest) };
    }
    put_link(transaction, HEAD, &head)
}

/// Drops the oldest entries beyond `kept`. The hash that the oldest remaining one hangs on stays.
pub(crate) fn trim(transaction: &Transaction<'_>, kept: i64) -> Result<(), CacheError> {
    let (anchor, head) = (link(transaction, ANCHOR)?, link(transaction, HEAD)?);
    if head.id - anchor.id <= kept + SLACK {
        return Ok(());
    }
    let id = head.id - kept;
    let sql = "SELECT hash FROM audit WHERE id = ?1";
    let hash: Vec<u8> = transaction.query_row(sql, [id], |row| row.get(0))?;
    transaction.execute("DELETE FROM audit WHERE id <= ?1", [id])?;
    put_link(transaction, ANCHOR, &Link { id, hash: hex(&hash) })
}

/// Chains the entries of a file that had no chain, and notes the last of them.
pub(crate) fn adopt(transaction: &Transaction<'_>) -> Result<(), CacheError> {
    let sql = format!("SELECT id, at, {COLUMNS} FROM audit ORDER BY id");
    let mut statement = transaction.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut head = link(transaction, HEAD)?;
    let mut update = transaction.prepare("UPDATE audit SET hash = ?2 WHERE id = ?1")?;
    while let Some(row) = rows.next()? {
        let (id, entry) = (row.get(0)?, entry(row)?);
        let digest = digest(&head, id, &entry);
        update.execute(params![id, digest.as_slice()])?;
        head = Link { id, hash: hex(&digest) };
    }
    if head.id > 0 {
        settings::put(transaction, ADOPTED, &head.id.to_string())?;
    }
    put_link(transaction, HEAD, &head)
}

/// Reads an entry from the columns behind its number.
fn entry(row: &Row<'_>) -> Result<Entry, rusqlite::Error> {
    let mut texts: [Option<String>; 9] = Default::default();
    for (n, text) in texts.iter_mut().enumerate() {
        *text = row.get(2 + n)?;
    }
    Ok(Entry { at: row.get(1)?, texts })
}

fn hash(before: &Link, id: i64, entry: &Entry) -> String {
    hex(&digest(before, id, entry))
}

/// Each text has a mark in front that tells an empty one from none, and its length, so that no two
/// entries have the same form.
fn digest(before: &Link, id: i64, entry: &Entry) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(before.hash.as_bytes());
    digest.update(id.to_be_bytes());
    digest.update(entry.at.to_be_bytes());
    for text in &entry.texts {
        match text {
            None => digest.update([0]),
            Some(text) => {
                digest.update([1]);
                digest.update((text.len() as u64).to_be_bytes());
                digest.update(text);
            }
        }
    }
    digest.finalize().into()
}

/// Returns the place that a setting names; the chain's start where there is none.
fn link(connection: &Connection, name: &str) -> Result<Link, CacheError> {
    let text = settings::find(connection, name)?.unwrap_or_default();
    let (id, hash) = text.split_once(':').unwrap_or(("0", ""));
    Ok(Link { id: id.parse().unwrap_or(0), hash: hash.to_owned() })
}

fn put_link(connection: &Connection, name: &str, link: &Link) -> Result<(), CacheError> {
    settings::put(connection, name, &format!("{}:{}", link.id, link.hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_go_and_the_rest_is_still_proven() {
        let connection = with_entries(SLACK + 100);
        let check = verify(&connection).unwrap();
        assert_eq!((check.entries, check.first, check.broken_at), (50, Some(moment(1050)), None));
        connection.execute("DELETE FROM audit WHERE id = 1051", []).unwrap();
        assert_eq!(verify(&connection).unwrap().broken_at, Some(1052));
    }

    #[test]
    fn a_few_entries_too_many_stay() {
        assert_eq!(verify(&with_entries(SLACK + 50)).unwrap().entries, 1050);
    }

    /// Appends so many entries, and keeps the newest 50.
    fn with_entries(count: i64) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::migrate::run(&mut connection).unwrap();
        let transaction = connection.transaction().unwrap();
        append(&transaction, (0..count).map(entry)).unwrap();
        trim(&transaction, 50).unwrap();
        transaction.commit().unwrap();
        connection
    }

    fn entry(at: i64) -> Entry {
        Entry { at, texts: std::array::from_fn(|n| (n == 0 || n == 1 || n == 4).then(String::new)) }
    }
}
