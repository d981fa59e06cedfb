//! The same cache in another file, under other keys.

use std::path::Path;

use lanyard_core::{AccountId, Binding};
use rusqlite::{Connection, params};
use zeroize::Zeroizing;

use crate::keys::{bytes_of, secret_hex};
use crate::{Cache, CacheError, CacheKeys, damage, migrate, open, private_file, seal};

impl Cache {
    /// Writes everything into a new file at `to` that `keys` open. Each grant is sealed anew.
    pub(crate) fn write_copy(&self, to: &Path, keys: &CacheKeys) -> Result<(), CacheError> {
        damage::check(&self.connection, &self.path)?;
        let io = |source| CacheError::Io { path: to.to_owned(), source };
        let file = private_file::create(to).map_err(io)?;
        let mut key = Zeroizing::new(String::with_capacity(128));
        key.push_str("x'");
        key.push_str(&secret_hex(bytes_of(&keys.file)));
        key.push_str(&keys.salt.to_string());
        key.push('\'');
        let attach = "ATTACH DATABASE ?1 AS copy KEY ?2";
        self.connection.execute(attach, params![to.to_string_lossy(), *key])?;
        let copied = self.fill_copy(keys);
        let detached = self.connection.execute_batch("DETACH DATABASE copy");
        copied?;
        detached?;
        file.sync_all().map_err(io)
    }

    /// The copy needs no journal: it counts once it is whole.
    fn fill_copy(&self, keys: &CacheKeys) -> Result<(), CacheError> {
        let connection = &self.connection;
        connection.execute_batch("PRAGMA copy.journal_mode = OFF")?;
        connection.query_row("SELECT sqlcipher_export('copy')", [], |_| Ok(()))?;
        self.seal_anew(keys)?;
        let version = migrate::version(connection)?;
        Ok(connection.execute_batch(&format!("PRAGMA copy.user_version = {version}"))?)
    }

    /// A grant that does not open stays as it is: it is no worse than before.
    fn seal_anew(&self, keys: &CacheKeys) -> Result<(), CacheError> {
        let update = "UPDATE copy.grants SET sealed = ?2 WHERE account = ?1";
        let mut update = self.connection.prepare(update)?;
        for (account, binding, sealed) in sealed_grants(&self.connection)? {
            if let Ok(secret) = seal::open(&self.keys.seal, &account, &binding, &sealed) {
                let sealed = seal::seal(&keys.seal, &account, &binding, &secret);
                update.execute(params![account.as_str(), sealed])?;
            }
        }
        Ok(())
    }
}

/// Checks that a file is whole and that the key opens all of it.
pub(crate) fn prove(path: &Path, keys: &CacheKeys) -> Result<(), CacheError> {
    let connection = open::unlocked(path, open::READ, &keys.file)?;
    migrate::check(&connection, path)?;
    damage::check(&connection, path)?;
    let sound: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    match sound.as_str() {
        "ok" => Ok(()),
        _ => Err(CacheError::Damaged(format!("{} is damaged ({sound})", path.display()))),
    }
}

fn sealed_grants(
    connection: &Connection,
) -> Result<Vec<(AccountId, Binding, Vec<u8>)>, CacheError> {
    let sql = "SELECT account, issuer, token_endpoint, client_id, sealed FROM main.grants";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        let binding =
            Binding { issuer: row.get(1)?, token_endpoint: row.get(2)?, client_id: row.get(3)? };
        Ok((AccountId::from_text(row.get::<_, String>(0)?), binding, row.get(4)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
