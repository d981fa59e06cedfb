use lanyard_core::Code;
use lanyard_engine::{AuditFilter, TokenRequest};

use super::fakes::{program, secret, signed_in};

#[tokio::test]
async fn a_token_in_use_is_refreshed_ahead_of_its_end() {
    let fixture = signed_in();
    fixture.pass(45);
    fixture.ask().await.unwrap();
    fixture.engine.audit(AuditFilter::newest(1)).await.unwrap();
    fixture.pass(12);
    assert!(fixture.engine.refresh_due().await);
    assert_eq!(fixture.refreshes().len(), 1);
    assert_eq!(secret(&fixture.ask().await.unwrap()), "token-1");
}

#[tokio::test]
async fn a_token_that_nobody_asks_for_is_left_alone() {
    let fixture = signed_in();
    fixture.pass(57);
    assert!(!fixture.engine.refresh_due().await);
    assert!(fixture.refreshes().is_empty());
}

#[tokio::test]
async fn after_a_long_sleep_nothing_is_refreshed_that_was_not_used_lately() {
    let fixture = signed_in();
    fixture.ask().await.unwrap();
    fixture.engine.audit(AuditFilter::newest(1)).await.unwrap();
    fixture.pass(60 * 24);
    assert!(!fixture.engine.refresh_due().await);
}

#[tokio::test]
async fn every_token_is_in_the_audit_trail_without_its_text() {
    let fixture = signed_in();
    fixture.ask().await.unwrap();
    let wrong = TokenRequest { account: Some("nobody".into()), ..TokenRequest::default() };
    fixture.engine.token(wrong, &program("tool")).await.unwrap_err();
    let rows = fixture.engine.audit(AuditFilter::newest(10)).await.unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.action, row.code.map(Code::as_str))).collect();
    assert_eq!(seen, [("token", Some("sign-in-required")), ("token", None)]);
    assert!(!format!("{rows:?}").contains("first"));
}
