use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::SignedDuration;
use lanyard_core::{Ancestor, Caller, Code, Failure};
use lanyard_engine::{Act, Answer, AuditFilter, Issued, Prompt, Question, TokenRequest};

use super::fakes::{CONFIG, Fixture, program, signed_in};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn what_the_profile_does_not_list_is_asked_once_for_each_program() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    let tool = program("tool");
    assert_eq!(code(wider(&fixture, &tool, "write").await), Code::PromptPending);
    assert_eq!(code(wider(&fixture, &tool, "write").await), Code::PromptPending);
    let prompt = only_prompt(&fixture);
    assert!(matches!(&prompt.question, Question::Approve { audience, .. } if audience == "write"));
    fixture.engine.answer(&prompt.id, Answer::Allow).await.unwrap();
    wider(&fixture, &tool, "write").await.unwrap();
    wider(&fixture, &tool, "write").await.unwrap();
    assert_eq!(code(wider(&fixture, &program("other"), "write").await), Code::PromptPending);
    assert_eq!(code(wider(&fixture, &tool, "admin").await), Code::PromptPending);
}

#[tokio::test]
async fn an_approval_ends_after_twelve_hours() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    approve(&fixture, &program("tool")).await;
    fixture.pass(12 * 60 - 1);
    wider(&fixture, &program("tool"), "write").await.unwrap();
    fixture.pass(2);
    assert_eq!(code(wider(&fixture, &program("tool"), "write").await), Code::PromptPending);
}

#[tokio::test]
async fn a_refused_question_stays_refused_for_ten_minutes() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    drop(wider(&fixture, &program("tool"), "write").await);
    let id = only_prompt(&fixture).id;
    fixture.engine.answer(&id, Answer::Refuse).await.unwrap();
    assert_eq!(code(wider(&fixture, &program("tool"), "write").await), Code::Refused);
    assert!(fixture.engine.prompts().is_empty());
    fixture.pass(11);
    assert_eq!(code(wider(&fixture, &program("tool"), "write").await), Code::PromptPending);
}

#[tokio::test]
async fn an_agent_is_asked_about_even_for_what_the_profile_lists() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    fixture.write_config(&format!("{CONFIG}[approval]\nagent_programs = [\"robot\"]\n"));
    let robot = program("robot");
    assert_eq!(code(fixture.ask_as(&robot).await), Code::PromptPending);
    assert!(only_prompt(&fixture).agent.unwrap().starts_with("robot"));
}

#[tokio::test]
async fn an_unknown_program_is_asked_about_each_time() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    let unknown = Caller { pid: Some(9), ..Caller::default() };
    for _ in 0..2 {
        assert_eq!(code(fixture.ask_as(&unknown).await), Code::PromptPending);
        let id = only_prompt(&fixture).id;
        fixture.engine.answer(&id, Answer::Allow).await.unwrap();
        fixture.ask_as(&unknown).await.unwrap();
    }
    let other = Caller { pid: Some(10), ..Caller::default() };
    assert_eq!(code(fixture.ask_as(&other).await), Code::PromptPending);
}

#[tokio::test]
async fn deny_is_final_and_raises_no_question() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    fixture.write_config(&format!("{CONFIG}[approval]\ndefault = \"deny\"\n"));
    assert_eq!(code(fixture.ask().await), Code::Refused);
    assert!(fixture.engine.prompts().is_empty());
}

#[tokio::test]
async fn at_most_three_questions_of_one_program_wait() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    for scope in ["a", "b", "c"] {
        assert_eq!(code(wider(&fixture, &program("tool"), scope).await), Code::PromptPending);
    }
    assert_eq!(code(wider(&fixture, &program("tool"), "d").await), Code::Refused);
    assert_eq!(code(wider(&fixture, &program("other"), "d").await), Code::PromptPending);
}

#[tokio::test]
async fn without_anybody_to_ask_it_is_refused() {
    let fixture = signed_in();
    assert_eq!(code(wider(&fixture, &program("tool"), "write").await), Code::Refused);
    fixture.desktop.is_there.store(true, Ordering::Relaxed);
    assert_eq!(code(wider(&fixture, &program("tool"), "write").await), Code::PromptPending);
    assert_eq!(fixture.desktop.shown.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_caller_that_waits_goes_on_with_the_answer() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    let engine = fixture.engine.clone();
    let request = TokenRequest { wait: SOON, ..request("write") };
    let waiting = tokio::spawn(async move { engine.token(request, &program("tool")).await });
    let id = loop {
        match fixture.engine.prompts().first() {
            Some(prompt) => break prompt.id.clone(),
            None => tokio::task::yield_now().await,
        }
    };
    fixture.engine.answer(&id, Answer::Allow).await.unwrap();
    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_question_goes_away_when_nobody_answers() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    drop(wider(&fixture, &program("tool"), "write").await);
    fixture.pass(11);
    assert!(fixture.engine.prompts().is_empty());
}

#[tokio::test]
async fn an_answer_counts_once_and_only_to_its_question() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    drop(wider(&fixture, &program("tool"), "write").await);
    let id = only_prompt(&fixture).id;
    let account = Answer::Account(lanyard_core::AccountId::from_text("a1"));
    assert_eq!(fixture.engine.answer(&id, account).await.unwrap_err().code, Code::Usage);
    fixture.engine.answer(&id, Answer::Allow).await.unwrap();
    assert_eq!(fixture.engine.answer(&id, Answer::Allow).await.unwrap_err().code, Code::Usage);
}

#[tokio::test]
async fn a_program_may_give_up_its_own_question_and_no_other() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    drop(wider(&fixture, &program("tool"), "write").await);
    let id = only_prompt(&fixture).id;
    let other = Caller { pid: Some(99), ..program("other") };
    assert_eq!(fixture.engine.withdraw(&id, &other).await.unwrap_err().code, Code::Usage);
    assert!(fixture.engine.prompts_of(&other).is_empty());
    fixture.engine.withdraw(&id, &program("tool")).await.unwrap();
    assert_eq!(code(wider(&fixture, &program("tool"), "write").await), Code::Refused);
}

#[tokio::test]
async fn an_act_of_the_person_is_allowed_once() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    let tool = program("tool");
    let act = || fixture.engine.permit_act(Act::ReadAudit, &tool, Duration::ZERO);
    assert_eq!(act().await.unwrap_err().code, Code::PromptPending);
    let id = only_prompt(&fixture).id;
    fixture.engine.answer(&id, Answer::Allow).await.unwrap();
    act().await.unwrap();
    assert_eq!(act().await.unwrap_err().code, Code::PromptPending);
}

#[tokio::test]
async fn a_terminal_answers_with_the_passphrase_and_never_for_an_agent() {
    let fixture = signed_in();
    let typing = Caller { terminal: Some("34816".into()), ..program("tool") };
    assert_eq!(code(wider(&fixture, &typing, "write").await), Code::PromptPending);
    let id = only_prompt(&fixture).id;
    let answer = |caller: Caller, text: &'static str| {
        let (engine, id) = (fixture.engine.clone(), id.clone());
        async move {
            let passphrase = lanyard_core::Passphrase::new(text);
            engine.answer_in_terminal(&id, &caller, passphrase).await
        }
    };
    assert_eq!(answer(typing.clone(), "wrong").await.unwrap_err().code, Code::WrongKey);
    let elsewhere = Caller { pid: Some(99), ..program("other") };
    assert_eq!(answer(elsewhere, "right").await.unwrap_err().code, Code::Usage);
    let no_terminal = Caller { terminal: None, ..typing.clone() };
    assert_eq!(answer(no_terminal, "right").await.unwrap_err().code, Code::Refused);
    let agent = Ancestor { pid: 7, name: "claude".into(), script: None };
    let below_an_agent = Caller { ancestors: vec![agent], ..typing.clone() };
    assert_eq!(answer(below_an_agent, "right").await.unwrap_err().code, Code::Refused);
    answer(typing.clone(), "right").await.unwrap();
    wider(&fixture, &typing, "write").await.unwrap();
    fixture.write_config(&format!("{CONFIG}[approval]\nagent_programs = [\"tool\"]\n"));
    assert_eq!(code(wider(&fixture, &typing, "write").await), Code::Refused);
}

#[tokio::test]
async fn every_question_and_answer_is_in_the_audit_trail() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    approve(&fixture, &program("tool")).await;
    let rows = fixture.engine.audit(AuditFilter::newest(10)).await.unwrap();
    let actions: Vec<&str> = rows.iter().rev().map(|row| row.action).collect();
    assert_eq!(actions, ["prompt", "token", "answer"]);
}

/// Has the person let the program have the scope `write`.
pub(crate) async fn approve(fixture: &Fixture, caller: &Caller) {
    drop(wider(fixture, caller, "write").await);
    let id = only_prompt(fixture).id;
    fixture.engine.answer(&id, Answer::Allow).await.unwrap();
}

async fn wider(fixture: &Fixture, caller: &Caller, scope: &str) -> Result<Issued, Failure> {
    fixture.engine.token(request(scope), caller).await
}

fn request(scope: &str) -> TokenRequest {
    TokenRequest { scopes: vec![scope.to_owned()], ..TokenRequest::default() }
}

fn only_prompt(fixture: &Fixture) -> Prompt {
    let prompts = fixture.engine.prompts();
    assert_eq!(prompts.len(), 1);
    let prompt = prompts.into_iter().next().unwrap();
    assert!(prompt.ends_at.duration_since(prompt.asked_at) >= SignedDuration::from_mins(10));
    prompt
}

fn code(outcome: Result<Issued, Failure>) -> Code {
    outcome.unwrap_err().code
}
