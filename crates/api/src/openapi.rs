use lanyard_core::Code;
use serde_json::{Value, json};
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::{PartialSchema, ToSchema};

use crate::problem::status;
use crate::{
    AccountReply, AnswerCall, AnswerKind, ApprovalReply, AuditCheckReply, AuditReply, BackupCall,
    BackupReply, BrokerReply, ChangeReply, ChoiceReply, DeviceReply, DoneReply, DpopCall, Event,
    EvidenceReply, FieldReply, KeyPlace, LastErrorReply, LockReply, MethodReply, Problem,
    ProfileReply, PromptKind, PromptReply, ProviderReply, RekeyCall, RekeyReply, ReturnCall,
    ShowCall, ShowReply, Showing, SignInCall, SignInPhase, SignInReply, SignOutReply, StatusReply,
    StrapReply, TerminalAnswerCall, TokenCall, TokenKind, TokenReply, TokenSource, UnlockCall,
};

/// One path of the socket: method, path, what it does, its call and its reply.
type Operation =
    (&'static str, &'static str, &'static str, Option<&'static str>, Option<&'static str>);

/// Every operation of the socket.
pub const OPERATIONS: &[Operation] = &[
    ("get", "/v1/status", "Returns accounts, profiles and the broker", None, Some("StatusReply")),
    ("get", "/v1/accounts", "Returns the accounts", None, Some("[AccountReply]")),
    ("get", "/v1/profiles", "Returns the profiles", None, Some("[ProfileReply]")),
    ("get", "/v1/providers", "Returns every provider's description", None, Some("[ProviderReply]")),
    ("get", "/v1/prompts", "Returns the questions that wait", None, Some("[PromptReply]")),
    (
        "get",
        "/v1/audit",
        "Returns the newest entries of the audit trail",
        None,
        Some("[AuditReply]"),
    ),
    (
        "get",
        "/v1/events",
        "Sends the whole state at each change (server-sent events)",
        None,
        Some("Event"),
    ),
    (
        "post",
        "/v1/token",
        "Returns a token, from the cache or the provider",
        Some("TokenCall"),
        Some("TokenReply"),
    ),
    ("post", "/v1/sign-in", "Starts or joins a sign-in", Some("SignInCall"), Some("SignInReply")),
    (
        "get",
        "/v1/sign-in/{id}",
        "Waits for the sign-in's next phase, 25 seconds at most",
        None,
        Some("SignInReply"),
    ),
    (
        "post",
        "/v1/sign-in/{id}/return",
        "Hands over the pasted return URL",
        Some("ReturnCall"),
        Some("SignInReply"),
    ),
    ("delete", "/v1/sign-in/{id}", "Gives the sign-in up", None, Some("SignInReply")),
    ("delete", "/v1/accounts/{id}", "Signs an account out", None, Some("SignOutReply")),
    (
        "post",
        "/v1/prompts/{id}/answer",
        "Answers a question; the person's alone",
        Some("AnswerCall"),
        Some("DoneReply"),
    ),
    (
        "post",
        "/v1/prompts/{id}/terminal",
        "Allows what the caller's own terminal asks, proved by the passphrase",
        Some("TerminalAnswerCall"),
        Some("DoneReply"),
    ),
    ("delete", "/v1/prompts/{id}", "Takes a question off as refused", None, Some("DoneReply")),
    ("get", "/v1/approvals", "Returns the remembered answers", None, Some("[ApprovalReply]")),
    ("delete", "/v1/approvals/{id}", "Forgets a remembered answer", None, Some("DoneReply")),
    (
        "get",
        "/v1/audit/check",
        "Says whether the audit trail is whole",
        None,
        Some("AuditCheckReply"),
    ),
    ("post", "/v1/lock", "Locks", None, Some("LockReply")),
    (
        "post",
        "/v1/unlock",
        "Ends the lock; a program may only ask the person for it",
        Some("UnlockCall"),
        Some("LockReply"),
    ),
    (
        "post",
        "/v1/cache/rekey",
        "Gives the cache new keys; a program may only ask the person for it",
        Some("RekeyCall"),
        Some("RekeyReply"),
    ),
    (
        "post",
        "/v1/cache/backup",
        "Makes a backup; a program may only ask the person for it",
        Some("BackupCall"),
        Some("BackupReply"),
    ),
    ("post", "/v1/show", "Shows the tray or the window", Some("ShowCall"), Some("ShowReply")),
    ("get", "/v1/openapi.json", "Returns this document", None, None),
];

/// Returns the socket's OpenAPI 3.1 document.
pub fn openapi() -> Value {
    let mut paths = serde_json::Map::new();
    for (method, path, summary, call, reply) in OPERATIONS {
        let entry = paths.entry(*path).or_insert_with(|| json!({}));
        entry[*method] = operation(path, summary, *call, *reply);
    }
    let components = serde_json::to_value(schemas()).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Lanyard", "version": crate::VERSION, "license": {"name": "MIT OR Apache-2.0"}},
        "servers": [{"url": "http://lanyard"}],
        "paths": paths,
        "components": components,
    })
}

fn operation(path: &str, summary: &str, call: Option<&str>, reply: Option<&str>) -> Value {
    let problem = json!({"description": "What went wrong",
        "content": {crate::PROBLEM_JSON: {"schema": reference("Problem")}}});
    let media = if reply == Some("Event") { "text/event-stream" } else { "application/json" };
    let content = reply.map(|reply| json!({media: {"schema": reference(reply)}}));
    let mut operation = json!({"summary": summary,
        "responses": {"200": {"description": "The answer"}}});
    operation["responses"]["405"] = problem.clone();
    for code in Code::ALL {
        operation["responses"][status(code).to_string()] = problem.clone();
    }
    if let Some(content) = content {
        operation["responses"]["200"]["content"] = content;
    }
    if let Some(call) = call {
        operation["requestBody"] = json!({"required": true,
            "content": {"application/json": {"schema": reference(call)}}});
    }
    if path.contains("{id}") {
        operation["parameters"] =
            json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]);
    }
    operation
}

fn reference(name: &str) -> Value {
    match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(item) => json!({"type": "array", "items": reference(item)}),
        None => json!({"$ref": format!("#/components/schemas/{name}")}),
    }
}

fn schemas() -> utoipa::openapi::Components {
    fn add<T: ToSchema + PartialSchema>(builder: ComponentsBuilder) -> ComponentsBuilder {
        builder.schema(T::name(), T::schema())
    }
    let builder = ComponentsBuilder::new();
    let builder =
        add::<TokenReply>(add::<TokenCall>(add::<TokenKind>(add::<TokenSource>(builder))));
    let builder = add::<SignInReply>(add::<SignInCall>(add::<SignInPhase>(builder)));
    let builder = add::<DeviceReply>(add::<DpopCall>(builder));
    let builder = add::<SignOutReply>(add::<ReturnCall>(add::<Problem>(builder)));
    let builder = add::<AccountReply>(add::<LastErrorReply>(add::<BrokerReply>(builder)));
    let builder = add::<ProfileReply>(add::<ProviderReply>(add::<MethodReply>(builder)));
    let builder = add::<FieldReply>(add::<StrapReply>(add::<StatusReply>(builder)));
    let builder = add::<AnswerCall>(add::<AnswerKind>(add::<TerminalAnswerCall>(builder)));
    let builder = add::<UnlockCall>(add::<LockReply>(add::<DoneReply>(builder)));
    let builder = add::<RekeyCall>(add::<RekeyReply>(add::<KeyPlace>(builder)));
    let builder = add::<BackupCall>(add::<BackupReply>(builder));
    let builder = add::<ShowCall>(add::<ShowReply>(add::<Showing>(builder)));
    let builder = add::<ChoiceReply>(add::<ChangeReply>(add::<EvidenceReply>(builder)));
    let builder = add::<ApprovalReply>(add::<AuditCheckReply>(add::<PromptKind>(builder)));
    add::<PromptReply>(add::<AuditReply>(add::<Event>(builder))).build()
}
