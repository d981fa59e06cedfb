use lanyard_cache::{AuditCheck, AuditFilter, AuditRow};
use lanyard_core::Code;

use super::{Fixture, at, fixture, raw};

#[test]
fn the_newest_entries_come_first() {
    let mut cache = fixture().cache;
    cache.append_audit(&[row(1), row(2), row(3)]).unwrap();
    assert_eq!(cache.newest_audit(&AuditFilter::newest(2)).unwrap(), [row(3), row(2)]);
}

#[test]
fn entries_are_found_by_profile_action_and_time() {
    let mut cache = fixture().cache;
    let other = AuditRow { profile: "q".to_owned(), action: "lock", ..row(2) };
    cache.append_audit(&[row(1), other.clone(), row(3)]).unwrap();
    let all = AuditFilter::newest(10);
    let found = |filter: AuditFilter| cache.newest_audit(&filter).unwrap();
    assert_eq!(
        found(AuditFilter { profile: Some("q".into()), ..all.clone() }),
        vec![other.clone()]
    );
    assert_eq!(
        found(AuditFilter { action: Some("lock".into()), ..all.clone() }),
        vec![other.clone()]
    );
    assert_eq!(found(AuditFilter { since: Some(at(2)), ..all.clone() }), [row(3), other]);
    assert!(found(AuditFilter { since: Some(at(4)), ..all }).is_empty());
}

#[test]
fn a_long_detail_and_control_characters_are_cut() {
    let mut cache = fixture().cache;
    let detail = Some(format!("a\u{202E}b\n{}", "x".repeat(10_000)));
    cache.append_audit(&[AuditRow { detail, ..row(1) }]).unwrap();
    let kept = cache.newest_audit(&AuditFilter::newest(1)).unwrap()[0].detail.clone().unwrap();
    assert!(kept.chars().count() <= 201 && !kept.contains(['\n', '\u{202E}']), "{kept}");
}

#[test]
fn an_untouched_chain_holds_from_its_first_to_its_last_entry() {
    let mut cache = fixture().cache;
    let empty = AuditCheck { entries: 0, first: None, last: None, adopted: None, broken_at: None };
    assert_eq!(cache.verify_audit().unwrap(), empty);
    cache.append_audit(&[row(1), row(2)]).unwrap();
    cache.append_audit(&[]).unwrap();
    cache.append_audit(&[row(3)]).unwrap();
    let whole = AuditCheck { entries: 3, first: Some(at(1)), last: Some(at(3)), ..empty };
    assert_eq!(cache.verify_audit().unwrap(), whole);
}

#[test]
fn a_changed_entry_is_found() {
    for column in ["at = at + 1", "caller = 'wget'", "code = NULL", "detail = ''", "hash = NULL"] {
        let tampered = with_three_entries(&format!("UPDATE audit SET {column} WHERE id = 2"));
        assert_eq!(tampered.cache.verify_audit().unwrap().broken_at, Some(2), "{column}");
    }
}

#[test]
fn a_missing_entry_is_found_at_the_start_in_the_middle_and_at_the_end() {
    for (gone, found) in [(1, 2), (2, 3), (3, 3)] {
        let tampered = with_three_entries(&format!("DELETE FROM audit WHERE id = {gone}"));
        assert_eq!(tampered.cache.verify_audit().unwrap().broken_at, Some(found), "{gone}");
    }
}

#[test]
fn entries_that_change_places_are_found() {
    let tampered = with_three_entries(
        "UPDATE audit SET id = 9 WHERE id = 1; UPDATE audit SET id = 1 WHERE id = 2;
        UPDATE audit SET id = 2 WHERE id = 9;",
    );
    assert_eq!(tampered.cache.verify_audit().unwrap().broken_at, Some(1));
}

#[test]
fn an_empty_trail_is_found_where_there_was_one() {
    let tampered = with_three_entries("DELETE FROM audit");
    assert_eq!(tampered.cache.verify_audit().unwrap().broken_at, Some(3));
}

fn with_three_entries(tampering: &str) -> Fixture {
    let mut fixture = fixture();
    fixture.cache.append_audit(&[row(1), row(2), row(3)]).unwrap();
    raw(&fixture).execute_batch(tampering).unwrap();
    fixture
}

fn row(seconds: i64) -> AuditRow {
    AuditRow {
        at: at(seconds),
        action: "token",
        caller: "curl".to_owned(),
        executable: Some("/usr/bin/curl".to_owned()),
        folder: None,
        profile: "p".to_owned(),
        account: None,
        audience: None,
        code: Some(Code::Refused),
        detail: None,
    }
}
