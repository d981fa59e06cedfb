//! The broker's states, handed to the page: the whole of it at each change.

use std::time::Duration;

use lanyard_api::{Event, Problem};
use lanyard_client::Client;
use lanyard_core::{Code, Failure};
use tauri::{AppHandle, Emitter};
use tokio::time::sleep;

use crate::commands::without_pages;

/// How long a lost broker is waited for before the first attempt to start it again.
const SHORTEST: Duration = Duration::from_millis(250);

/// How long it is waited for where attempts keep failing.
const LONGEST: Duration = Duration::from_secs(30);

/// Emits `status` at each change, and `broker-gone` while there is no broker. Runs until the
/// process ends.
pub(crate) async fn follow(app: AppHandle, client: Client) {
    let mut wait = SHORTEST;
    loop {
        let failure = forward(&app, &client, &mut wait).await;
        emit(&app, "broker-gone", Problem::of(failure));
        sleep(wait).await;
        wait = LONGEST.min(wait * 2);
    }
}

/// Hands states on until the stream ends, and says why it ended.
async fn forward(app: &AppHandle, client: &Client, wait: &mut Duration) -> Failure {
    let mut events = match client.events_shown().await {
        Ok(events) => events,
        Err(failure) => return failure,
    };
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::State { status }) => {
                *wait = SHORTEST;
                emit(app, "status", without_pages(*status));
            }
            Ok(Event::Show | Event::Unknown) => {}
            Err(failure) => return failure,
        }
    }
    Failure::new(Code::Failed, "the broker ended")
}

fn emit(app: &AppHandle, event: &str, payload: impl serde::Serialize + Clone) {
    if let Err(error) = app.emit(event, payload) {
        tracing::warn!(%error, event, "the page was not told");
    }
}
