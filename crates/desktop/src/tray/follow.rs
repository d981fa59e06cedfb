use std::time::Duration;

use lanyard_api::{Event, StatusReply};
use lanyard_client::Client;
use lanyard_core::{Code, Failure};
use tokio::sync::watch;
use tokio::time::sleep;

/// What the broker says, or why it says nothing.
pub(super) type State = Result<StatusReply, Failure>;

/// How long a lost broker is waited for before the first attempt to start it again.
const SHORTEST: Duration = Duration::from_millis(250);

/// How long it is waited for where attempts keep failing.
const LONGEST: Duration = Duration::from_secs(30);

/// Hands on each state, and the failure while there is no broker. Never ends.
pub(super) async fn follow(client: Client, says: watch::Sender<State>) {
    let mut wait = SHORTEST;
    loop {
        let failure = forward(&client, &says, &mut wait).await;
        tracing::debug!(code = failure.code.as_str(), "the broker does not answer");
        tell(&says, Err(failure));
        sleep(wait).await;
        wait = LONGEST.min(wait * 2);
    }
}

/// Hands states on until the stream ends, and says why it ended.
async fn forward(client: &Client, says: &watch::Sender<State>, wait: &mut Duration) -> Failure {
    let mut events = match client.events_shown().await {
        Ok(events) => events,
        Err(failure) => return failure,
    };
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::State { status }) => {
                *wait = SHORTEST;
                tell(says, Ok(*status));
            }
            Ok(Event::Show | Event::Unknown) => {}
            Err(failure) => return failure,
        }
    }
    Failure::new(Code::Failed, "the broker ended")
}

fn tell(says: &watch::Sender<State>, state: State) {
    says.send_if_modified(|last| {
        let changed = *last != state;
        *last = state;
        changed
    });
}
