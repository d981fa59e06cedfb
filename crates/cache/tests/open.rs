//! Opening the file: right key, wrong key, other programs' files, wide permissions.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use lanyard_cache::{Cache, CacheError, CacheKeys, ReadOnlyCache, Salt};
use zeroize::Zeroizing;

#[test]
fn a_file_opens_again_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir);
    Cache::open(&path, keys(1)).unwrap().put_setting("a", "1").unwrap();
    let again = Cache::open(&path, keys(1)).unwrap();
    assert_eq!(again.find_setting("a").unwrap().as_deref(), Some("1"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_wrong_key_leaves_the_file_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir);
    drop(Cache::open(&path, keys(1)).unwrap());
    refused_untouched(&path, |error| matches!(error, CacheError::WrongKey(_)));
}

#[test]
fn a_file_that_is_no_cache_is_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir);
    write(&path, b"SQLite format 3\0 and then something else entirely, long enough for a page");
    refused_untouched(&path, |error| matches!(error, CacheError::WrongKey(_)));
}

#[test]
fn a_newer_schema_is_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir);
    drop(Cache::open(&path, keys(2)).unwrap());
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch(&format!(
        "PRAGMA key = \"x'{}'\"; PRAGMA user_version = 99;",
        "02".repeat(32)
    ))
    .unwrap();
    drop(raw);
    refused_untouched(&path, |error| matches!(error, CacheError::NewerSchema { found: 99, .. }));
}

#[test]
fn files_that_others_can_read_are_refused_with_the_repair() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir);
    drop(Cache::open(&path, keys(1)).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = Cache::open(&path, keys(1)).unwrap_err();
    assert!(matches!(error, CacheError::Exposed { repair, .. } if repair.starts_with("chmod 600")));
}

fn refused_untouched(path: &Path, expected: impl Fn(&CacheError) -> bool) {
    let before = std::fs::read(path).unwrap();
    let error = Cache::open(path, keys(2)).unwrap_err();
    assert!(expected(&error), "{error:?}");
    assert_eq!(std::fs::read(path).unwrap(), before);
}

fn private(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("home/cache.db")
}

fn write(path: &Path, bytes: &[u8]) {
    lanyard_cache::private_folder(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn keys(byte: u8) -> CacheKeys {
    let key = || Zeroizing::new([byte; 32]);
    CacheKeys::new(key(), key(), Salt([7; 16]))
}

#[test]
fn a_damaged_page_shows_in_what_is_told_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir);
    Cache::open(&path, keys(1)).unwrap().put_setting("a", &"1".repeat(20_000)).unwrap();
    let facts = |path: &Path| ReadOnlyCache::open(path, &keys(1).file).unwrap().facts().unwrap();
    assert_eq!(facts(&path).damage, Vec::<String>::new());
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 100;
    bytes[last] ^= 1;
    write(&path, &bytes);
    assert!(!facts(&path).damage.is_empty());
}
