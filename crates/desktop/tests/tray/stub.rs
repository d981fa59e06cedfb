//! A broker that says what a test wants, and records what it is asked.

use std::convert::Infallible;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::sse::{Event as Message, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use lanyard_api::{
    AccountReply, Event, Problem, PromptKind, PromptReply, SignInCall, SignInPhase, SignInReply,
    StatusReply,
};
use lanyard_client::Client;
use lanyard_core::{Clock, Code, Failure, Home, SystemClock};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::WatchStream;

pub(crate) const PAGE: &str = "https://id.example.com/authorize?client_id=x";

pub(crate) struct Stub {
    folder: TempDir,
    asked: Asked,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Asked {
    /// Nothing once the broker stops.
    states: watch::Sender<Option<StatusReply>>,
    sign_ins: Arc<Mutex<Vec<SignInCall>>>,
    streams: Arc<Mutex<Vec<String>>>,
    refuses: Arc<Mutex<bool>>,
    shown: Arc<Mutex<Vec<String>>>,
    others: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    pub(crate) fn start(status: StatusReply) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), status)
    }

    pub(crate) fn start_in(folder: TempDir, status: StatusReply) -> Self {
        let asked = Asked {
            states: watch::channel(Some(status)).0,
            sign_ins: Arc::default(),
            streams: Arc::default(),
            refuses: Arc::default(),
            shown: Arc::default(),
            others: Arc::default(),
        };
        let routes = Router::new()
            .route("/v1/events", get(events))
            .route("/v1/lock", post(lock))
            .route("/v1/show", post(show))
            .route("/v1/sign-in", post(sign_in))
            .route("/v1/sign-in/{id}", get(wait))
            .fallback(other)
            .with_state(asked.clone());
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        let listener = UnixListener::bind(home(&folder).socket).unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { folder, asked, server }
    }

    /// Runs the tray as the one of this broker.
    pub(crate) fn tray(&self) -> impl Future<Output = Result<(), Failure>> + use<> {
        let client = Client::new(home(&self.folder)).without_start();
        lanyard_desktop::tray::run(client.clone(), client)
    }

    /// What it was asked to show.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.asked.shown.lock().unwrap().clone()
    }

    /// The calls that it has no reply for, such as answers.
    pub(crate) fn others(&self) -> Vec<String> {
        self.asked.others.lock().unwrap().clone()
    }

    pub(crate) fn say(&self, status: StatusReply) {
        self.asked.states.send_replace(Some(status));
    }

    pub(crate) fn refuse_sign_ins(&self) {
        *self.asked.refuses.lock().unwrap() = true;
    }

    pub(crate) fn sign_ins(&self) -> Vec<SignInCall> {
        self.asked.sign_ins.lock().unwrap().clone()
    }

    pub(crate) fn was_told_that_a_person_looks(&self) -> bool {
        *self.asked.streams.lock().unwrap() == ["/v1/events?shown=true"]
    }

    /// Ends every connection, and returns the folder in which another one can start.
    pub(crate) fn stop(self) -> TempDir {
        self.server.abort();
        self.asked.states.send_replace(None);
        std::fs::remove_file(home(&self.folder).socket).unwrap();
        self.folder
    }
}

async fn events(
    State(asked): State<Asked>,
    uri: Uri,
) -> Sse<impl Stream<Item = Result<Message, Infallible>>> {
    asked.streams.lock().unwrap().push(uri.to_string());
    let stream = WatchStream::new(asked.states.subscribe());
    let stream = stream.take_while(|state| std::future::ready(state.is_some()));
    Sse::new(stream.map(|state| {
        let status = state.expect("the stream ends before there is none");
        let event = Event::State { status: Box::new(status) };
        Ok(Message::default().data(serde_json::to_string(&event).unwrap()))
    }))
}

async fn show(State(asked): State<Asked>, Json(call): Json<Value>) -> Json<Value> {
    asked.shown.lock().unwrap().push(call["show"].as_str().unwrap().to_owned());
    Json(json!({ "pid": 1, "was_there": false }))
}

async fn other(State(asked): State<Asked>, uri: Uri) -> StatusCode {
    asked.others.lock().unwrap().push(uri.to_string());
    StatusCode::NOT_FOUND
}

async fn lock(State(asked): State<Asked>) -> Json<Value> {
    asked.states.send_modify(|state| state.as_mut().unwrap().broker.locked = true);
    Json(json!({ "locked": true }))
}

async fn sign_in(State(asked): State<Asked>, Json(call): Json<SignInCall>) -> Json<SignInReply> {
    asked.sign_ins.lock().unwrap().push(call);
    let refuses = *asked.refuses.lock().unwrap();
    Json(reply(if refuses { SignInPhase::Failed } else { SignInPhase::Visit }))
}

/// The person never comes back.
async fn wait() -> Json<SignInReply> {
    tokio::time::sleep(Duration::from_secs(25)).await;
    Json(reply(SignInPhase::Visit))
}

fn reply(phase: SignInPhase) -> SignInReply {
    let why = Failure::new(Code::ProviderRefused, "the provider <b>refused</b> the sign-in");
    SignInReply {
        id: "1".to_owned(),
        profile: "work".to_owned(),
        phase,
        authorization_url: Some(PAGE.to_owned()),
        redirect_uri: None,
        device: None,
        account: None,
        username: None,
        joined: false,
        problem: (phase == SignInPhase::Failed).then(|| Problem::of(why)),
    }
}

pub(crate) fn status(accounts: Vec<AccountReply>) -> StatusReply {
    let broker =
        json!({ "version": "0.1.0", "pid": 1, "locked": false, "cache": "/c", "key": "keyring" });
    let work = json!({
        "name": "work", "provider": "entra", "method": "browser", "scopes": [], "default": true,
    });
    let status = json!({
        "broker": broker, "accounts": [], "profiles": [work], "providers": [],
        "prompts": [], "sign_ins": [], "notify_before": 900,
    });
    StatusReply { accounts, ..serde_json::from_value(status).unwrap() }
}

/// An account whose token is valid for 41 minutes.
pub(crate) fn account(username: &str) -> AccountReply {
    let account = json!({
        "profile": "work", "provider": "entra", "account": format!("id-{username}"),
        "username": username, "tenant": "t", "tenant_name": "Contoso", "state": "ok",
        "renews": true, "token_expires_at": now() + Duration::from_mins(41),
    });
    serde_json::from_value(account).unwrap()
}

pub(crate) fn prompt(program: &str) -> PromptReply {
    let json = serde_json::json!({
        "id": "sign-in:work", "kind": "sign-in", "profile": "work", "program": program,
        "asked_at": "2026-11-21T12:00:00Z",
    });
    serde_json::from_value(json).unwrap()
}

pub(crate) fn approval(program: &str) -> PromptReply {
    let (kind, username) = (PromptKind::Approve, Some("maria".to_owned()));
    PromptReply { kind, username, audience: Some("graph".to_owned()), ..prompt(program) }
}

fn now() -> Timestamp {
    SystemClock.now()
}

fn home(folder: &TempDir) -> Home {
    Home::within(folder.path()).unwrap()
}
