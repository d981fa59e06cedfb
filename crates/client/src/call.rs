use std::time::Duration;

use http::{Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use lanyard_api::{
    AnswerCall, DoneReply, LARGEST_BODY, Problem, ShowCall, ShowReply, Showing, SignInCall,
    SignInReply, SignOutReply, StatusReply, TokenCall, TokenReply,
};
use lanyard_core::{Code, Failure, Home};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::answers::AnswerChannel;
use crate::connect::connect;
use crate::events::Events;
use crate::launch::start_broker;

/// Longest that a reply may take: a provider has 30 seconds, and a flight may have to wait for
/// another one of the same grant.
const REPLY: Duration = Duration::from_secs(90);

/// A connection to the broker, made anew for each call.
#[derive(Debug, Clone)]
pub struct Client {
    home: Home,
    starts_broker: bool,
    answers: Option<AnswerChannel>,
}

impl Client {
    /// Returns a client that starts the broker where there is none.
    pub fn new(home: Home) -> Self {
        Self { home, starts_broker: true, answers: None }
    }

    /// Returns a client for the home that the environment names.
    ///
    /// # Errors
    /// `usage` if no home can be told.
    pub fn from_env() -> Result<Self, Failure> {
        Ok(Self::new(crate::environment::home()?))
    }

    /// Returns the client as one that fails where no broker runs.
    #[must_use]
    pub fn without_start(mut self) -> Self {
        self.starts_broker = false;
        self
    }

    /// Returns the client as the person's: its calls go through the answer channel, which ends with
    /// the broker that made it.
    #[must_use]
    pub fn through(mut self, answers: AnswerChannel) -> Self {
        self.answers = Some(answers);
        self
    }

    /// Returns whether its calls count as the person's.
    pub fn is_person(&self) -> bool {
        self.answers.is_some()
    }

    /// Returns where Lanyard's files are.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Returns accounts, profiles and the broker.
    pub async fn status(&self) -> Result<StatusReply, Failure> {
        self.get("/v1/status").await
    }

    /// Returns a token.
    pub async fn token(&self, call: &TokenCall) -> Result<TokenReply, Failure> {
        self.call("POST", "/v1/token", Some(call)).await
    }

    /// Starts or joins a sign-in.
    pub async fn sign_in(&self, call: &SignInCall) -> Result<SignInReply, Failure> {
        self.call("POST", "/v1/sign-in", Some(call)).await
    }

    /// Waits for a sign-in's next phase, 25 seconds at most.
    pub async fn sign_in_next(&self, id: &str) -> Result<SignInReply, Failure> {
        self.get(&format!("/v1/sign-in/{id}")).await
    }

    /// Has the broker show its tray or window on this process's desktop.
    pub async fn show(&self, show: Showing) -> Result<ShowReply, Failure> {
        let own = lanyard_harden::allowed_environment().into_iter();
        let text = own.filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?)));
        let call = ShowCall { show, environment: text.collect() };
        self.call("POST", "/v1/show", Some(&call)).await
    }

    /// Answers a question. Only the person's client can.
    pub async fn answer(&self, prompt: &str, call: &AnswerCall) -> Result<DoneReply, Failure> {
        self.call("POST", &format!("/v1/prompts/{prompt}/answer"), Some(call)).await
    }

    /// Signs an account out.
    pub async fn sign_out(&self, account: &str) -> Result<SignOutReply, Failure> {
        self.call("DELETE", &format!("/v1/accounts/{account}"), None::<&()>).await
    }

    /// Returns the reply to a `GET`.
    pub async fn get<R: DeserializeOwned>(&self, path: &str) -> Result<R, Failure> {
        self.call("GET", path, None::<&()>).await
    }

    /// Returns the reply to any call.
    ///
    /// # Errors
    /// The problem that the broker answered with, or why it could not be reached.
    pub async fn call<R: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<R, Failure> {
        let body = body.map(serde_json::to_vec).transpose().map_err(|error| unreadable(&error))?;
        let reply = async {
            let response = self.send(method, path, body.unwrap_or_default()).await?;
            let ok = response.status().is_success();
            let bytes = Limited::new(response.into_body(), LARGEST_BODY).collect().await;
            let bytes = bytes.map_err(|error| broken(error.as_ref()))?.to_bytes();
            if !ok {
                let problem: Problem =
                    serde_json::from_slice(&bytes).map_err(|e| unreadable(&e))?;
                return Err(problem.into_failure());
            }
            serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))
        };
        timeout(REPLY, reply).await.map_err(|_| {
            Failure::new(Code::TimedOut, "the broker did not answer in time").action("try again")
        })?
    }

    /// Returns the stream of states: one at once, then one for each change.
    pub async fn events(&self) -> Result<Events, Failure> {
        Ok(Events::new(self.send("GET", "/v1/events", Vec::new()).await?.into_body()))
    }

    /// Returns the same stream, and says that a person sees it: the broker then raises prompts.
    pub async fn events_shown(&self) -> Result<Events, Failure> {
        Ok(Events::new(self.send("GET", "/v1/events?shown=true", Vec::new()).await?.into_body()))
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Response<Incoming>, Failure> {
        let stream = self.connect().await?;
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|error| broken(&error))?;
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "lanyard")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| broken(&error))?;
        sender.send_request(request).await.map_err(|error| broken(&error))
    }
}

impl Client {
    async fn connect(&self) -> Result<UnixStream, Failure> {
        if let Some(answers) = &self.answers {
            return answers.connect().map_err(|error| broken(&error));
        }
        match connect(&self.home.socket).await? {
            Some(stream) => Ok(stream),
            None if self.starts_broker => {
                start_broker(&self.home).await?;
                connect(&self.home.socket).await?.ok_or_else(not_running)
            }
            None => Err(not_running()),
        }
    }
}

fn not_running() -> Failure {
    Failure::new(Code::Failed, "no broker is running").action("run `lanyard broker`")
}

fn broken(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(Code::Failed, "the connection to the broker broke")
        .action("try again")
        .detail(error.to_string())
}

/// serde's message could quote a token, so only the place of the mistake is kept.
fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::new(Code::Failed, "the broker's answer could not be read")
        .action("update Lanyard on both sides")
        .detail(format!("line {} column {}", error.line(), error.column()))
}
