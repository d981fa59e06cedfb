use lanyard_core::Code;
use ts_rs::{Config, TS};

use crate::{
    AccountReply, AuditReply, BrokerReply, DeviceReply, Event, FieldReply, LastErrorReply,
    MethodReply, Problem, ProfileReply, PromptReply, ProviderReply, SignInCall, SignInPhase,
    SignInReply, SignOutReply, StatusReply, StrapReply,
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
        PromptReply::decl(&config),
        BrokerReply::decl(&config),
        StatusReply::decl(&config),
        AuditReply::decl(&config),
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
