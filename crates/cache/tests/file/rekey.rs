use lanyard_cache::{Cache, CacheError, ReadOnlyCache, keyfile_path};

use super::keys::passphrase;
use super::{Home, account, check_sample, keys, put_sample};

#[test]
fn new_keys_open_everything_and_the_old_ones_nothing() {
    let home = Home::new();
    home.with_sample();
    let old = home.holder().unlock(&home.path()).unwrap();
    let mut cache = home.open();
    cache.rekey(&home.holder()).unwrap();
    check_sample(&cache);
    cache.put_setting("a", "1").unwrap();
    drop(cache);
    check_sample(&home.open());
    assert_eq!(home.open().find_setting("a").unwrap().as_deref(), Some("1"));
    let error = Cache::open(&home.path(), old).unwrap_err();
    assert!(matches!(error, CacheError::WrongKey(_)), "{error:?}");
    assert_eq!(sets(&home), 1);
    assert_eq!(files(&home), ["cache.db", "cache.keyfile"]);
}

#[test]
fn the_grants_key_changes_too() {
    let home = Home::new();
    home.with_sample();
    let old = home.holder().unlock(&home.path()).unwrap();
    home.open().rekey(&home.holder()).unwrap();
    let new = home.holder().unlock(&home.path()).unwrap();
    let mixed = lanyard_cache::CacheKeys::new(new.file, old.seal, new.salt);
    let error = Cache::open(&home.path(), mixed).unwrap().find_grant(&account().id).unwrap_err();
    assert!(matches!(error, CacheError::Unsealable(_)), "{error:?}");
}

#[test]
fn a_holder_that_does_not_have_the_keys_stops_it_before_anything_is_done() {
    let home = Home::new();
    let mut cache = Cache::open(&home.path(), keys(1)).unwrap();
    put_sample(&mut cache);
    let error = cache.rekey(&home.holder()).unwrap_err();
    assert!(matches!(error, CacheError::KeyMissing { .. }), "{error:?}");
    check_sample(&cache);
    assert_eq!(files(&home), ["cache.db", "cache.db-shm", "cache.db-wal"]);
}

#[test]
fn a_passphrase_goes_on_to_open_it() {
    let home = Home::new();
    let path = home.path();
    let mut cache = Cache::open(&path, passphrase("p").unlock(&path).unwrap()).unwrap();
    put_sample(&mut cache);
    let error = cache.rekey(&passphrase("q")).unwrap_err();
    assert!(matches!(error, CacheError::WrongPassphrase(_)), "{error:?}");
    cache.rekey(&passphrase("p")).unwrap();
    check_sample(&cache);
    drop(cache);
    check_sample(&Cache::open(&path, passphrase("p").unlock(&path).unwrap()).unwrap());
}

#[test]
fn a_reader_at_work_goes_on_with_the_old_file() {
    let home = Home::new();
    home.with_sample();
    let mut cache = home.open();
    let key = home.holder().unlock(&home.path()).unwrap().file;
    let reader = ReadOnlyCache::open(&home.path(), &key).unwrap();
    cache.rekey(&home.holder()).unwrap();
    assert_eq!(reader.facts().unwrap().accounts, 1);
    check_sample(&cache);
    drop(reader);
    drop(cache);
    check_sample(&home.open());
}

/// Counts the sets of keys in the keyfile.
pub(crate) fn sets(home: &Home) -> usize {
    std::fs::read_to_string(keyfile_path(&home.path())).unwrap().lines().count() - 1
}

pub(crate) fn files(home: &Home) -> Vec<String> {
    let folder = std::fs::read_dir(home.path().parent().unwrap()).unwrap();
    let mut names: Vec<String> =
        folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
