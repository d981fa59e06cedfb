//! The tables, each against a real file.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests look at secrets and may panic"
)]

mod accounts;
mod approvals;
mod audit;
mod choices;
mod summaries;
mod tokens;

use jiff::Timestamp;
use lanyard_cache::{Cache, CacheKeys, Salt};
use lanyard_core::{
    AccessToken, Account, AccountId, Audience, Binding, Grant, RefreshToken, Scopes, SealKey,
    SecretKey, Token, TokenKey,
};
use zeroize::Zeroizing;

struct Fixture {
    dir: tempfile::TempDir,
    cache: Cache,
}

fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let key = || Zeroizing::new([7; 32]);
    let keys = CacheKeys::new(SecretKey::new(key()), SealKey::new(key()), Salt([7; 16]));
    let cache = Cache::open(&dir.path().join("home/cache.db"), keys).unwrap();
    Fixture { dir, cache }
}

/// Opens the file beside the cache, as an enemy with the key would.
fn raw(fixture: &Fixture) -> rusqlite::Connection {
    let raw = rusqlite::Connection::open(fixture.dir.path().join("home/cache.db")).unwrap();
    raw.execute_batch(&format!("PRAGMA key = \"x'{}'\";", "07".repeat(32))).unwrap();
    raw
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn account(id: &str) -> Account {
    Account {
        id: AccountId::from_text(id),
        profile: "p".parse().unwrap(),
        provider: "oidc".to_owned(),
        issuer: "https://id.example".to_owned(),
        subject: "s".to_owned(),
        username: format!("{id}@example.com"),
        display_name: None,
        tenant: None,
        direct: false,
        signed_in_at: at(0),
        last_refresh_at: None,
        last_error: None,
    }
}

fn grant(secret: &str) -> Grant {
    let binding = Binding {
        issuer: "https://id.example".to_owned(),
        token_endpoint: "https://id.example/token".to_owned(),
        client_id: "c".to_owned(),
    };
    Grant { refresh_token: RefreshToken::new(secret), binding, expires_at: Some(at(86_400)) }
}

fn key(id: &str) -> TokenKey {
    TokenKey {
        account: AccountId::from_text(id),
        tenant: String::new(),
        client_id: "c".to_owned(),
        audience: Audience::Scopes(Scopes::parse("openid")),
    }
}

fn token(secret: &str, ends: i64) -> Token {
    Token {
        access_token: AccessToken::new(secret),
        id_token: None,
        id_expires_at: None,
        scopes: Scopes::parse("openid"),
        obtained_at: at(0),
        expires_at: at(ends),
    }
}
