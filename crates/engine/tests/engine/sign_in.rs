use std::time::Duration;

use lanyard_core::provider::Way;
use lanyard_core::{Clock, Code};
use lanyard_engine::{SignInState, SignInView};

use super::fakes::{Fixture, program, secret, signed_in, signed_out, user_code};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_pasted_return_address_finishes_the_sign_in() {
    let fixture = signed_out();
    let sign_in = begin(&fixture).await;
    fixture.engine.sign_in_return(&sign_in.id, &returned("maria")).unwrap();
    let done = fixture.engine.sign_in_over(&sign_in.id, SOON).await.unwrap();
    assert!(matches!(done.state, SignInState::Done { username, .. } if username == "maria"));
    assert_eq!(secret(&fixture.ask().await.unwrap()), "first");
}

#[tokio::test]
async fn a_second_sign_in_joins_the_first() {
    let fixture = signed_out();
    let first = begin(&fixture).await;
    let (second, joined) = start(&fixture);
    assert!(joined);
    assert_eq!((second.id, second.state), (first.id, first.state));
}

#[tokio::test]
async fn foreign_malformed_and_repeated_returns_do_not_end_the_sign_in() {
    let fixture = signed_out();
    let sign_in = begin(&fixture).await;
    let bad = [
        "",
        "not an address",
        "javascript:alert(1)",
        "http://127.0.0.1:9/callback?code=x",
        "http://127.0.0.1:9/callback?code=x&state=other",
        "http://127.0.0.1:9/callback?state=state",
        "http://127.0.0.1:9/elsewhere?code=x&state=state",
        "http://evil.example/callback?code=x&state=state",
    ];
    for url in bad {
        let failure = fixture.engine.sign_in_return(&sign_in.id, url).unwrap_err();
        assert_eq!(failure.code, Code::Usage, "{url}");
    }
    fixture.engine.sign_in_return(&sign_in.id, &returned("maria")).unwrap();
    assert!(fixture.engine.sign_in_return(&sign_in.id, &returned("maria")).is_err());
    let done = fixture.engine.sign_in_over(&sign_in.id, SOON).await.unwrap();
    assert!(matches!(done.state, SignInState::Done { .. }));
}

#[tokio::test]
async fn a_denied_sign_in_leaves_the_accounts_as_they_were() {
    let fixture = signed_in();
    let sign_in = begin(&fixture).await;
    let denied = "http://127.0.0.1:9/callback?error=access_denied&state=state";
    fixture.engine.sign_in_return(&sign_in.id, denied).unwrap();
    let over = fixture.engine.sign_in_over(&sign_in.id, SOON).await.unwrap();
    assert!(matches!(over.state, SignInState::Failed(failure) if failure.code == Code::Refused));
    assert_eq!(secret(&fixture.ask().await.unwrap()), "first");
}

#[tokio::test]
async fn a_sign_in_that_is_given_up_makes_room_for_the_next() {
    let fixture = signed_out();
    let sign_in = begin(&fixture).await;
    let over = fixture.engine.sign_in_cancel(&sign_in.id).await.unwrap();
    assert!(matches!(over.state, SignInState::Failed(_)));
    let (next, joined) = start(&fixture);
    assert!(!joined);
    assert_ne!(next.id, sign_in.id);
}

#[tokio::test]
async fn a_code_is_shown_and_giving_up_ends_the_wait_at_once() {
    let fixture = signed_out();
    let way = Way::DeviceCode;
    let caller = program("tool");
    let (begun, _) = fixture.engine.sign_in(Some("work"), None, None, way, &caller).unwrap();
    let shown = fixture.engine.sign_in_begun(&begun.id, SOON).await.unwrap();
    assert_eq!(shown.state, SignInState::Enter(user_code(fixture.clock.now())));
    let failure = fixture.engine.sign_in_return(&begun.id, &returned("maria")).unwrap_err();
    assert_eq!(failure.code, Code::Usage, "nothing can be pasted for a code");
    let given_up = tokio::time::timeout(SOON, fixture.engine.sign_in_cancel(&begun.id));
    assert!(matches!(given_up.await.unwrap().unwrap().state, SignInState::Failed(_)));
}

#[tokio::test]
async fn a_client_that_registered_itself_is_named_to_the_next_sign_in() {
    let fixture = signed_out();
    for profile in ["open", "open", "work"] {
        let (begun, _) = fixture
            .engine
            .sign_in(Some(profile), None, None, Way::Usual, &program("tool"))
            .unwrap();
        fixture.engine.sign_in_begun(&begun.id, SOON).await.unwrap();
        fixture.engine.sign_in_return(&begun.id, &returned("maria")).unwrap();
        fixture.engine.sign_in_over(&begun.id, SOON).await.unwrap();
    }
    let registered = fixture.provider.registered.lock().unwrap();
    let clients: Vec<_> =
        registered.iter().map(|it| it.as_ref().map(|it| it.client_id.as_str())).collect();
    assert_eq!(clients, [None, Some("client"), None]);
}

#[tokio::test]
async fn an_oversized_return_is_refused_and_the_sign_in_goes_on() {
    let fixture = signed_out();
    let sign_in = begin(&fixture).await;
    let huge = format!("http://127.0.0.1:9/callback?state=state&code={}", "x".repeat(100_000));
    let failure = fixture.engine.sign_in_return(&sign_in.id, &huge).unwrap_err();
    assert_eq!(failure.code, Code::Usage);
    fixture.engine.sign_in_return(&sign_in.id, &returned("maria")).unwrap();
}

#[tokio::test]
async fn nobody_knows_a_sign_in_that_was_never_begun() {
    let fixture = signed_out();
    assert_eq!(fixture.engine.sign_in_over("x", SOON).await.unwrap_err().code, Code::Usage);
    assert_eq!(fixture.engine.sign_in_cancel("x").await.unwrap_err().code, Code::Usage);
}

#[tokio::test]
async fn a_sign_in_settles_the_prompt_that_waited_for_it() {
    let fixture = signed_out();
    let _watcher = fixture.engine.watch();
    fixture.ask().await.unwrap_err();
    let sign_in = begin(&fixture).await;
    fixture.engine.sign_in_return(&sign_in.id, &returned("maria")).unwrap();
    fixture.engine.sign_in_over(&sign_in.id, SOON).await.unwrap();
    assert!(fixture.engine.prompts().is_empty());
}

#[tokio::test]
async fn two_people_of_one_profile_have_to_be_told_apart() {
    let fixture = signed_in();
    let sign_in = begin(&fixture).await;
    fixture.engine.sign_in_return(&sign_in.id, &returned("omar")).unwrap();
    fixture.engine.sign_in_over(&sign_in.id, SOON).await.unwrap();
    let failure = fixture.ask().await.unwrap_err();
    assert_eq!(failure.code, Code::AccountAmbiguous);
    let action = failure.action.unwrap();
    assert!(action.contains("maria") && action.contains("omar"), "{action}");
}

fn start(fixture: &Fixture) -> (SignInView, bool) {
    fixture.engine.sign_in(Some("work"), None, None, Way::Usual, &program("tool")).unwrap()
}

async fn begin(fixture: &Fixture) -> SignInView {
    let (begun, joined) = start(fixture);
    assert!(!joined);
    fixture.engine.sign_in_begun(&begun.id, SOON).await.unwrap()
}

fn returned(user: &str) -> String {
    format!("http://127.0.0.1:9/callback?code={user}&state=state")
}
