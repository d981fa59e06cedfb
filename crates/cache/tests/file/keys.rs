use std::os::unix::fs::PermissionsExt;

use lanyard_cache::{Cache, CacheError, KeyHolder, holders_of, is_passphrase_new, keyfile_path};
use lanyard_core::config::{Config, KeySource};
use lanyard_core::{Code, Passphrase};

use super::{Home, check_sample, put_sample, write};

#[test]
fn a_passphrase_opens_what_it_closed_and_no_other_does() {
    let home = Home::new();
    let path = home.path();
    assert!(is_passphrase_new(&path));
    put_sample(&mut Cache::open(&path, passphrase("right").unlock(&path).unwrap()).unwrap());
    assert!(!is_passphrase_new(&path));
    check_sample(&Cache::open(&path, passphrase("right").unlock(&path).unwrap()).unwrap());
    let error = passphrase("wrong").unlock(&path).unwrap_err();
    assert!(matches!(error, CacheError::WrongPassphrase(_)), "{error:?}");
    assert_eq!(error.to_failure().code, Code::WrongKey);
    assert_eq!(holders_of(&path, &keyfile_path(&path)), [KeySource::Passphrase]);
}

#[test]
fn an_empty_passphrase_is_none() {
    let home = Home::new();
    let error = passphrase("").unlock(&home.path()).unwrap_err();
    assert!(matches!(error, CacheError::EmptyPassphrase), "{error:?}");
    assert!(is_passphrase_new(&home.path()));
}

#[test]
fn where_only_the_person_can_open_it_the_cache_is_locked() {
    let config = Config { key_source: KeySource::Passphrase, ..Config::default() };
    let error = KeyHolder::of_config(&config, &Home::new().path()).unwrap_err();
    assert_eq!(error.to_failure().code, Code::Locked);
}

#[test]
fn a_damaged_or_weakened_keys_file_is_told_from_a_wrong_passphrase() {
    let home = Home::new();
    let path = home.path();
    drop(Cache::open(&path, passphrase("p").unlock(&path).unwrap()).unwrap());
    let file = path.with_extension("keys");
    let text = std::fs::read_to_string(&file).unwrap();
    let cut = &text[..text.len() / 2];
    let weak = text.replace("\"memory_kib\": 65536", "\"memory_kib\": 8");
    for bad in ["", "{}", "\u{0}", cut, &weak, &"x".repeat(1 << 20)] {
        write(&file, bad.as_bytes());
        let error = passphrase("p").unlock(&path).unwrap_err();
        assert!(matches!(error, CacheError::Damaged(_)), "{error:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), bad);
    }
}

#[test]
fn no_other_holder_is_tried() {
    let home = Home::new();
    home.with_sample();
    let error = passphrase("p").unlock(&home.path()).unwrap_err();
    assert!(matches!(error, CacheError::KeyMissing { .. }), "{error:?}");
    let elsewhere = KeyHolder::Keyfile(home.path().with_extension("other"));
    let error = elsewhere.unlock(&home.path()).unwrap_err();
    assert!(matches!(error, CacheError::KeyMissing { .. }), "{error:?}");
    assert!(is_passphrase_new(&home.path()));
}

#[test]
fn the_file_of_another_cache_is_told_from_a_wrong_key_and_from_damage() {
    let (home, other) = (Home::new(), Home::new());
    home.with_sample();
    other.with_sample();
    std::fs::copy(other.path(), home.path()).unwrap();
    let error = home.try_open().unwrap_err();
    assert!(matches!(error, CacheError::ForeignFile { .. }), "{error:?}");
    let failure = error.to_failure();
    assert!(failure.message.contains("cache.keyfile"), "{failure:?}");
    assert!(failure.action.unwrap().contains("lanyard cache info"));
}

#[test]
fn a_file_that_is_not_encrypted_is_foreign_and_stays() {
    let home = Home::new();
    home.with_sample();
    let plain = [b"SQLite format 3\0".as_slice(), &[0; 8192]].concat();
    write(&home.path(), &plain);
    let error = home.try_open().unwrap_err();
    assert!(matches!(error, CacheError::ForeignFile { .. }), "{error:?}");
    assert_eq!(std::fs::read(home.path()).unwrap(), plain);
}

#[test]
fn a_file_that_went_and_came_back_opens_with_its_old_keys() {
    let home = Home::new();
    home.with_sample();
    let away = home.path().with_extension("away");
    std::fs::rename(home.path(), &away).unwrap();
    assert!(home.open().accounts().unwrap().is_empty());
    std::fs::rename(&away, home.path()).unwrap();
    check_sample(&home.open());
}

#[test]
fn a_keyfile_that_others_can_reach_is_refused_with_the_repair() {
    let home = Home::new();
    home.with_sample();
    let file = keyfile_path(&home.path());
    let mode = |mode| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(&file, mode(0o640)).unwrap();
    repair(&home.holder(), &home, "chmod 600 ");

    let shared = home.0.path().join("shared");
    std::fs::create_dir(&shared).unwrap();
    std::fs::set_permissions(&file, mode(0o600)).unwrap();
    let moved = shared.join("k");
    std::fs::rename(&file, &moved).unwrap();
    std::fs::set_permissions(&shared, mode(0o777)).unwrap();
    repair(&KeyHolder::Keyfile(moved.clone()), &home, "chmod go-w ");
    std::fs::set_permissions(&shared, mode(0o755)).unwrap();
    KeyHolder::Keyfile(moved.clone()).unlock(&home.path()).unwrap();

    std::os::unix::fs::symlink(&moved, &file).unwrap();
    repair(&home.holder(), &home, "mv ");
}

#[test]
fn a_keyfile_with_something_else_in_it_is_damaged() {
    let home = Home::new();
    home.with_sample();
    let file = keyfile_path(&home.path());
    let text = std::fs::read_to_string(&file).unwrap();
    for bad in ["", "hello\n", &text[..text.len() - 9], &text.replace("keyfile 1", "keyfile 2")] {
        write(&file, bad.as_bytes());
        let error = home.try_open().unwrap_err();
        assert!(matches!(error, CacheError::Damaged(_)), "{error:?}");
    }
}

fn repair(holder: &KeyHolder, home: &Home, command: &str) {
    let error = holder.unlock(&home.path()).unwrap_err();
    let told = matches!(&error, CacheError::Exposed { repair, .. } if repair.starts_with(command));
    assert!(told, "{error:?}");
}

pub(crate) fn passphrase(text: &str) -> KeyHolder {
    KeyHolder::Passphrase(Passphrase::new(text))
}
