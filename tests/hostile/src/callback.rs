use std::time::Duration;

use lanyard_core::check_redirect;
use lanyard_core::provider::RedirectRule;
use lanyard_engine::{Callbacks, SignInState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use url::Url;

/// The `state` of the sign-in that is under way.
const STATE: &str = "the-right-state";

/// Where it is announced.
const PLACE: &str = "http://127.0.0.1:8400/callback";

/// How long the listener may take for an answer.
const LONGEST: Duration = Duration::from_secs(5);

/// Return addresses: none is taken but one for this place and this sign-in.
pub fn callback_url(bytes: &[u8]) {
    let expected = Url::parse(PLACE).expect("it is an address");
    let Ok(returned) = Url::parse(&String::from_utf8_lossy(bytes)) else { return };
    if check_redirect(&returned, &expected, STATE).is_ok() {
        assert_eq!(returned.origin(), expected.origin());
        assert_eq!(returned.path(), expected.path());
        let mut states = returned.query_pairs().filter(|(name, _)| name == "state");
        assert_eq!(states.next().map(|(_, state)| state.into_owned()).as_deref(), Some(STATE));
        assert_eq!(states.next(), None);
    }
}

/// Whatever arrives at the redirect's listener, the right answer is taken after it. `PORT` stands for
/// the listener's.
pub fn callback_request(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(async {
        let rule =
            RedirectRule { host: "127.0.0.1".into(), path: "/callback".into(), ports: Vec::new() };
        let (_sender, outcome) = watch::channel(SignInState::Starting);
        let listener = lanyard_broker::LoopbackCallbacks::default().listen(rule, outcome).await;
        let listener = listener.expect("a port is free");
        let port = listener.uri().port().expect("it has one");
        let answer = tokio::spawn(listener.wait(STATE.to_owned()));
        tokio::task::yield_now().await;
        send(port, &with_port(bytes, port)).await;
        if answer.is_finished() {
            return assert!(holds(bytes, STATE.as_bytes()), "a foreign answer was taken");
        }
        let right = format!(
            "GET /callback?code=c&state={STATE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
        );
        let mut browser = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
        browser.write_all(right.as_bytes()).await.expect("it reads");
        let taken = timeout(LONGEST, answer).await.expect("the right answer is taken in time");
        taken.expect("the listener lives").expect("the answer is taken");
    });
}

/// Sends bytes, and waits until the listener has answered or hung up.
async fn send(port: u16, bytes: &[u8]) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
    let exchange = async {
        drop(stream.write_all(bytes).await);
        drop(stream.shutdown().await);
        drop(stream.read_to_end(&mut Vec::new()).await);
    };
    // Who sends half a request is waited for.
    drop(timeout(Duration::from_millis(200), exchange).await);
}

fn with_port(bytes: &[u8], port: u16) -> Vec<u8> {
    match bytes.windows(4).position(|window| window == b"PORT") {
        Some(at) => [&bytes[..at], port.to_string().as_bytes(), &bytes[at + 4..]].concat(),
        None => bytes.to_vec(),
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
