use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use lanyard_api::{Event, StatusReply};
use lanyard_engine::Watcher;
use serde::Deserialize;
use tokio::sync::watch;

use crate::reply;
use crate::server::Desk;

/// How often the state is looked at while nothing is announced: time alone changes it too.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// How the stream is asked for.
#[derive(Deserialize)]
pub(crate) struct EventsCall {
    /// Whether a person sees what is sent: then prompts can be raised.
    #[serde(default)]
    shown: bool,
}

/// Sends the whole state at once, and again whenever it differs.
pub(crate) async fn events(
    State(desk): State<Desk>,
    Query(call): Query<EventsCall>,
) -> Sse<impl Stream<Item = Result<Message, Infallible>>> {
    let watcher = call.shown.then(|| desk.engine.watch());
    let changes = desk.engine.changes();
    let view = View { desk, changes, last: None, _watcher: watcher };
    Sse::new(unfold(view, View::next)).keep_alive(KeepAlive::new().interval(LOOK_AGAIN))
}

struct View {
    desk: Desk,
    changes: watch::Receiver<u64>,
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
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                    () = self.desk.stop.cancelled() => return None,
                }
            }
            self.changes.mark_unchanged();
            let status = reply::status(&self.desk).await.ok()?;
            if self.last.as_ref() == Some(&status) {
                continue;
            }
            let json =
                serde_json::to_string(&Event::State { status: Box::new(status.clone()) }).ok()?;
            self.last = Some(status);
            return Some((Ok(Message::default().data(json)), self));
        }
    }
}
