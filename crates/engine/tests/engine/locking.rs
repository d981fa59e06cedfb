use std::time::Duration;

use lanyard_core::provider::Way;
use lanyard_core::{AccountState, Code, Passphrase};
use lanyard_engine::{Answer, AuditFilter, LockReason, Question, TokenRequest};

use super::fakes::{CONFIG, program, secret, signed_in};

#[tokio::test]
async fn while_locked_every_request_is_turned_away_and_accounts_are_shown_as_locked() {
    let fixture = signed_in();
    fixture.engine.lock(LockReason::Asked).await;
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::Locked);
    let seen = fixture.engine.overview().await.unwrap();
    assert_eq!(seen.accounts[0].state, AccountState::Locked);
    let program = program("tool");
    assert_eq!(
        fixture.engine.sign_in(None, None, None, Way::Usual, &program).unwrap_err().code,
        Code::Locked
    );
    assert_eq!(fixture.engine.sign_out("a1", &program).await.unwrap_err().code, Code::Locked);
    fixture.engine.unlock(None).await.unwrap();
    assert_eq!(secret(&fixture.ask().await.unwrap()), "first");
}

#[tokio::test]
async fn a_wrong_passphrase_unlocks_nothing_and_wrong_ones_have_to_wait() {
    let fixture = signed_in();
    fixture.engine.lock(LockReason::Session).await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(fixture.engine.unlock(Some(Passphrase::new("wrong"))).await.unwrap_err().code);
    }
    assert_eq!(codes, [Code::WrongKey, Code::WrongKey, Code::WrongKey, Code::Locked]);
    let right = || Some(Passphrase::new("right"));
    assert_eq!(fixture.engine.unlock(right()).await.unwrap_err().code, Code::Locked);
    fixture.pass(1);
    fixture.engine.unlock(right()).await.unwrap();
    assert!(!fixture.engine.is_locked());
}

#[tokio::test]
async fn a_refresh_that_is_under_way_is_finished_before_the_cache_is_closed() {
    let fixture = signed_in();
    fixture.pass(59);
    fixture.provider.gate.forget_permits(1000);
    let engine = fixture.engine.clone();
    let asking =
        tokio::spawn(async move { engine.token(TokenRequest::default(), &program("tool")).await });
    while fixture.refreshes().is_empty() {
        tokio::task::yield_now().await;
    }
    let engine = fixture.engine.clone();
    let locking = tokio::spawn(async move { engine.lock(LockReason::Suspend).await });
    while !fixture.engine.is_locked() {
        tokio::task::yield_now().await;
    }
    fixture.provider.gate.add_permits(10);
    assert_eq!(secret(&asking.await.unwrap().unwrap()), "token-1");
    locking.await.unwrap();
    fixture.engine.unlock(None).await.unwrap();
    fixture.pass(59);
    fixture.ask().await.unwrap();
    assert_eq!(fixture.refreshes(), ["grant-0", "grant-1"]);
}

#[tokio::test]
async fn what_was_allowed_until_the_lock_is_asked_again() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    let request = || TokenRequest { scopes: vec!["write".into()], ..TokenRequest::default() };
    let ask = || async { fixture.engine.token(request(), &program("tool")).await };
    ask().await.unwrap_err();
    let id = fixture.engine.prompts()[0].id.clone();
    fixture.engine.answer(&id, Answer::Allow).await.unwrap();
    ask().await.unwrap();
    fixture.engine.lock(LockReason::Asked).await;
    fixture.engine.unlock(None).await.unwrap();
    assert_eq!(ask().await.unwrap_err().code, Code::PromptPending);
}

#[tokio::test]
async fn it_locks_by_itself_when_nobody_uses_it() {
    let fixture = signed_in();
    fixture.pass(29);
    assert!(fixture.engine.lock_when_idle().await.is_some());
    fixture.ask().await.unwrap();
    fixture.pass(29);
    fixture.engine.lock_when_idle().await;
    assert!(!fixture.engine.is_locked());
    fixture.pass(2);
    assert_eq!(fixture.engine.lock_when_idle().await, None::<Duration>);
    assert!(fixture.engine.is_locked());
}

#[tokio::test]
async fn never_is_never() {
    let fixture = signed_in();
    fixture.write_config(&format!("{CONFIG}[lock]\nafter = \"never\"\n"));
    let id = loosening(&fixture);
    fixture.engine.answer(&id, Answer::Allow).await.unwrap();
    fixture.pass(1_000_000);
    fixture.engine.lock_when_idle().await;
    assert!(!fixture.engine.is_locked());
}

#[tokio::test]
async fn requests_that_were_turned_away_are_in_the_audit_trail() {
    let fixture = signed_in();
    fixture.engine.lock(LockReason::Asked).await;
    fixture.ask().await.unwrap_err();
    fixture.engine.unlock(None).await.unwrap();
    let rows = fixture.engine.audit(AuditFilter::newest(10)).await.unwrap();
    let seen: Vec<_> = rows.iter().rev().map(|row| (row.action, row.code)).collect();
    assert_eq!(seen, [("lock", None), ("token", Some(Code::Locked)), ("unlock", None)]);
}

fn loosening(fixture: &super::fakes::Fixture) -> String {
    let prompts = fixture.engine.prompts();
    let prompt = prompts.iter().find(|prompt| matches!(prompt.question, Question::Loosen { .. }));
    prompt.unwrap().id.clone()
}
