use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use lanyard_cache::{Cache, CacheError};

use super::{keys, private, write};

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

#[test]
fn a_key_file_and_its_keys_survive_another_start() {
    let home = super::Home::new();
    home.with_sample();
    super::check_sample(&home.open());
}

#[test]
fn nothing_but_plain_files_is_taken_for_a_cache() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir);
    drop(Cache::open(&path, keys(1)).unwrap());
    let elsewhere = dir.path().join("elsewhere.db");
    std::fs::rename(&path, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    exposed(&path, "is a symbolic link", "mv ");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    exposed(&path, "is a folder", "mv ");
    assert!(path.is_dir() && elsewhere.is_file());
}

fn exposed(path: &Path, what: &str, command: &str) {
    let error = Cache::open(path, keys(1)).unwrap_err();
    let told = matches!(&error, CacheError::Exposed { problem, repair, .. }
        if *problem == what && repair.starts_with(command));
    assert!(told, "{error:?}");
}

#[test]
fn an_empty_and_a_cut_file_are_damaged_and_stay() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir);
    for content in ["", "short"] {
        write(&path, content.as_bytes());
        let error = Cache::open(&path, keys(1)).unwrap_err();
        assert!(matches!(error, CacheError::Damaged(_)), "{error:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
}

#[test]
fn a_damaged_first_page_is_told_from_a_wrong_key() {
    let home = super::Home::new();
    home.with_sample();
    let path = home.path();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    write(&path, &bytes);
    let error = home.try_open().unwrap_err();
    let named = matches!(&error, CacheError::Damaged(text) if text.ends_with("(page 1)"));
    assert!(named, "{error:?}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_damaged_page_is_found_and_named_and_nothing_is_replaced() {
    let home = super::Home::new();
    home.with_sample();
    let path = home.path();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096 + 7] ^= 1;
    write(&path, &bytes);
    let key = home.holder().unlock(&path).unwrap().file;
    let facts = lanyard_cache::ReadOnlyCache::open(&path, &key).unwrap().facts().unwrap();
    assert_eq!(facts.damage.len(), 1);
    assert!(facts.damage[0].ends_with("page 2"), "{:?}", facts.damage);
    let failure = home.open().accounts().unwrap_err().to_failure();
    assert_eq!(failure.code, lanyard_core::Code::CacheUnavailable);
    assert!(failure.action.unwrap().contains("lanyard cache restore"));
    let error = home.open().rekey(&home.holder()).unwrap_err();
    assert!(matches!(error, CacheError::Damaged(_)), "{error:?}");
    assert!(std::fs::read(&path).unwrap()[4096..8192] == bytes[4096..8192]);
}

#[test]
fn the_journal_of_a_file_that_is_gone_is_not_taken_for_the_new_ones() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir);
    let mut old = Cache::open(&path, keys(1)).unwrap();
    old.put_setting("a", "old").unwrap();
    std::fs::remove_file(&path).unwrap();
    let wal = wal_of(&path);
    let journal = std::fs::read(&wal).unwrap();
    let new = Cache::open(&path, keys(2)).unwrap();
    assert_eq!(new.find_setting("a").unwrap(), None);
    assert_eq!(std::fs::read(wal.with_extension("db-wal.old")).unwrap(), journal);
    drop(old);
}

fn wal_of(path: &Path) -> std::path::PathBuf {
    path.with_extension("db-wal")
}
