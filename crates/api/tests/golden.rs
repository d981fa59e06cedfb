//! Calls and replies as they stood when they were first published must parse for ever.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use lanyard_api::{
    OPERATIONS, Problem, SignInCall, SignInPhase, SignInReply, StatusReply, TokenCall, TokenReply,
    openapi,
};
use lanyard_core::{AccountState, Code};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[test]
fn published_calls_and_replies_parse_and_lose_nothing() {
    keeps::<TokenCall>(include_str!("v1/token-call.json"));
    keeps::<TokenReply>(include_str!("v1/token-reply.json"));
    keeps::<SignInCall>(include_str!("v1/sign-in-call.json"));
    keeps::<SignInReply>(include_str!("v1/sign-in-reply.json"));
    keeps::<StatusReply>(include_str!("v1/status-reply.json"));
    keeps::<Problem>(include_str!("v1/problem.json"));
}

#[test]
fn unknown_fields_are_refused_in_calls_and_ignored_in_replies() {
    assert!(serde_json::from_str::<TokenCall>("{\"profil\":\"x\"}").is_err());
    let newer = include_str!("v1/token-reply.json").replacen('{', "{\"newer\":1,", 1);
    serde_json::from_str::<TokenReply>(&newer).unwrap();
}

#[test]
fn values_of_a_newer_broker_are_unknown() {
    assert_eq!(serde_json::from_str::<Code>("\"newer\"").unwrap(), Code::Unknown);
    assert_eq!(serde_json::from_str::<AccountState>("\"newer\"").unwrap(), AccountState::Unknown);
    assert_eq!(serde_json::from_str::<SignInPhase>("\"newer\"").unwrap(), SignInPhase::Unknown);
}

#[test]
fn a_reply_with_a_token_does_not_print_it() {
    let reply: TokenReply = serde_json::from_str(include_str!("v1/token-reply.json")).unwrap();
    assert!(!format!("{reply:?}").contains("opaque"));
}

#[test]
fn every_schema_that_the_document_names_is_in_it() {
    let document = openapi();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    for name in
        text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap())
    {
        assert!(schemas.contains_key(name), "{name} is not described");
    }
    assert_eq!(
        document["paths"]
            .as_object()
            .unwrap()
            .values()
            .map(|path| path.as_object().unwrap().len())
            .sum::<usize>(),
        OPERATIONS.len()
    );
}

fn keeps<T: Serialize + DeserializeOwned>(published: &str) {
    let before: Value = serde_json::from_str(published).unwrap();
    let parsed: T = serde_json::from_str(published).unwrap();
    let after = serde_json::to_value(&parsed).unwrap();
    assert_holds(&after, &before, "");
}

/// Fields may be added, and none may be lost.
fn assert_holds(after: &Value, before: &Value, path: &str) {
    match before {
        Value::Object(fields) => {
            for (key, field) in fields {
                assert_holds(&after[key], field, &format!("{path}/{key}"));
            }
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(n, item)| assert_holds(&after[n], item, &format!("{path}/{n}")));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            assert_eq!(after, before, "{path}");
        }
    }
}
