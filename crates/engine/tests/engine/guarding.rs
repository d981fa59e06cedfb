use lanyard_core::{Code, config::Loosening};
use lanyard_engine::{Answer, Question};

use super::fakes::{CONFIG, Fixture, program, signed_in, signed_out};

const OTHER_CLIENT: &str = "[profile.work]\nprovider = \"acme\"\nclient_id = \"other\"\n";

#[tokio::test]
async fn a_changed_profile_holds_only_once_the_person_agreed() {
    let fixture = signed_in();
    fixture.write_config(OTHER_CLIENT);
    let (id, changes) = waiting(&fixture);
    assert_eq!(changes[0].place, "profile.work.client_id");
    fixture.pass(59);
    fixture.ask().await.unwrap();
    assert_eq!(fixture.refreshes(), ["grant-0"]);
    let (again, _) = waiting(&fixture);
    fixture.engine.answer(&again, Answer::Allow).await.unwrap();
    assert_ne!(id, "");
    assert!(fixture.engine.loosenings().is_empty());
}

#[tokio::test]
async fn what_was_refused_does_not_hold_and_is_not_asked_for_ten_minutes() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    let deny = format!("{CONFIG}[approval]\ndefault = \"deny\"\n");
    fixture.write_config(&deny);
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::Refused);
    fixture.write_config(CONFIG);
    let (id, _) = waiting(&fixture);
    fixture.engine.answer(&id, Answer::Refuse).await.unwrap();
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::Refused);
    assert!(fixture.engine.prompts().is_empty());
    fixture.pass(11);
    waiting(&fixture);
}

#[tokio::test]
async fn an_answer_counts_for_the_differences_that_were_shown() {
    let fixture = signed_in();
    fixture.write_config(OTHER_CLIENT);
    let (id, _) = waiting(&fixture);
    fixture.write_config(&OTHER_CLIENT.replace("other", "evil"));
    fixture.ask().await.unwrap();
    assert_eq!(fixture.engine.answer(&id, Answer::Allow).await.unwrap_err().code, Code::Usage);
    assert_eq!(fixture.engine.loosenings().len(), 1);
}

#[tokio::test]
async fn what_the_person_agreed_to_outlives_a_restart_of_the_cache() {
    let fixture = signed_in();
    fixture.write_config(OTHER_CLIENT);
    fixture.engine.lock(lanyard_engine::LockReason::Asked).await;
    fixture.engine.unlock(None).await.unwrap();
    assert_eq!(waiting(&fixture).1.len(), 1);
}

#[tokio::test]
async fn a_profile_without_accounts_may_change() {
    let fixture = signed_out();
    drop(fixture.ask_as(&program("tool")).await);
    fixture.write_config(OTHER_CLIENT);
    drop(fixture.ask().await);
    assert!(fixture.engine.loosenings().is_empty());
}

#[tokio::test]
async fn after_the_last_sign_out_the_file_holds() {
    let fixture = signed_in();
    fixture.write_config(OTHER_CLIENT);
    waiting(&fixture);
    fixture.engine.sign_out("a1", &program("tool")).await.unwrap();
    drop(fixture.ask().await);
    assert!(fixture.engine.loosenings().is_empty() && fixture.engine.prompts().is_empty());
}

/// Has the config looked at, and returns the question about it.
fn waiting(fixture: &Fixture) -> (String, Vec<Loosening>) {
    let providers = fixture.engine.providers().count();
    assert_eq!(providers, 1);
    let prompts = fixture.engine.prompts();
    let found = prompts.iter().find_map(|prompt| match &prompt.question {
        Question::Loosen { changes } => Some((prompt.id.clone(), changes.clone())),
        Question::SignIn { .. }
        | Question::PickAccount { .. }
        | Question::Approve { .. }
        | Question::Act { .. } => None,
    });
    found.unwrap()
}
