use lanyard_cache::Choice;

use super::{account, fixture, key, token};

#[test]
fn a_choice_is_remembered_for_its_caller_and_profile() {
    let mut cache = fixture().cache;
    let profile = "p".parse().unwrap();
    for id in ["a", "b"] {
        cache.put_sign_in(&account(id), None, None, (&key(id), &token("t", 60))).unwrap();
        cache.put_choice("curl", &profile, &choice(id)).unwrap();
    }
    assert_eq!(cache.find_choice("curl", &profile).unwrap(), Some(choice("b")));
    assert_eq!(cache.find_choice("wget", &profile).unwrap(), None);
    assert_eq!(cache.find_choice("curl", &"q".parse().unwrap()).unwrap(), None);
    assert!(cache.remove_choice("curl", &profile).unwrap());
    assert!(!cache.remove_choice("curl", &profile).unwrap());
}

#[test]
fn a_choice_goes_with_its_account_and_with_all_others() {
    let mut cache = fixture().cache;
    let profile = "p".parse().unwrap();
    cache.put_sign_in(&account("a"), None, None, (&key("a"), &token("t", 60))).unwrap();
    cache.put_choice("curl", &profile, &choice("a")).unwrap();
    cache.put_choice("wget", &profile, &choice("a")).unwrap();
    assert_eq!(cache.remove_choices().unwrap(), 2);
    cache.put_choice("curl", &profile, &choice("a")).unwrap();
    cache.remove_account(&account("a").id).unwrap();
    assert_eq!(cache.find_choice("curl", &profile).unwrap(), None);
}

fn choice(id: &str) -> Choice {
    Choice { account: account(id).id, tenant: Some("t".to_owned()) }
}
