use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{ConnectInfo, Query, State};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use lanyard_api::{Event, StatusReply};
use lanyard_engine::Watcher;
use serde::Deserialize;
use tokio::sync::watch;

use crate::reply;
use crate::server::Desk;
use crate::socket::Peer;
use crate::views::Views;

/// How often the state is looked at while nothing is announced: time alone changes it too.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// How the stream is asked for.
#[derive(Deserialize)]
pub(crate) struct EventsCall {
    /// Whether a person sees what is sent: then prompts can be raised. It counts for the tray and
    /// window that the broker started.
    #[serde(default)]
    shown: bool,
}

/// Sends the whole state at once, and again whenever it differs.
pub(crate) async fn events(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(call): Query<EventsCall>,
) -> Sse<impl Stream<Item = Result<Message, Infallible>>> {
    let watcher = (call.shown && peer.is_person()).then(|| desk.engine.watch());
    let changes = desk.engine.changes();
    let wanted = desk.views.as_ref().filter(|_| peer.is_person()).map(Views::wanted);
    let view = View { desk, peer, changes, wanted, last: None, _watcher: watcher };
    Sse::new(unfold(view, View::next)).keep_alive(KeepAlive::new().interval(LOOK_AGAIN))
}

struct View {
    desk: Desk,
    peer: Peer,
    changes: watch::Receiver<u64>,
    wanted: Option<watch::Receiver<u64>>,
    last: Option<StatusReply>,
    _watcher: Option<Watcher>,
}

impl View {
    /// Returns the next message, or `None` once the broker stops.
    async fn next(mut self) -> Option<(Result<Message, Infallible>, Self)> {
        loop {
            if self.last.is_some() {
                tokio::select! {
                    changed = self.changes.changed() => changed.ok()?,
                    () = wanted(self.wanted.as_mut()) => return Some((Ok(message(&Event::Show)), self)),
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                    () = self.desk.stop.cancelled() => return None,
                }
            }
            self.changes.mark_unchanged();
            let status = reply::status(&self.desk, &self.peer).await.ok()?;
            if self.last.as_ref() == Some(&status) {
                continue;
            }
            let sent = message(&Event::State { status: Box::new(status.clone()) });
            self.last = Some(status);
            return Some((Ok(sent), self));
        }
    }
}

/// Returns once the window is wanted that this stream belongs to.
async fn wanted(wanted: Option<&mut watch::Receiver<u64>>) {
    let seen = match wanted {
        Some(wanted) => wanted.changed().await.is_ok(),
        None => false,
    };
    if !seen {
        std::future::pending::<()>().await;
    }
}

fn message(event: &Event) -> Message {
    Message::default().data(serde_json::to_string(event).unwrap_or_default())
}
