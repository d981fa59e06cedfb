//! Ten thousand accounts and a hundred thousand tokens. `make bench` measures them.

use lanyard_core::Code;
use lanyard_engine::{Source, TokenRequest};

use super::fakes::{Fixture, allow, crowd, program, secret, signed_in};

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
            let issued = fixture.engine.token(request, &program("tool")).await.unwrap();
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

fn crowded() -> Fixture {
    let fixture = signed_in();
    crowd(&fixture.dir, ACCOUNTS, TOKENS_EACH);
    for scope in [0, TOKENS_EACH - 1] {
        allow(&fixture.dir, &format!("scope-{scope}"));
    }
    fixture
}
