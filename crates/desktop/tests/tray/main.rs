//! The tray on a real desktop without a screen (`tests/desk/desk`): a panel shows it, a notification
//! daemon shows its notices, and a stub stands in for the broker.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod desk;
mod host;
mod stub;

use desk::{eventually, in_desk, opened_page};
use host::Host;
use lanyard_core::AccountState;
use stub::{Stub, account, approval, prompt, status};

const REPAIR: &str = "Sign in to Contoso again…";

#[test]
fn the_menu_follows_the_state() {
    in_desk("the_menu_follows_the_state", async {
        let stub = Stub::start(status(vec![account("svc_build")]));
        let running = tokio::spawn(stub.tray());
        let host = Host::find().await;

        host.shows("svc__build · Contoso · 41 min, renews itself").await;
        assert!(stub.was_told_that_a_person_looks());
        assert_eq!(host.property("Status").await, "Active");
        assert_eq!(host.property("Title").await, "Lanyard");

        stub.say(status(vec![ended("svc_build")]));
        host.shows(REPAIR).await;
        assert_eq!(host.property("Status").await, "NeedsAttention");

        host.choose("Quit").await;
        running.await.unwrap().unwrap();
    });
}

#[test]
fn choosing_to_sign_in_asks_the_broker_and_opens_its_page() {
    in_desk("choosing_to_sign_in_asks_the_broker_and_opens_its_page", async {
        let stub = Stub::start(status(vec![ended("maria")]));
        tokio::spawn(stub.tray());
        let host = Host::find().await;
        host.shows(REPAIR).await;

        host.choose(REPAIR).await;

        eventually("the browser", || async { opened_page() == Some(stub::PAGE.to_owned()) }).await;
        let calls = stub.sign_ins();
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].profile.as_deref(), Some("work"));
        assert_eq!(calls[0].username.as_deref(), Some("maria"));
    });
}

#[test]
fn a_sign_in_that_fails_says_why() {
    in_desk("a_sign_in_that_fails_says_why", async {
        let stub = Stub::start(status(vec![]));
        stub.refuse_sign_ins();
        tokio::spawn(stub.tray());
        let host = Host::find().await;
        host.shows("Sign in…").await;

        host.choose("Sign in…").await;

        host.notifies("Could not sign in to work").await;
    });
}

#[test]
fn a_program_that_waits_is_notified_until_it_is_settled() {
    in_desk("a_program_that_waits_is_notified_until_it_is_settled", async {
        let stub = Stub::start(status(vec![account("maria")]));
        tokio::spawn(stub.tray());
        let host = Host::find().await;
        host.shows("maria · Contoso · 41 min, renews itself").await;

        let mut asked = status(vec![account("maria")]);
        asked.prompts = vec![prompt("make")];
        stub.say(asked);
        host.shows("Sign in to work for make…").await;
        eventually("the notice", || async { host.notices().await == 1 }).await;

        stub.say(status(vec![account("maria")]));
        eventually("its end", || async { host.notices().await == 0 }).await;
    });
}

#[test]
fn pressing_a_notices_button_signs_in_and_takes_the_notice_back() {
    in_desk("pressing_a_notices_button_signs_in_and_takes_the_notice_back", async {
        let stub = Stub::start(status(vec![account("maria")]));
        tokio::spawn(stub.tray());
        let host = Host::find().await;
        host.shows("maria · Contoso · 41 min, renews itself").await;
        stub.say(status(vec![ended("maria")]));
        eventually("the notice", || async { host.notices().await == 1 }).await;

        eventually("the sign-in", || async {
            host.press("sign-in").await;
            !stub.sign_ins().is_empty()
        })
        .await;

        eventually("the notice's end", || async { host.notices().await == 0 }).await;
        assert_eq!(stub.sign_ins().len(), 1);
        assert_eq!(stub.sign_ins()[0].profile.as_deref(), Some("work"));
    });
}

#[test]
fn a_question_is_answered_neither_by_its_item_nor_by_its_notice() {
    in_desk("a_question_is_answered_neither_by_its_item_nor_by_its_notice", async {
        let stub = Stub::start(status(vec![account("maria")]));
        tokio::spawn(stub.tray());
        let host = Host::find().await;
        host.shows("maria · Contoso · 41 min, renews itself").await;
        let mut asked = status(vec![account("maria")]);
        asked.prompts = vec![approval("make")];
        stub.say(asked);
        host.shows("make asks for a token of maria…").await;
        eventually("the notice", || async { host.notices().await == 1 }).await;

        host.choose("make asks for a token of maria…").await;
        eventually("the window", || async { stub.shown() == ["window"] }).await;

        for button in ["sign-in", "allow", "yes"] {
            host.press(button).await;
        }
        eventually("the window again", || async {
            host.press("open").await;
            stub.shown().len() > 1
        })
        .await;
        assert!(stub.shown().iter().all(|shown| shown == "window"));
        assert!(stub.sign_ins().is_empty() && stub.others().is_empty(), "{:?}", stub.others());
    });
}

#[test]
fn locking_is_an_item_and_unlocking_is_the_windows() {
    in_desk("locking_is_an_item_and_unlocking_is_the_windows", async {
        let stub = Stub::start(status(vec![account("maria")]));
        tokio::spawn(stub.tray());
        let host = Host::find().await;
        host.shows("Lock").await;

        host.choose("Lock").await;

        host.shows("Unlock…").await;
        eventually("the notice", || async { host.notices().await == 1 }).await;
        host.choose("Unlock…").await;
        eventually("the window", || async { stub.shown() == ["window"] }).await;
    });
}

#[test]
fn a_lost_broker_is_shown_until_the_next_one_has_a_tray_of_its_own() {
    in_desk("a_lost_broker_is_shown_until_the_next_one_has_a_tray_of_its_own", async {
        let stub = Stub::start(status(vec![account("maria")]));
        let running = tokio::spawn(stub.tray());
        let host = Host::find().await;
        host.shows("maria · Contoso · 41 min, renews itself").await;

        let folder = stub.stop();
        host.shows("The broker does not answer").await;
        let stub = Stub::start_in(folder, status(vec![account("omar")]));

        running.await.unwrap().unwrap();
        assert_eq!(stub.shown(), ["tray"]);
    });
}

#[test]
fn the_tray_ends_with_the_session() {
    in_desk("the_tray_ends_with_the_session", async {
        let stub = Stub::start(status(vec![]));
        let running = tokio::spawn(stub.tray());
        let host = Host::find().await;
        host.shows("Sign in…").await;

        host.end_session().await;

        running.await.unwrap().unwrap();
    });
}

fn ended(username: &str) -> lanyard_api::AccountReply {
    let state = AccountState::SignInRequired;
    lanyard_api::AccountReply { state, renews: false, token_expires_at: None, ..account(username) }
}
