//! What the page may ask of the broker. Every reply passes through its own type, so nothing that
//! the page has no name for reaches it; the pages of providers are opened here and not handed on.

use lanyard_api::{
    AnswerCall, ApprovalReply, AuditReply, DoneReply, LockReply, Problem, ProfileReply,
    PromptReply, ProviderReply, ReturnCall, SignInCall, SignInPhase, SignInReply, SignOutReply,
    StatusReply, UnlockCall,
};
use lanyard_client::Client;
use lanyard_core::{Code, Failure};
use lanyard_desktop::open_page;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tauri::State;

/// Forwards one of the allowed operations.
#[tauri::command]
pub(crate) async fn call(
    client: State<'_, Client>,
    method: String,
    path: String,
    body: Value,
) -> Result<Value, Problem> {
    forward(&client, &method, &path, body).await.map_err(Problem::of)
}

/// Opens the page on which the person enters a sign-in's code.
#[tauri::command]
pub(crate) async fn open_code_page(client: State<'_, Client>, id: String) -> Result<(), Problem> {
    open_device(&client, &id).await.map_err(Problem::of)
}

/// Starts or joins a sign-in, and opens the provider's page once it is known.
#[tauri::command]
pub(crate) async fn sign_in(
    client: State<'_, Client>,
    profile: String,
) -> Result<SignInReply, Problem> {
    start(&client, profile).await.map_err(Problem::of)
}

async fn forward(client: &Client, method: &str, path: &str, body: Value) -> Result<Value, Failure> {
    let parts: Vec<&str> = path.split('/').collect();
    match (method, parts.as_slice()) {
        ("GET", ["", "v1", "status"]) => value(without_pages(client.status().await?)),
        ("GET", ["", "v1", "profiles"]) => ask::<Vec<ProfileReply>>(client, method, path).await,
        ("GET", ["", "v1", "providers"]) => ask::<Vec<ProviderReply>>(client, method, path).await,
        ("GET", ["", "v1", "prompts"]) => ask::<Vec<PromptReply>>(client, method, path).await,
        ("GET", ["", "v1", "audit"]) => ask::<Vec<AuditReply>>(client, method, path).await,
        ("GET", ["", "v1", "approvals"]) => ask::<Vec<ApprovalReply>>(client, method, path).await,
        ("DELETE", ["", "v1", "prompts" | "approvals", id]) if is_id(id) => {
            ask::<DoneReply>(client, method, path).await
        }
        ("POST", ["", "v1", "prompts", id, "answer"]) if is_id(id) => {
            tell::<AnswerCall, DoneReply>(client, path, body).await
        }
        ("POST", ["", "v1", "lock"]) => ask::<LockReply>(client, method, path).await,
        ("POST", ["", "v1", "unlock"]) => tell::<UnlockCall, LockReply>(client, path, body).await,
        ("GET" | "DELETE", ["", "v1", "sign-in", id]) if is_id(id) => {
            value(without_page(client.call(method, path, None::<&()>).await?))
        }
        ("POST", ["", "v1", "sign-in", id, "return"]) if is_id(id) => {
            let returned: ReturnCall = serde_json::from_value(body)
                .map_err(|_| Failure::new(Code::Usage, "this is not a return address"))?;
            value(without_page(client.call(method, path, Some(&returned)).await?))
        }
        ("DELETE", ["", "v1", "accounts", id]) if is_id(id) => {
            ask::<SignOutReply>(client, method, path).await
        }
        _ => Err(Failure::new(Code::Refused, "the window may not ask for this")),
    }
}

async fn start(client: &Client, profile: String) -> Result<SignInReply, Failure> {
    let call = SignInCall { profile: Some(profile), ..SignInCall::default() };
    let mut reply = client.sign_in(&call).await?;
    while reply.phase == SignInPhase::Starting {
        let next = client.sign_in_next(&reply.id).await?;
        reply = SignInReply { joined: reply.joined, ..next };
    }
    if reply.phase == SignInPhase::Visit
        && let Some(page) = &reply.authorization_url
    {
        open_page(page).await?;
    }
    Ok(without_page(reply))
}

/// The page is asked for anew: the web view never says which address is opened.
async fn open_device(client: &Client, id: &str) -> Result<(), Failure> {
    let over = || Failure::new(Code::Usage, "this sign-in waits for no code");
    if !is_id(id) {
        return Err(over());
    }
    let call = SignInCall { profile: Some(profile_of(client, id).await?), ..SignInCall::default() };
    let reply = client.sign_in(&call).await?;
    let device = reply.device.filter(|_| reply.id == id).ok_or_else(over)?;
    open_page(device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri)).await
}

/// Returns the profile of a sign-in that waits for a code.
async fn profile_of(client: &Client, id: &str) -> Result<String, Failure> {
    let sign_ins = client.status().await?.sign_ins;
    let found = sign_ins.into_iter().find(|it| it.id == id && it.phase == SignInPhase::Device);
    let found = found.map(|it| it.profile);
    found.ok_or_else(|| Failure::new(Code::Usage, "this sign-in waits for no code"))
}

async fn ask<R: DeserializeOwned + Serialize>(
    client: &Client,
    method: &str,
    path: &str,
) -> Result<Value, Failure> {
    value(client.call::<R>(method, path, None::<&()>).await?)
}

/// Sends what the page says, as far as it is such a call.
async fn tell<C: DeserializeOwned + Serialize, R: DeserializeOwned + Serialize>(
    client: &Client,
    path: &str,
    body: Value,
) -> Result<Value, Failure> {
    // What serde says could quote a passphrase.
    let call: C = serde_json::from_value(body)
        .map_err(|_| Failure::new(Code::Usage, "the page's call does not fit"))?;
    value(client.call::<R>("POST", path, Some(&call)).await?)
}

fn value(reply: impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(reply).map_err(|error| {
        Failure::new(Code::Failed, "a reply could not be handed on").detail(error.to_string())
    })
}

/// Returns the state without the addresses of providers' pages.
pub(crate) fn without_pages(mut status: StatusReply) -> StatusReply {
    status.sign_ins = status.sign_ins.into_iter().map(without_page).collect();
    status
}

fn without_page(reply: SignInReply) -> SignInReply {
    SignInReply { authorization_url: None, redirect_uri: None, ..reply }
}

/// Whether a path's last part is an id and nothing that could make it another path.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

#[cfg(test)]
mod tests {
    use lanyard_core::Home;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_page_may_not_ask_for_is_refused_before_the_broker_is_asked() {
        for (method, path) in [
            ("POST", "/v1/token"),
            ("POST", "/v1/audit"),
            ("POST", "/v1/prompts/1/terminal"),
            ("POST", "/v1/prompts//answer"),
            ("POST", "/v1/show"),
            ("POST", "/v1/sign-in"),
            ("GET", "/v1/status?x"),
            ("DELETE", "/v1/accounts/"),
            ("DELETE", "/v1/accounts/../token"),
            ("GET", "/v1/sign-in/a%2Fb"),
            ("POST", "/v1/sign-in/a%2Fb/return"),
            ("POST", "/v1/sign-in/1"),
            ("GET", "/v1/sign-in/1/return"),
        ] {
            assert_eq!(refusal(method, path).code, Code::Refused, "{method} {path}");
        }
    }

    #[test]
    fn a_call_that_does_not_fit_is_refused_without_quoting_it() {
        let misfits = [
            ("/v1/unlock", json!({ "passphrase": 5, "secret": "hunter2" })),
            ("/v1/unlock", json!({ "passphrase": "x", "hunter2": true })),
            ("/v1/prompts/1/answer", json!({ "answer": "hunter2" })),
            ("/v1/prompts/1/answer", Value::Null),
        ];
        for (path, body) in misfits {
            let failure = refusal_of("POST", path, body);
            assert_eq!(failure.code, Code::Usage, "{path}");
            assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
        }
    }

    fn refusal(method: &str, path: &str) -> Failure {
        refusal_of(method, path, Value::Null)
    }

    /// No broker runs in the empty folder, so anything but a refusal is another failure.
    fn refusal_of(method: &str, path: &str, body: Value) -> Failure {
        let folder = std::path::Path::new("/nonexistent");
        let home = Home::from_env(|name| (name == "LANYARD_HOME").then(|| folder.into())).unwrap();
        let client = Client::new(home).without_start();
        tauri::async_runtime::block_on(forward(&client, method, path, body)).unwrap_err()
    }
}
