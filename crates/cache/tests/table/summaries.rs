use std::time::{Duration, Instant};

use jiff::Timestamp;
use lanyard_core::{AccountId, Tenant, TokenKey};

use super::{account, at, fixture, grant, key, raw, token};

#[test]
fn an_account_comes_once_for_each_tenant_with_its_longest_token() {
    let mut cache = fixture().cache;
    let tenant = |id: &str| Tenant { id: id.to_owned(), name: None };
    let in_tenant = |id: &str, client: &str| TokenKey {
        tenant: id.to_owned(),
        client_id: client.to_owned(),
        ..key("a")
    };
    let first = (&in_tenant("x", "c"), &token("t", 60));
    cache.put_sign_in(&account("a"), Some(&tenant("x")), Some(&grant("r")), first).unwrap();
    cache.put_refresh(&in_tenant("x", "d"), &token("t", 90), None, None).unwrap();
    cache.put_refresh(&in_tenant("y", "c"), &token("t", 30), None, Some(&tenant("y"))).unwrap();
    cache.put_sign_in(&account("b"), None, None, (&key("b"), &token("t", 60))).unwrap();

    let found = cache.summaries().unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.account.id.as_str(), one.tenant.as_ref().map(|t| t.id.as_str()), one.token))
        .collect();
    let until = |ends| Some((at(0), at(ends)));
    assert_eq!(
        told,
        [("a", Some("x"), until(90)), ("a", Some("y"), until(30)), ("b", None, until(60))]
    );
    assert!(found[0].grant.is_some() && found[2].grant.is_none());
}

#[test]
fn ten_thousand_accounts_with_ten_tokens_each_are_summed_up_in_one_go() {
    let fixture = fixture();
    raw(&fixture)
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
            INSERT INTO accounts (id, profile, provider, issuer, subject, username, signed_in_at)
            SELECT 'id' || i, 'p', 'oidc', 'https://id', i, i, 0 FROM n;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9)
            INSERT INTO tokens (account, tenant, client_id, audience, access_token, scopes,
            obtained_at, expires_at, last_used_at)
            SELECT a.id, '', 'c', 'scopes:' || i, 't', '', 0, 1000 + i, 5 FROM accounts a, n;
            INSERT INTO grants (account, issuer, token_endpoint, client_id, sealed)
            SELECT id, '', '', '', x'' FROM accounts;",
        )
        .unwrap();
    let cache = &fixture.cache;
    assert_eq!(timed(|| cache.summaries().unwrap().len()), 10_000);
    assert_eq!(timed(|| cache.tokens_in_use(at(0)..=Timestamp::MAX).unwrap().len()), 0);
    let long_ago = Timestamp::UNIX_EPOCH;
    assert_eq!(timed(|| cache.tokens_in_use(long_ago..=Timestamp::MAX).unwrap().len()), 100_000);
    assert!(cache.find_grant(&AccountId::from_text("id1")).is_err(), "its seal is none");
}

/// Far more than a busy machine takes, and far less than a query for each account did.
#[expect(clippy::disallowed_methods, reason = "the test measures")]
fn timed<T>(work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    done
}
