use lanyard_core::{Code, Failure};

use super::{account, fixture, grant, key, token};

#[test]
fn an_account_comes_back_with_its_grants_standing() {
    let mut cache = fixture().cache;
    cache
        .put_sign_in(&account("a"), None, Some(&grant("r")), (&key("a"), &token("t", 60)))
        .unwrap();
    let found = cache.accounts().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].account, account("a"));
    assert!(!found[0].grant.unwrap().dead);
}

#[test]
fn a_refusal_is_kept_until_a_refresh_works() {
    let mut cache = fixture().cache;
    let token = (&key("a"), &token("t", 60));
    cache.put_sign_in(&account("a"), None, Some(&grant("r")), token).unwrap();
    let error = Failure::new(Code::ProviderUnreachable, "no route");
    cache.put_refusal(&account("a").id, &error, false).unwrap();
    assert_eq!(cache.accounts().unwrap()[0].account.last_error, Some(error));
    cache.put_refresh(token.0, token.1, None, None).unwrap();
    assert_eq!(cache.accounts().unwrap()[0].account.last_error, None);
}

#[test]
fn a_removed_account_leaves_nothing_behind() {
    let mut cache = fixture().cache;
    cache
        .put_sign_in(&account("a"), None, Some(&grant("r")), (&key("a"), &token("t", 60)))
        .unwrap();
    cache.remove_account(&account("a").id).unwrap();
    assert!(cache.accounts().unwrap().is_empty());
    assert!(cache.find_token(&key("a")).unwrap().is_none());
    assert!(cache.find_grant(&account("a").id).unwrap().is_none());
}

#[test]
fn a_dead_grant_stays_with_its_account() {
    let mut cache = fixture().cache;
    cache
        .put_sign_in(&account("a"), None, Some(&grant("r")), (&key("a"), &token("t", 60)))
        .unwrap();
    let error = Failure::new(Code::SignInRequired, "over");
    cache.put_refusal(&account("a").id, &error, true).unwrap();
    assert!(cache.accounts().unwrap()[0].grant.unwrap().dead);
    assert!(cache.find_grant(&account("a").id).unwrap().unwrap().1);
}
