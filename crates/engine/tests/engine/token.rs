use lanyard_core::provider::ProviderErrorKind;
use lanyard_core::{AccountState, Code};
use lanyard_engine::{Kind, Source, TokenRequest};
use secrecy::ExposeSecret;
use std::time::Duration;

use super::asking::approve;
use super::fakes::{account, open, program, secret, signed_in, signed_out};

#[tokio::test]
async fn a_fresh_token_comes_from_the_cache() {
    let fixture = signed_in();
    let issued = fixture.ask().await.unwrap();
    assert_eq!((secret(&issued).as_str(), issued.source), ("first", Source::Cache));
    assert!(fixture.refreshes().is_empty());
}

#[tokio::test]
async fn a_stale_token_is_refreshed_with_the_rotated_grant_each_time() {
    let fixture = signed_in();
    fixture.pass(56);
    let issued = fixture.ask().await.unwrap();
    assert_eq!((secret(&issued).as_str(), issued.source), ("token-1", Source::Provider));
    fixture.pass(70);
    fixture.ask().await.unwrap();
    assert_eq!(fixture.refreshes(), ["grant-0", "grant-1"]);
}

#[tokio::test]
async fn nobody_signed_in_asks_for_a_sign_in() {
    let failure = signed_out().ask().await.unwrap_err();
    assert_eq!(failure.code, Code::SignInRequired);
    assert_eq!(failure.action.as_deref(), Some("run `lanyard login work`"));
}

#[tokio::test]
async fn the_rotated_grant_is_on_the_disk_before_the_token_is_seen() {
    let fixture = signed_in();
    fixture.pass(90);
    fixture.ask().await.unwrap();
    let (found, _) = open(&fixture.dir).find_grant(&account().id).unwrap().unwrap();
    assert_eq!(found.refresh_token.expose_secret(), "grant-1");
}

#[tokio::test]
async fn fifty_callers_cause_one_refresh() {
    let fixture = signed_in();
    fixture.pass(90);
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let engine = fixture.engine.clone();
            tokio::spawn(
                async move { engine.token(TokenRequest::default(), &program("tool")).await },
            )
        })
        .collect();
    for caller in callers {
        assert_eq!(secret(&caller.await.unwrap().unwrap()), "token-1");
    }
    assert_eq!(fixture.refreshes().len(), 1);
}

#[tokio::test]
async fn two_audiences_never_use_one_grant_at_the_same_time() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    approve(&fixture, &program("tool")).await;
    fixture.pass(90);
    let other = TokenRequest { scopes: vec!["write".into()], ..TokenRequest::default() };
    let engine = fixture.engine.clone();
    let second = tokio::spawn(async move { engine.token(other, &program("tool")).await });
    fixture.ask().await.unwrap();
    second.await.unwrap().unwrap();
    let mut sent = fixture.refreshes();
    sent.sort();
    assert_eq!(sent, ["grant-0", "grant-1"]);
}

#[tokio::test]
async fn a_cancelled_caller_does_not_lose_the_rotated_grant() {
    let fixture = signed_in();
    fixture.pass(90);
    fixture.provider.gate.acquire_many(1000).await.unwrap().forget();
    let engine = fixture.engine.clone();
    let caller =
        tokio::spawn(async move { engine.token(TokenRequest::default(), &program("tool")).await });
    while fixture.refreshes().is_empty() {
        tokio::task::yield_now().await;
    }
    caller.abort();
    fixture.provider.gate.add_permits(1);
    assert_eq!(secret(&fixture.ask().await.unwrap()), "token-1");
    assert_eq!(fixture.refreshes().len(), 1);
}

#[tokio::test]
async fn a_token_that_still_works_is_given_while_the_provider_is_down() {
    let fixture = signed_in();
    fixture.pass(57);
    fixture.will_answer(ProviderErrorKind::TRANSIENT);
    let issued = fixture.ask().await.unwrap();
    assert_eq!(secret(&issued), "first");
    assert!(issued.warning.unwrap().contains("valid for 180 s more"));
}

#[tokio::test]
async fn a_caller_that_insists_on_the_validity_gets_none_while_the_provider_is_down() {
    let fixture = signed_in();
    fixture.pass(57);
    fixture.will_answer(ProviderErrorKind::TRANSIENT);
    let request =
        TokenRequest { min_valid: Some(Duration::from_mins(5)), ..TokenRequest::default() };
    let failure = fixture.engine.token(request, &program("tool")).await.unwrap_err();
    assert_eq!(failure.code, Code::ProviderUnreachable);
}

#[tokio::test]
async fn a_failed_refresh_keeps_the_grant() {
    let fixture = signed_in();
    fixture.pass(90);
    for kind in [
        ProviderErrorKind::TRANSIENT,
        ProviderErrorKind::Misconfigured,
        ProviderErrorKind::Protocol,
    ] {
        fixture.will_answer(kind);
        fixture.ask().await.unwrap_err();
    }
    assert_eq!(fixture.engine.overview().await.unwrap().accounts[0].state, AccountState::Error);
    assert_eq!(secret(&fixture.ask().await.unwrap()), "token-4");
    assert_eq!(fixture.refreshes(), ["grant-0"; 4]);
    assert_eq!(fixture.engine.overview().await.unwrap().accounts[0].state, AccountState::Ok);
}

#[tokio::test]
async fn a_dead_grant_is_never_sent_again_and_its_account_stays() {
    let fixture = signed_in();
    fixture.pass(90);
    fixture.will_answer(ProviderErrorKind::GrantDead);
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::SignInRequired);
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::SignInRequired);
    assert_eq!(fixture.refreshes().len(), 1);
    let accounts = fixture.engine.overview().await.unwrap().accounts;
    assert_eq!(accounts[0].state, AccountState::SignInRequired);
    assert_eq!(accounts[0].account.last_error.as_ref().unwrap().message, "as told");
}

#[tokio::test]
async fn a_grant_that_is_not_enough_for_one_token_stays_alive() {
    let fixture = signed_in();
    fixture.pass(90);
    fixture.will_answer(ProviderErrorKind::SignInRequired);
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::SignInRequired);
    assert_eq!(secret(&fixture.ask().await.unwrap()), "token-2");
}

#[tokio::test]
async fn a_clock_that_was_turned_back_does_not_keep_a_token_for_ever() {
    let fixture = signed_in();
    fixture.clock.turn_back(Duration::from_hours(24));
    assert_eq!(secret(&fixture.ask().await.unwrap()), "token-1");
}

#[tokio::test]
async fn force_asks_the_provider_although_a_fresh_token_is_at_hand() {
    let fixture = signed_in();
    let request = TokenRequest { force: true, ..TokenRequest::default() };
    let issued = fixture.engine.token(request, &program("tool")).await.unwrap();
    assert_eq!(secret(&issued), "token-1");
}

#[tokio::test]
async fn a_provider_that_gives_short_lives_is_not_asked_for_each_call() {
    let fixture = signed_in();
    fixture.pass(90);
    *fixture.provider.lifetime.lock().unwrap() = Duration::from_mins(1);
    assert!(fixture.ask().await.unwrap().warning.unwrap().contains("valid for 60 s more"));
    fixture.ask().await.unwrap();
    assert_eq!(fixture.refreshes().len(), 1);
}

#[tokio::test]
async fn malformed_requests_are_refused_before_anything_is_asked() {
    let fixture = signed_in();
    let plain = TokenRequest::default;
    let cases = [
        (TokenRequest { profile: Some("nope\u{202e}".into()), ..plain() }, Code::Usage),
        (TokenRequest { scopes: vec!["a b".into()], ..plain() }, Code::Usage),
        (TokenRequest { scopes: vec![String::new()], ..plain() }, Code::Usage),
        (TokenRequest { scopes: vec!["x".repeat(2000)], ..plain() }, Code::Usage),
        (TokenRequest { resource: Some("a b".into()), ..plain() }, Code::Usage),
        (
            TokenRequest { resource: Some("r".into()), scopes: vec!["s".into()], ..plain() },
            Code::Usage,
        ),
        (TokenRequest { tenant: Some("t".into()), ..plain() }, Code::Usage),
        (TokenRequest { account: Some("somebody".into()), ..plain() }, Code::SignInRequired),
    ];
    for (request, code) in cases {
        let shown = format!("{request:?}");
        assert_eq!(
            fixture.engine.token(request, &program("tool")).await.unwrap_err().code,
            code,
            "{shown}"
        );
    }
    assert!(fixture.refreshes().is_empty());
}

#[tokio::test]
async fn a_prompt_is_raised_once_and_only_where_somebody_can_see_it() {
    let fixture = signed_out();
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::SignInRequired);
    let watcher = fixture.engine.watch();
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::PromptPending);
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::PromptPending);
    assert_eq!(fixture.engine.prompts().len(), 1);
    drop(watcher);
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::SignInRequired);
}

#[tokio::test]
async fn an_id_token_is_given_on_request() {
    let fixture = signed_in();
    fixture.pass(90);
    let request = TokenRequest { kind: Kind::Id, ..TokenRequest::default() };
    let issued = fixture.engine.token(request, &program("tool")).await.unwrap();
    assert_eq!(issued.token.id_token.unwrap().expose_secret(), "id");
}

#[tokio::test]
async fn an_id_token_that_ends_before_the_access_token_is_refreshed_by_its_own_end() {
    let fixture = signed_in();
    fixture.pass(40);
    assert!(fixture.ask().await.is_ok() && fixture.refreshes().is_empty());
    let request = TokenRequest { kind: Kind::Id, ..TokenRequest::default() };
    fixture.engine.token(request, &program("tool")).await.unwrap();
    assert_eq!(fixture.refreshes().len(), 1);
}
