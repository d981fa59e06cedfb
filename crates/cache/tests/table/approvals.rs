use super::{account, at, fixture, key, token};

#[test]
fn an_answer_is_remembered_for_its_caller_account_and_audience_until_its_end() {
    let mut cache = fixture().cache;
    let id = account("a").id;
    cache.put_sign_in(&account("a"), None, None, (&key("a"), &token("t", 60))).unwrap();
    cache.put_approval("curl", &id, "read", true, at(60)).unwrap();
    assert_eq!(cache.find_approval("curl", &id, "read", at(59)).unwrap(), Some(true));
    assert_eq!(cache.find_approval("curl", &id, "read", at(60)).unwrap(), None);
    assert_eq!(cache.find_approval("wget", &id, "read", at(0)).unwrap(), None);
    assert_eq!(cache.find_approval("curl", &id, "write", at(0)).unwrap(), None);
}

#[test]
fn a_newer_answer_replaces_the_older_and_both_go_with_the_account() {
    let mut cache = fixture().cache;
    let id = account("a").id;
    cache.put_sign_in(&account("a"), None, None, (&key("a"), &token("t", 60))).unwrap();
    cache.put_approval("curl", &id, "read", true, at(60)).unwrap();
    cache.put_approval("curl", &id, "read", false, at(60)).unwrap();
    assert_eq!(cache.find_approval("curl", &id, "read", at(0)).unwrap(), Some(false));
    cache.remove_account(&id).unwrap();
    assert_eq!(cache.find_approval("curl", &id, "read", at(0)).unwrap(), None);
}
