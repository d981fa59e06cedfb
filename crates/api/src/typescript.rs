use lanyard_core::Code;
use ts_rs::{Config, TS};

use crate::{
    AccountReply, AnswerCall, AnswerKind, ApprovalReply, AuditCheckReply, AuditReply, BrokerReply,
    ChangeReply, ChoiceReply, DeviceReply, DoneReply, Event, EvidenceReply, FieldReply,
    LastErrorReply, LockReply, MethodReply, Problem, ProfileReply, PromptKind, PromptReply,
    ProviderReply, Showing, SignInCall, SignInPhase, SignInReply, SignOutReply, StatusReply,
    StrapReply,
};

/// Returns the TypeScript of every type that the web view may see, as one module.
///
/// Replies that carry a secret have no TypeScript form and so cannot be here.
pub fn typescript() -> String {
    let config = Config::new();
    let states = ["ok", "expiring", "expired", "sign-in-required", "error", "locked"];
    let codes: Vec<&str> = Code::ALL.into_iter().map(Code::as_str).collect();
    let mut module = String::from("// Written by `cargo test -p lanyard-api`. Do not edit.\n\n");
    module += &union("Code", &codes);
    module += &union("AccountState", &states);
    let declarations = [
        Problem::decl(&config),
        LastErrorReply::decl(&config),
        AccountReply::decl(&config),
        SignOutReply::decl(&config),
        StrapReply::decl(&config),
        FieldReply::decl(&config),
        MethodReply::decl(&config),
        ProviderReply::decl(&config),
        ProfileReply::decl(&config),
        SignInPhase::decl(&config),
        SignInCall::decl(&config),
        DeviceReply::decl(&config),
        SignInReply::decl(&config),
        PromptKind::decl(&config),
        EvidenceReply::decl(&config),
        ChoiceReply::decl(&config),
        ChangeReply::decl(&config),
        PromptReply::decl(&config),
        AnswerKind::decl(&config),
        AnswerCall::decl(&config),
        LockReply::decl(&config),
        Showing::decl(&config),
        DoneReply::decl(&config),
        BrokerReply::decl(&config),
        StatusReply::decl(&config),
        AuditReply::decl(&config),
        AuditCheckReply::decl(&config),
        ApprovalReply::decl(&config),
        Event::decl(&config),
    ];
    for declaration in declarations {
        module.extend(["export ", &declaration, "\n\n"]);
    }
    module
}

fn union(name: &str, values: &[&str]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    format!("export type {name} = {} | \"unknown\";\n\n", values.join(" | "))
}
