//! Connections: how many, for how long, and that each is seen to its end.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long accepting rests after an error such as too many open files.
pub(crate) const REST: Duration = Duration::from_millis(100);

/// What a listener allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How many connections there are at a time. Who comes later waits in the socket's queue.
    pub(crate) most: usize,
    /// How long a client may take to send a request's head, and a connection may be idle.
    pub(crate) head: Duration,
    /// How long a connection may last.
    pub(crate) longest: Option<Duration>,
}

/// Serves what is accepted until `stop`, then finishes the calls that were begun.
pub(crate) async fn serve<A, F, I, P>(
    accept: A,
    limits: Limits,
    app: Router,
    stop: CancellationToken,
) where
    A: Fn() -> F,
    F: Future<Output = (I, P)>,
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    P: Clone + Send + Sync + 'static,
{
    let (places, connections) = (Arc::new(Semaphore::new(limits.most)), TaskTracker::new());
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, accept().await)
        };
        let (place, (io, peer)) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        let connection = attend(io, peer, app.clone(), limits.head, stop.clone());
        connections.spawn(async move {
            match limits.longest {
                Some(longest) => drop(timeout(longest, connection).await),
                None => connection.await,
            }
            drop(place);
        });
    }
    connections.close();
    connections.wait().await;
}

/// Serves one connection; handlers find its peer as `ConnectInfo`.
async fn attend<I, P>(io: I, peer: P, app: Router, head: Duration, stop: CancellationToken)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    P: Clone + Send + Sync + 'static,
{
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer.clone()));
        app.call(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(io), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::sync::{Mutex, Notify, mpsc};
    use tokio::task::JoinHandle;

    use super::*;

    /// Longest wait for what must come.
    const WAIT: Duration = Duration::from_secs(20);

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    const LAST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn who_sends_nothing_or_half_a_head_is_hung_up_on() {
        let served = Served::new(limits(8, 100), Router::new());
        for sent in [&b""[..], b"GET / HTTP/1.1\r\nhost"] {
            let mut client = served.connect().await;
            client.write_all(sent).await.unwrap();
            end(&mut client).await;
        }
    }

    #[tokio::test]
    async fn an_idle_connection_is_closed() {
        let served =
            Served::new(limits(8, 200), Router::new().route("/", get(|| async { "hello" })));
        let mut client = served.connect().await;
        client.write_all(ASK).await.unwrap();
        assert!(end(&mut client).await.ends_with("hello"));
    }

    #[tokio::test]
    async fn a_connection_lasts_no_longer_than_it_may() {
        let never = Router::new().route("/", get(std::future::pending::<()>));
        let longest = Some(Duration::from_millis(100));
        let served = Served::new(Limits { longest, ..limits(8, 60_000) }, never);
        let mut client = served.connect().await;
        client.write_all(ASK).await.unwrap();
        assert_eq!(end(&mut client).await, "");
    }

    #[tokio::test]
    async fn who_comes_when_all_places_are_taken_waits() {
        let hello = Router::new().route("/", get(|| async { "hello" }));
        let served = Served::new(limits(1, 60_000), hello);
        let first = served.connect().await;
        let mut second = served.connect().await;
        second.write_all(LAST).await.unwrap();
        let early = timeout(Duration::from_millis(100), second.read_u8()).await;
        assert!(early.is_err(), "it has no place yet");
        drop(first);
        assert!(end(&mut second).await.ends_with("hello"));
    }

    #[tokio::test]
    async fn calls_that_were_begun_are_finished() {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (inner_begun, inner_go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        let slow = || async move {
            inner_begun.notify_one();
            inner_go_on.notified().await;
            "hello"
        };
        let served = Served::new(limits(8, 60_000), Router::new().route("/", get(slow)));
        let (mut busy, mut idle) = (served.connect().await, served.connect().await);
        busy.write_all(ASK).await.unwrap();
        begun.notified().await;
        served.stop.cancel();
        assert_eq!(end(&mut idle).await, "");
        go_on.notify_one();
        assert!(end(&mut busy).await.ends_with("hello"));
        timeout(WAIT, served.task).await.unwrap().unwrap();
    }

    struct Served {
        connections: mpsc::Sender<DuplexStream>,
        stop: CancellationToken,
        task: JoinHandle<()>,
    }

    impl Served {
        fn new(limits: Limits, app: Router) -> Self {
            let (connections, queue) = mpsc::channel(8);
            let (queue, stop) = (Arc::new(Mutex::new(queue)), CancellationToken::new());
            let accept = move || {
                let queue = Arc::clone(&queue);
                async move {
                    match queue.lock().await.recv().await {
                        Some(stream) => (stream, ()),
                        None => std::future::pending().await,
                    }
                }
            };
            let task = tokio::spawn(serve(accept, limits, app, stop.clone()));
            Self { connections, stop, task }
        }

        async fn connect(&self) -> DuplexStream {
            let (near, far) = duplex(4096);
            self.connections.send(far).await.unwrap();
            near
        }
    }

    fn limits(most: usize, head: u64) -> Limits {
        Limits { most, head: Duration::from_millis(head), longest: None }
    }

    /// Waits until the server hung up, and returns what it had sent.
    async fn end(client: &mut DuplexStream) -> String {
        let mut sent = String::new();
        timeout(WAIT, client.read_to_string(&mut sent)).await.unwrap().unwrap();
        sent
    }
}
