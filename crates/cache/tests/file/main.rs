//! The file as a whole: opening, keys, change of keys, backups, and what happens to it.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests look at secrets and may panic"
)]

mod backup;
mod crash;
mod keys;
mod memory;
mod migrate;
mod open;
mod rekey;
mod rewrap;

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use lanyard_cache::{AuditRow, Cache, CacheError, CacheKeys, KeyHolder, Salt, keyfile_path};
use lanyard_core::{
    AccessToken, Account, AccountId, Audience, Binding, Grant, RefreshToken, Scopes, SealKey,
    SecretKey, Token, TokenKey,
};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

/// A folder with a cache whose keys are in a keyfile.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        lanyard_cache::private_folder(dir.path().join("home").as_path()).unwrap();
        Self(dir)
    }

    fn path(&self) -> PathBuf {
        private(&self.0)
    }

    fn holder(&self) -> KeyHolder {
        KeyHolder::Keyfile(keyfile_path(&self.path()))
    }

    fn try_open(&self) -> Result<Cache, CacheError> {
        Cache::open(&self.path(), self.holder().unlock(&self.path())?)
    }

    fn open(&self) -> Cache {
        self.try_open().unwrap()
    }

    /// Puts an account with grant, token and audit trail into the cache, and closes it.
    fn with_sample(&self) {
        put_sample(&mut self.open());
    }
}

fn put_sample(cache: &mut Cache) {
    let binding = Binding {
        issuer: "https://id.example".to_owned(),
        token_endpoint: "https://id.example/token".to_owned(),
        client_id: "c".to_owned(),
    };
    let grant = Grant { refresh_token: RefreshToken::new("r"), binding, expires_at: None };
    cache.put_sign_in(&account(), None, Some(&grant), (&token_key(), &token())).unwrap();
    let row = AuditRow { at: at(0), action: "sign-in", ..AuditRow::default() };
    cache.append_audit(&[row.clone(), row.clone(), row]).unwrap();
}

fn check_sample(cache: &Cache) {
    let grant = cache.find_grant(&account().id).unwrap().unwrap().0;
    assert_eq!(grant.refresh_token.expose_secret(), "r");
    let token = cache.find_token(&token_key()).unwrap().unwrap();
    assert_eq!(token.access_token.expose_secret(), "t");
    let check = cache.verify_audit().unwrap();
    assert_eq!((check.entries, check.broken_at), (3, None));
}

fn account() -> Account {
    Account {
        id: AccountId::from_text("a"),
        profile: "p".parse().unwrap(),
        provider: "oidc".to_owned(),
        issuer: "https://id.example".to_owned(),
        subject: "s".to_owned(),
        username: "a@example.com".to_owned(),
        display_name: None,
        tenant: None,
        direct: false,
        signed_in_at: at(0),
        last_refresh_at: None,
        last_error: None,
    }
}

fn token_key() -> TokenKey {
    TokenKey {
        account: account().id,
        tenant: String::new(),
        client_id: "c".to_owned(),
        audience: Audience::Scopes(Scopes::parse("openid")),
    }
}

fn token() -> Token {
    Token {
        access_token: AccessToken::new("t"),
        id_token: None,
        id_expires_at: None,
        scopes: Scopes::parse("openid"),
        obtained_at: at(0),
        expires_at: at(60),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn private(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("home/cache.db")
}

fn write(path: &Path, bytes: &[u8]) {
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true).mode(0o700).create(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn keys(byte: u8) -> CacheKeys {
    let key = || Zeroizing::new([byte; 32]);
    CacheKeys::new(SecretKey::new(key()), SealKey::new(key()), Salt([byte; 16]))
}
