use lanyard_cache::{Approval, Cache};
use lanyard_core::AccountId;

use super::{account, at, fixture, key, token};

#[test]
fn an_answer_is_remembered_for_its_caller_account_and_audience_until_its_end() {
    let mut cache = with_account();
    let id = account("a").id;
    cache.put_approval(&approval("curl", 60)).unwrap();
    let found = cache.find_approval("curl", &id, "read", at(59)).unwrap();
    assert_eq!(found, Some(approval("curl", 60)));
    assert_eq!(cache.find_approval("curl", &id, "read", at(60)).unwrap(), None);
    assert_eq!(cache.find_approval("wget", &id, "read", at(0)).unwrap(), None);
    assert_eq!(cache.find_approval("curl", &id, "write", at(0)).unwrap(), None);
    assert_eq!(
        cache.find_approval("curl", &AccountId::from_text("b"), "read", at(0)).unwrap(),
        None
    );
}

#[test]
fn a_newer_answer_replaces_the_older_and_both_go_with_the_account() {
    let mut cache = with_account();
    let id = account("a").id;
    cache.put_approval(&approval("curl", 60)).unwrap();
    cache.put_approval(&Approval { allowed: false, ..approval("curl", 60) }).unwrap();
    assert!(!cache.find_approval("curl", &id, "read", at(0)).unwrap().unwrap().allowed);
    assert_eq!(cache.approvals(at(0)).unwrap().len(), 1);
    cache.remove_account(&id).unwrap();
    assert_eq!(cache.find_approval("curl", &id, "read", at(0)).unwrap(), None);
}

#[test]
fn answers_are_taken_back_one_by_one_or_together() {
    let mut cache = with_account();
    for caller in ["curl", "wget", "git"] {
        cache.put_approval(&approval(caller, 60)).unwrap();
    }
    let listed = cache.approvals(at(0)).unwrap();
    assert_eq!(listed.len(), 3);
    assert!(cache.remove_approval(listed[0].0).unwrap());
    assert!(!cache.remove_approval(listed[0].0).unwrap());
    assert_eq!(cache.remove_approvals().unwrap(), 2);
    assert!(cache.approvals(at(0)).unwrap().is_empty());
}

#[test]
fn answers_that_are_over_go_when_a_new_one_comes() {
    let mut cache = with_account();
    cache.put_approval(&approval("curl", 60)).unwrap();
    let later = Approval { created_at: at(60), ..approval("wget", 120) };
    cache.put_approval(&later).unwrap();
    assert_eq!(cache.approvals(at(0)).unwrap().len(), 1);
}

#[test]
fn an_answer_for_nobody_is_not_remembered() {
    assert!(fixture().cache.put_approval(&approval("curl", 60)).is_err());
}

fn with_account() -> Cache {
    let mut cache = fixture().cache;
    cache.put_sign_in(&account("a"), None, None, (&key("a"), &token("t", 60))).unwrap();
    cache
}

fn approval(caller: &str, ends: i64) -> Approval {
    Approval {
        caller: caller.to_owned(),
        caller_name: caller.to_owned(),
        executable: Some(format!("/usr/bin/{caller}")),
        folder: Some("/home".to_owned()),
        account: account("a").id,
        audience: "read".to_owned(),
        created_at: at(0),
        expires_at: at(ends),
        allowed: true,
    }
}
