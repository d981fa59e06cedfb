use lanyard_cache::{AuditFilter, Cache};
use rusqlite::Connection;

use super::{Home, keys};

#[test]
fn a_file_of_the_first_schema_gets_a_chain_from_its_first_entry() {
    let home = Home::new();
    first_schema(&home, 3);
    let mut cache = Cache::open(&home.path(), keys(1)).unwrap();
    let check = cache.verify_audit().unwrap();
    assert_eq!((check.entries, check.adopted, check.broken_at), (3, Some(3), None));
    let row = cache.newest_audit(&AuditFilter::newest(1)).unwrap().remove(0);
    assert_eq!((row.caller.as_str(), row.profile.as_str()), ("curl", "p"));
    cache.append_audit(&[row]).unwrap();
    let check = cache.verify_audit().unwrap();
    assert_eq!((check.entries, check.adopted, check.broken_at), (4, Some(3), None));
}

#[test]
fn an_older_answer_of_the_person_stays() {
    let home = Home::new();
    first_schema(&home, 0);
    let cache = Cache::open(&home.path(), keys(1)).unwrap();
    let found = cache.approvals(super::at(0)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].1.caller.as_str(), found[0].1.allowed), ("curl", true));
    assert_eq!(cache.verify_audit().unwrap().adopted, None);
}

/// Makes the file that the first version made, with so many entries in its audit trail.
pub(crate) fn first_schema(home: &Home, entries: u32) {
    let raw = Connection::open(home.path()).unwrap();
    let (key, salt) = ("01".repeat(32), "01".repeat(16));
    raw.execute_batch(&format!(
        "PRAGMA key = \"x'{key}{salt}'\"; PRAGMA journal_mode = WAL; BEGIN; {}
        INSERT INTO accounts (id, profile, provider, issuer, subject, username, signed_in_at)
            VALUES ('a', 'p', 'oidc', 'https://id', 's', 'u', 0);
        INSERT INTO approvals (caller, account, audience, allowed, expires_at)
            VALUES ('curl', 'a', 'read', 1, 9000000000000);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {entries})
            INSERT INTO audit (at, action, caller, profile)
            SELECT i, 'token', 'curl', 'p' FROM n WHERE {entries} > 0;
        PRAGMA user_version = 1; COMMIT;",
        include_str!("../../../../cache-schema/migrations/0001_first.sql"),
    ))
    .unwrap();
    drop(raw);
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(home.path(), private).unwrap();
}
