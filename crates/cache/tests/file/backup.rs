use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use lanyard_cache::{Cache, CacheError, KeyHolder, forget_keys, keyfile_path, reset, restore};
use lanyard_core::Passphrase;
use lanyard_core::config::KeySource;

use super::rekey::{files, sets};
use super::{Home, check_sample, write};

#[test]
fn a_backup_comes_back_on_another_machine_with_another_holder() {
    let (home, other) = (Home::new(), Home::new());
    let file = backup(&home);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(restore(&other.path(), &file, &secret("b"), &other.holder()).unwrap(), None);
    check_sample(&other.open());
    check_sample(&home.open());
}

#[test]
fn a_backup_holds_no_key_of_the_cache_and_nothing_in_the_clear() {
    let home = Home::new();
    let bytes = std::fs::read(backup(&home)).unwrap();
    let keys = std::fs::read_to_string(home.path().with_extension("keyfile")).unwrap();
    let words = keys.lines().skip(1).flat_map(|line| line.split(' '));
    for secret in words.chain(["a@example.com", "id.example"]) {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret}");
    }
}

#[test]
fn what_is_replaced_is_kept_and_opens_again() {
    let home = Home::new();
    let file = backup(&home);
    home.open().put_setting("later", "1").unwrap();
    let kept = restore(&home.path(), &file, &secret("b"), &home.holder()).unwrap().unwrap();
    assert_eq!(home.open().find_setting("later").unwrap(), None);
    std::fs::rename(&kept, home.path()).unwrap();
    assert_eq!(home.open().find_setting("later").unwrap().as_deref(), Some("1"));
}

#[test]
fn a_backup_that_is_not_whole_replaces_nothing() {
    let home = Home::new();
    let file = backup(&home);
    let bytes = std::fs::read(&file).unwrap();
    let keys = std::fs::read(home.path().with_extension("keyfile")).unwrap();
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let bad: [(&str, Vec<u8>); 8] = [
        ("empty", Vec::new()),
        ("another file", b"PK\x03\x04 and so on, for a while, until it is long enough".to_vec()),
        ("cut at the end", bytes[..bytes.len() - 1].to_vec()),
        ("cut in the middle", bytes[..bytes.len() / 2].to_vec()),
        ("longer", [bytes.as_slice(), b"x"].concat()),
        ("the head", flipped(3)),
        ("the keys", flipped(100)),
        ("the database", flipped(bytes.len() - 5000)),
    ];
    for (what, bad) in bad {
        write(&file, &bad);
        let error = restore(&home.path(), &file, &secret("b"), &home.holder()).unwrap_err();
        assert!(matches!(error, CacheError::Damaged(_)), "{what}: {error:?}");
        assert_eq!(std::fs::read(home.path().with_extension("keyfile")).unwrap(), keys, "{what}");
    }
    assert_eq!(files(&home), ["cache.db", "cache.keyfile"]);
    check_sample(&home.open());
}

#[test]
fn a_wrong_passphrase_and_a_missing_backup_replace_nothing() {
    let home = Home::new();
    let file = backup(&home);
    let error = restore(&home.path(), &file, &secret("c"), &home.holder()).unwrap_err();
    assert!(matches!(error, CacheError::WrongPassphrase(_)), "{error:?}");
    let missing = home.0.path().join("missing");
    let error = restore(&home.path(), &missing, &secret("b"), &home.holder()).unwrap_err();
    assert!(matches!(error, CacheError::Io { .. }), "{error:?}");
    assert_eq!(files(&home), ["cache.db", "cache.keyfile"]);
    check_sample(&home.open());
}

#[test]
fn a_backup_overwrites_no_file() {
    let home = Home::new();
    let file = backup(&home);
    let before = std::fs::read(&file).unwrap();
    home.open().backup(&file, &secret("b")).unwrap_err();
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_damaged_cache_is_replaced_by_a_backup_and_kept() {
    let home = Home::new();
    let file = backup(&home);
    let mut bytes = std::fs::read(home.path()).unwrap();
    bytes[4096 + 7] ^= 1;
    write(&home.path(), &bytes);
    home.open().backup(&home.0.path().join("second"), &secret("b")).unwrap_err();
    assert!(!home.0.path().join("second").exists(), "no half backup");
    let kept = restore(&home.path(), &file, &secret("b"), &home.holder()).unwrap().unwrap();
    check_sample(&home.open());
    assert!(std::fs::read(kept).unwrap()[4096..8192] == bytes[4096..8192]);
}

#[test]
fn a_reset_can_be_undone_until_the_keys_are_forgotten() {
    let home = Home::new();
    home.with_sample();
    let kept = reset(&home.path()).unwrap().unwrap();
    assert_eq!(reset(&home.path()).unwrap(), None);
    assert!(home.open().accounts().unwrap().is_empty());
    assert_eq!(sets(&home), 2);
    std::fs::rename(&kept, home.path()).unwrap();
    check_sample(&home.open());

    forget_keys(&home.path(), KeySource::Keyfile, &keyfile_path(&home.path())).unwrap();
    let error = home.try_open().unwrap_err();
    assert!(matches!(error, CacheError::KeyMissing { .. }), "{error:?}");
}

#[test]
fn a_restored_passphrase_cache_asks_for_its_holders_passphrase() {
    let (home, other) = (Home::new(), Home::new());
    let file = backup(&home);
    let holder = KeyHolder::Passphrase(secret("own"));
    restore(&other.path(), &file, &secret("b"), &holder).unwrap();
    check_sample(&Cache::open(&other.path(), holder.unlock(&other.path()).unwrap()).unwrap());
}

fn backup(home: &Home) -> PathBuf {
    home.with_sample();
    let file = home.0.path().join("backup");
    home.open().backup(&file, &secret("b")).unwrap();
    file
}

fn secret(text: &str) -> Passphrase {
    Passphrase::new(text)
}
