use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use lanyard_cache::{AuditFilter, Cache, CacheKeys, Salt};
use lanyard_core::{
    AccessToken, Account, AccountId, Audience, Binding, Grant, RefreshToken, Scopes, SealKey,
    SecretKey, Token, TokenKey,
};
use rusqlite::Connection;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// The cache file with bytes that were changed: it opens and reads, or says why not; it is never made
/// anew. Each five bytes are a place and what is written there.
pub fn cache_bytes(bytes: &[u8]) {
    let (folder, path) = filled();
    let mut file = std::fs::read(&path).expect("it is there");
    for change in bytes.chunks_exact(5) {
        let place = u32::from_le_bytes([change[0], change[1], change[2], change[3]]);
        let at = usize::try_from(place).unwrap_or_default() % file.len();
        file[at] ^= change[4];
    }
    std::fs::write(&path, &file).expect("it can be written");
    match Cache::open(&path, keys()) {
        Ok(mut cache) => read_all(&mut cache),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert_eq!(std::fs::read(&path).expect("it is there").len(), file.len());
        }
    }
    drop(folder);
}

/// Rows that no version of the program would write, under the right key.
pub fn cache_rows(bytes: &[u8]) {
    let (folder, path) = filled();
    let connection = Connection::open(&path).expect("it opens");
    let key = format!("PRAGMA key = \"x'{}'\"", "07".repeat(32));
    connection.execute_batch(&format!("{key}; BEGIN")).expect("the key is right");
    let columns: [(&str, &str, bool); 12] = [
        ("accounts", "profile", false),
        ("accounts", "signed_in_at", true),
        ("accounts", "error_code", false),
        ("accounts", "tenant", false),
        ("grants", "sealed", false),
        ("grants", "issuer", false),
        ("grants", "expires_at", true),
        ("tokens", "audience", false),
        ("tokens", "expires_at", true),
        ("tokens", "obtained_at", true),
        ("tokens", "last_used_at", true),
        ("tokens", "scopes", false),
    ];
    for change in bytes.chunks(9) {
        let (table, column, is_number) = columns[usize::from(change[0]) % columns.len()];
        let sql = format!("UPDATE {table} SET {column} = ?1");
        let rest = &change[1..];
        let mut number = [0; 8];
        number[..rest.len()].copy_from_slice(rest);
        // A row that the schema itself refuses is none.
        drop(match (is_number, column) {
            (true, _) => connection.execute(&sql, [i64::from_le_bytes(number)]),
            (false, "sealed") => connection.execute(&sql, [rest]),
            (false, _) => connection.execute(&sql, [String::from_utf8_lossy(rest)]),
        });
    }
    connection.execute_batch("COMMIT").expect("the rows can be written");
    drop(connection);
    read_all(&mut Cache::open(&path, keys()).expect("the file itself is in order"));
    drop(folder);
}

/// Reads as the engine does; an error is an answer.
fn read_all(cache: &mut Cache) {
    let now = Timestamp::UNIX_EPOCH;
    drop(cache.newest_audit(&AuditFilter::newest(10)));
    drop(cache.tokens_in_use(now..=Timestamp::MAX));
    drop(cache.find_token(&token_key()));
    for summary in cache.accounts().unwrap_or_default() {
        let id = summary.account.id;
        drop(cache.find_grant(&id));
        drop(cache.tenants(&id));
        drop(cache.longest_token(&id, ""));
        drop(cache.accounts_of(&summary.account.profile, None));
    }
}

/// Returns a cache file with a row in each table.
fn filled() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("home/cache.db");
    let mut cache = Cache::open(&path, keys()).expect("it is new");
    let now = Timestamp::UNIX_EPOCH;
    let grant = Grant {
        refresh_token: RefreshToken::new("grant"),
        binding: Binding {
            issuer: "https://id.example".into(),
            token_endpoint: "https://id.example/token".into(),
            client_id: "client".into(),
        },
        expires_at: None,
    };
    let token = Token {
        access_token: AccessToken::new("token"),
        id_token: None,
        id_expires_at: None,
        scopes: Scopes::parse("read"),
        obtained_at: now,
        expires_at: now + Duration::from_hours(1),
    };
    let key = token_key();
    cache.put_sign_in(&account(now), None, Some(&grant), (&key, &token)).expect("it takes it");
    cache.put_last_used(&[key], now).expect("it takes it");
    drop(cache);
    assert!(Path::new(&path).exists());
    (folder, path)
}

fn account(now: Timestamp) -> Account {
    Account {
        id: AccountId::from_text("a1"),
        profile: "work".parse().expect("it is a name"),
        provider: "oidc".into(),
        issuer: "https://id.example".into(),
        subject: "maria".into(),
        username: "maria".into(),
        display_name: None,
        tenant: None,
        direct: false,
        signed_in_at: now,
        last_refresh_at: None,
        last_error: None,
    }
}

fn token_key() -> TokenKey {
    TokenKey {
        account: AccountId::from_text("a1"),
        tenant: String::new(),
        client_id: "client".into(),
        audience: Audience::Scopes(Scopes::parse("read")),
    }
}

fn keys() -> CacheKeys {
    let key = || Zeroizing::new([7; 32]);
    CacheKeys::new(SecretKey::new(key()), SealKey::new(key()), Salt([7; 16]))
}
