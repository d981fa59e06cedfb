use lanyard_cache::{Cache, CacheError, KeyHolder, holders_of, keyfile_path, rewrap};
use lanyard_core::config::KeySource;

use super::keys::passphrase;
use super::{Home, check_sample};

#[test]
fn another_holder_gets_the_keys_and_the_file_stays_as_it_is() {
    let home = Home::new();
    home.with_sample();
    let before = std::fs::read(home.path()).unwrap();
    let mut noted = false;
    let note = || {
        noted = true;
        assert_eq!(holders(&home), [KeySource::Passphrase, KeySource::Keyfile]);
        Ok::<(), CacheError>(())
    };
    rewrap(&home.path(), &home.holder(), &passphrase("p"), note).unwrap();
    assert!(noted);
    assert_eq!(holders(&home), [KeySource::Passphrase]);
    assert_eq!(std::fs::read(home.path()).unwrap(), before);
    check_sample(&open(&home, &passphrase("p")));
}

#[test]
fn a_change_that_stops_half_way_leaves_both_holders_and_is_done_later() {
    let home = Home::new();
    home.with_sample();
    let stop = || Err(CacheError::Busy);
    rewrap(&home.path(), &home.holder(), &passphrase("p"), stop).unwrap_err();
    assert_eq!(holders(&home), [KeySource::Passphrase, KeySource::Keyfile]);
    check_sample(&home.open());
    check_sample(&open(&home, &passphrase("p")));
    let go_on = || Ok::<(), CacheError>(());
    rewrap(&home.path(), &home.holder(), &passphrase("p"), go_on).unwrap();
    assert_eq!(holders(&home), [KeySource::Passphrase]);
}

#[test]
fn a_passphrase_is_changed_in_one_step() {
    let home = Home::new();
    home.with_sample();
    let go_on = || Ok::<(), CacheError>(());
    rewrap(&home.path(), &home.holder(), &passphrase("old"), go_on).unwrap();
    rewrap(&home.path(), &passphrase("old"), &passphrase("new"), go_on).unwrap();
    check_sample(&open(&home, &passphrase("new")));
    let error = passphrase("old").unlock(&home.path()).unwrap_err();
    assert!(matches!(error, CacheError::WrongPassphrase(_)), "{error:?}");
}

#[test]
fn a_wrong_passphrase_changes_nothing() {
    let home = Home::new();
    home.with_sample();
    let go_on = || Ok::<(), CacheError>(());
    rewrap(&home.path(), &home.holder(), &passphrase("p"), go_on).unwrap();
    let to = KeyHolder::Keyfile(keyfile_path(&home.path()));
    let error = rewrap(&home.path(), &passphrase("q"), &to, go_on).unwrap_err();
    assert!(matches!(error, CacheError::WrongPassphrase(_)), "{error:?}");
    assert_eq!(holders(&home), [KeySource::Passphrase]);
}

#[test]
fn a_holder_that_cannot_keep_the_keys_leaves_them_where_they_were() {
    let home = Home::new();
    home.with_sample();
    let nowhere = KeyHolder::Keyfile(home.0.path().join("missing/k"));
    let go_on = || Ok::<(), CacheError>(());
    for to in [nowhere, passphrase("")] {
        rewrap(&home.path(), &home.holder(), &to, go_on).unwrap_err();
        assert_eq!(holders(&home), [KeySource::Keyfile]);
    }
}

fn holders(home: &Home) -> Vec<KeySource> {
    holders_of(&home.path(), &keyfile_path(&home.path()))
}

fn open(home: &Home, holder: &KeyHolder) -> Cache {
    Cache::open(&home.path(), holder.unlock(&home.path()).unwrap()).unwrap()
}
