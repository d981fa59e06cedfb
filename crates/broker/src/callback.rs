//! The loopback redirect of RFC 8252, section 7.3: one sign-in, one path, and nothing else.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use lanyard_core::provider::{ProviderError, ProviderErrorKind, RedirectRule};
use lanyard_core::{RedirectAnswer, check_redirect};
use lanyard_engine::{Callbacks, Listener, SignInState};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::connections::{self, Limits, REST};
use crate::loopback_peer::owner;
use crate::page::Page;

/// How often a port is tried that is free in one address family and taken in the other.
const TRIES: usize = 10;

/// How long the page waits for the outcome: the exchange of the code takes well under a second.
const OUTCOME: Duration = Duration::from_secs(10);

/// A browser sends one request; a page that waits for the outcome is the longest.
const LIMITS: Limits =
    Limits { most: 16, head: Duration::from_secs(10), longest: Some(Duration::from_secs(30)) };

/// Listens for redirects on this machine's loopback addresses.
#[derive(Debug, Clone)]
pub struct LoopbackCallbacks {
    /// The user whose programs are answered.
    own: u32,
    listeners: TaskTracker,
}

impl Default for LoopbackCallbacks {
    fn default() -> Self {
        Self { own: rustix::process::geteuid().as_raw(), listeners: TaskTracker::new() }
    }
}

impl LoopbackCallbacks {
    /// Waits until nothing listens any more, and all pages were sent.
    pub async fn finish(&self) {
        self.listeners.close();
        self.listeners.wait().await;
    }
}

#[async_trait]
impl Callbacks for LoopbackCallbacks {
    async fn listen(
        &self,
        rule: RedirectRule,
        outcome: watch::Receiver<SignInState>,
    ) -> Result<Box<dyn Listener>, ProviderError> {
        let (sockets, port) = bind(&rule).await?;
        let uri = format!("http://{}:{port}{}", rule.host, rule.path);
        let uri = Url::parse(&uri).map_err(|_| misconfigured("the redirect path is not one"))?;
        let desk = Arc::new(Desk { uri: uri.clone(), waiting: Mutex::default(), outcome });
        let stop = CancellationToken::new();
        for socket in sockets {
            let app = Router::new().fallback(arrive).with_state(Arc::clone(&desk));
            let (own, stop) = (self.own, stop.clone());
            self.listeners.spawn(async move {
                connections::serve(|| accept(&socket, own), LIMITS, app, stop).await;
            });
        }
        Ok(Box::new(Loopback { uri, desk, _stop: stop.drop_guard() }))
    }
}

/// Waits for the next connection of this user's programs.
async fn accept(socket: &TcpListener, own: u32) -> (TcpStream, ()) {
    loop {
        let (stream, from) = match socket.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        let Ok(to) = stream.local_addr() else { continue };
        match tokio::task::spawn_blocking(move || owner(from, to)).await {
            Ok(Ok(uid)) if uid.is_none_or(|uid| uid == own) => return (stream, ()),
            _ => tracing::warn!("a program that is not this user's was turned away from a sign-in"),
        }
    }
}

/// What the listener knows of the sign-in under way.
struct Desk {
    uri: Url,
    waiting: Mutex<Waiting>,
    /// What becomes of the sign-in.
    outcome: watch::Receiver<SignInState>,
}

#[derive(Default)]
enum Waiting {
    /// The person was not sent anywhere yet.
    #[default]
    NotYet,
    For {
        state: String,
        answer: oneshot::Sender<RedirectAnswer>,
    },
    Over,
}

struct Loopback {
    uri: Url,
    desk: Arc<Desk>,
    _stop: DropGuard,
}

#[async_trait]
impl Listener for Loopback {
    fn uri(&self) -> &Url {
        &self.uri
    }

    async fn wait(self: Box<Self>, state: String) -> Result<RedirectAnswer, ProviderError> {
        let (sender, answer) = oneshot::channel();
        *self.desk.lock() = Waiting::For { state, answer: sender };
        answer.await.map_err(|_| misconfigured("the listener for the redirect was closed"))
    }
}

impl Desk {
    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the one answer of the sign-in under way; turns everything else away, without ending it.
    fn take(&self, returned: &Url) -> Result<(), Page> {
        let mut waiting = self.lock();
        let state = match &*waiting {
            Waiting::For { state, .. } => state,
            Waiting::NotYet => {
                return Err(refusal(StatusCode::BAD_REQUEST, "No sign-in waits for this answer."));
            }
            Waiting::Over => {
                return Err(refusal(StatusCode::GONE, "This answer was taken before."));
            }
        };
        let answer = check_redirect(returned, &self.uri, state).map_err(|error| {
            tracing::warn!(%error, "a callback was turned away");
            refusal(StatusCode::BAD_REQUEST, "The sign-in that was started here goes on.")
        })?;
        if let Waiting::For { answer: sender, .. } = std::mem::replace(&mut *waiting, Waiting::Over)
        {
            drop(sender.send(answer));
        }
        Ok(())
    }

    /// Returns the page that says what became of the sign-in.
    async fn closing_page(&self) -> Page {
        let mut outcome = self.outcome.clone();
        let over = timeout(OUTCOME, outcome.wait_for(SignInState::is_over)).await;
        let page = |title: &str, text: String| Page {
            status: StatusCode::OK,
            title: title.to_owned(),
            text,
        };
        let leave = "You can close this tab.";
        match over.ok().and_then(Result::ok).as_deref() {
            Some(SignInState::Done { username, .. }) => {
                page("You are signed in", format!("Lanyard knows you as {username}. {leave}"))
            }
            Some(SignInState::Failed(failure)) => page(
                "You were not signed in",
                format!("{failure}. Lanyard keeps your accounts as they were. {leave}"),
            ),
            _ => page("Lanyard has your answer", format!("Go back to where you started. {leave}")),
        }
    }
}

async fn arrive(State(desk): State<Arc<Desk>>, request: Request) -> axum::response::Response {
    use axum::response::IntoResponse;
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    if let Err(page) = expected(&desk, method, headers) {
        return page.into_response();
    }
    if uri.path() != desk.uri.path() {
        return refusal(StatusCode::NOT_FOUND, "There is nothing at this address.").into_response();
    }
    let mut returned = desk.uri.clone();
    returned.set_query(uri.query());
    match desk.take(&returned) {
        Ok(()) => desk.closing_page().await.into_response(),
        Err(page) => page.into_response(),
    }
}

/// A browser that follows the provider's redirect sends a plain GET to the host that was announced.
/// A page's script, form or image gives itself away by other headers (Fetch Metadata).
fn expected(desk: &Desk, method: &Method, headers: &HeaderMap) -> Result<(), Page> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let authority =
        format!("{}:{}", desk.uri.host_str().unwrap_or_default(), desk.uri.port().unwrap_or(80));
    if method != Method::GET {
        return Err(refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "Only a browser's redirect is taken here.",
        ));
    }
    if text(header::HOST.as_str()) != Some(authority.as_str())
        || headers.get_all(header::HOST).iter().count() != 1
    {
        return Err(refusal(StatusCode::MISDIRECTED_REQUEST, "The request is for another host."));
    }
    let forwarded =
        |name: &HeaderName| name.as_str().starts_with("x-forwarded-") || name == header::FORWARDED;
    let scripted = headers.contains_key(header::ORIGIN)
        || headers.keys().any(forwarded)
        || text("sec-fetch-mode").is_some_and(|mode| mode != "navigate")
        || text("sec-fetch-dest").is_some_and(|dest| dest != "document");
    if scripted {
        return Err(refusal(StatusCode::FORBIDDEN, "Only a browser's redirect is taken here."));
    }
    Ok(())
}

fn refusal(status: StatusCode, text: &str) -> Page {
    Page { status, title: "This answer was not taken".to_owned(), text: text.to_owned() }
}

/// Binds the rule's host on the first free port: both address families for `localhost`.
async fn bind(rule: &RedirectRule) -> Result<(Vec<TcpListener>, u16), ProviderError> {
    if !["127.0.0.1", "[::1]", "localhost"].contains(&rule.host.as_str()) {
        return Err(misconfigured("the redirect host is 127.0.0.1, [::1] or localhost"));
    }
    if rule.ports.is_empty() {
        let mut bound = bind_port(&rule.host, 0).await;
        for _ in 1..TRIES {
            if bound.is_ok() {
                break;
            }
            bound = bind_port(&rule.host, 0).await;
        }
        return bound.map_err(|error| unbound(&rule.host, &error));
    }
    for port in &rule.ports {
        if let Ok(bound) = bind_port(&rule.host, *port).await {
            return Ok(bound);
        }
    }
    let ports: Vec<String> = rule.ports.iter().map(u16::to_string).collect();
    let message = format!("every redirect port is in use: {}", ports.join(", "));
    Err(ProviderError::new(ProviderErrorKind::TRANSIENT, message))
}

async fn bind_port(host: &str, port: u16) -> Result<(Vec<TcpListener>, u16), std::io::Error> {
    let (v4, v6) = (host != "[::1]", host != "127.0.0.1");
    let (mut sockets, mut port) = (Vec::new(), port);
    if v4 {
        let socket = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        port = socket.local_addr()?.port();
        sockets.push(socket);
    }
    if v6 {
        let socket = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await?;
        port = socket.local_addr()?.port();
        sockets.push(socket);
    }
    Ok((sockets, port))
}

fn unbound(host: &str, error: &std::io::Error) -> ProviderError {
    let message =
        format!("could not listen on {host} in every address family that it stands for: {error}");
    misconfigured(&message)
}

fn misconfigured(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Misconfigured, message)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream as Stream;
    use std::process::Command;

    use super::*;

    #[tokio::test]
    async fn another_host_name_is_refused() {
        let callbacks = LoopbackCallbacks::default();
        let listener = listen(&callbacks).await;
        let port = listener.uri().port().unwrap();
        for host in ["evil.example".to_owned(), format!("localhost:{port}"), String::new()] {
            assert!(answer(port, &host).await.starts_with("HTTP/1.1 421 "), "{host}");
        }
        let own = answer(port, &format!("127.0.0.1:{port}")).await;
        assert!(own.starts_with("HTTP/1.1 400 "), "no sign-in waits: {own}");
    }

    #[tokio::test]
    async fn another_users_program_is_hung_up_on() {
        let own = rustix::process::geteuid().as_raw();
        let callbacks = LoopbackCallbacks { own: own + 1, ..LoopbackCallbacks::default() };
        let listener = listen(&callbacks).await;
        let port = listener.uri().port().unwrap();
        assert_eq!(answer(port, &format!("127.0.0.1:{port}")).await, "");
    }

    #[tokio::test]
    async fn only_a_program_of_this_user_is_answered() {
        let callbacks = LoopbackCallbacks::default();
        let listener = listen(&callbacks).await;
        let port = listener.uri().port().unwrap();
        let client = "use Socket; socket(S, PF_INET, SOCK_STREAM, 0) or die; \
            connect(S, sockaddr_in($ARGV[0], inet_aton('127.0.0.1'))) or die; \
            syswrite(S, qq(GET / HTTP/1.0\\r\\n\\r\\n)); print <S>";
        let mut users = vec![(rustix::process::geteuid().as_raw(), true)];
        if rustix::process::geteuid().is_root() {
            users.push((65534, false));
        }
        for (user, is_answered) in users {
            let mut command = Command::new("perl");
            std::os::unix::process::CommandExt::uid(&mut command, user);
            command.args(["-e", client, &port.to_string()]).current_dir("/");
            let output = tokio::task::spawn_blocking(move || command.output());
            let output = output.await.unwrap().unwrap();
            assert_eq!(!output.stdout.is_empty(), is_answered, "{user}: {output:?}");
        }
    }

    #[tokio::test]
    async fn when_a_sign_in_is_over_nothing_listens_and_nothing_runs() {
        let callbacks = LoopbackCallbacks::default();
        let listener = listen(&callbacks).await;
        let port = listener.uri().port().unwrap();
        let idle = Stream::connect(("127.0.0.1", port)).unwrap();
        drop(listener);
        timeout(Duration::from_secs(20), callbacks.finish()).await.unwrap();
        assert!(Stream::connect(("127.0.0.1", port)).is_err());
        drop(idle);
    }

    async fn listen(callbacks: &LoopbackCallbacks) -> Box<dyn Listener> {
        let rule = RedirectRule { host: "127.0.0.1".into(), ports: Vec::new(), path: "/".into() };
        let (_, outcome) = watch::channel(SignInState::Starting);
        callbacks.listen(rule, outcome).await.unwrap()
    }

    /// Returns the whole answer to a request that names this host.
    async fn answer(port: u16, host: &str) -> String {
        let request = format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let ask = move || {
            let mut stream = Stream::connect(("127.0.0.1", port)).unwrap();
            let mut answer = Vec::new();
            if stream.write_all(request.as_bytes()).is_ok() {
                drop(stream.read_to_end(&mut answer));
            }
            String::from_utf8(answer).unwrap()
        };
        tokio::task::spawn_blocking(ask).await.unwrap()
    }
}
