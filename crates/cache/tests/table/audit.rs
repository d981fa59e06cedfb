use lanyard_cache::AuditRow;
use lanyard_core::Code;

use super::{at, fixture};

#[test]
fn the_newest_entries_come_first() {
    let mut cache = fixture().cache;
    let row = |seconds| AuditRow {
        at: at(seconds),
        action: "token",
        caller: "curl".to_owned(),
        folder: None,
        profile: "p".to_owned(),
        account: None,
        audience: None,
        code: Some(Code::Refused),
    };
    cache.append_audit(&[row(1), row(2), row(3)]).unwrap();
    assert_eq!(cache.newest_audit(2).unwrap(), [row(3), row(2)]);
}
