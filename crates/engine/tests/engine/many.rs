//! Ten thousand accounts and a hundred thousand tokens. `make bench` measures them.

use lanyard_core::{Audience, Caller, Code, Scopes};
use lanyard_engine::{Source, TokenRequest};

use super::fakes::{Fixture, by_hand, secret, signed_in};

const ACCOUNTS: u32 = 10_000;
const TOKENS_EACH: u32 = 10;

#[tokio::test]
async fn each_of_ten_thousand_accounts_gets_its_own_token() {
    let fixture = crowded();
    for number in [0, 1, 5000, ACCOUNTS - 1] {
        for scope in [0, TOKENS_EACH - 1] {
            let request = TokenRequest {
                account: Some(format!("user-{number}")),
                scopes: vec![format!("scope-{scope}")],
                ..TokenRequest::default()
            };
            let issued = fixture.engine.token(request, &Caller::default()).await.unwrap();
            assert_eq!(secret(&issued), format!("token-{number}-{scope}"));
            assert_eq!(issued.source, Source::Cache);
        }
    }
}

#[tokio::test]
async fn ten_thousand_accounts_are_not_listed_in_a_message() {
    let failure = crowded().ask().await.unwrap_err();
    assert_eq!(failure.code, Code::AccountAmbiguous);
    let action = failure.action.unwrap();
    assert!(action.ends_with("and 9991 more"), "{action}");
    assert!(action.len() < 1000, "{action}");
}

/// The fixture's account, and ten thousand more in the same profile.
fn crowded() -> Fixture {
    let fixture = signed_in();
    let file = by_hand(&fixture.dir);
    file.execute_batch("BEGIN").unwrap();
    let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers
        WHERE n + 1 < ?1)";
    let accounts = format!(
        "INSERT INTO accounts (id, profile, provider, issuer, subject, username, signed_in_at)
        {numbers} SELECT 'id-' || n, profile, provider, issuer, 'user-' || n, 'user-' || n,
        signed_in_at FROM numbers, (SELECT * FROM accounts)"
    );
    file.execute(&accounts, [ACCOUNTS]).unwrap();
    for scope in 0..TOKENS_EACH {
        let audience = Audience::Scopes(Scopes::parse(&format!("scope-{scope}"))).key();
        let tokens = format!(
            "INSERT INTO tokens (account, tenant, client_id, audience, access_token, scopes,
            obtained_at, expires_at) {numbers} SELECT 'id-' || n, tenant, client_id, ?2,
            'token-' || n || '-' || ?3, scopes, obtained_at, expires_at
            FROM numbers, (SELECT * FROM tokens WHERE account = 'a1')"
        );
        file.execute(&tokens, (ACCOUNTS, audience, scope)).unwrap();
    }
    file.execute_batch("COMMIT").unwrap();
    fixture
}
