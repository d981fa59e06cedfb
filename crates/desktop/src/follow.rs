//! What the broker says to its tray and window, and what these do when it ends.

use std::time::Duration;

use lanyard_api::{Event, Showing, StatusReply};
use lanyard_client::Client;
use lanyard_core::{Code, Failure};
use tokio::time::sleep;

/// How long to wait before the first attempt to start the broker again.
const SHORTEST: Duration = Duration::from_millis(250);

/// How long to wait where attempts keep failing.
const LONGEST: Duration = Duration::from_secs(30);

/// How often it is attempted: for about ten minutes.
const ATTEMPTS: u32 = 25;

/// What a tray or window is told.
#[derive(Debug)]
pub enum Told {
    /// The whole state.
    State(Box<StatusReply>),
    /// It is wanted, and is to come to the front.
    Show,
    /// There is no broker, or what keeps it from starting again.
    Lost(Failure),
}

/// Hands on what the broker says, until it ends.
///
/// Its answer channel ends with it, so this process is then the tray or window of nobody: the next
/// broker starts its own. Returns once it did, so that this one can end.
///
/// # Errors
/// Why no broker could be started, after the last attempt.
pub async fn follow(
    person: &Client,
    broker: &Client,
    showing: Showing,
    mut tell: impl FnMut(Told),
) -> Result<(), Failure> {
    let mut failure = hand_on(person, &mut tell).await;
    let mut wait = SHORTEST;
    for _ in 0..ATTEMPTS {
        tracing::debug!(code = failure.code.as_str(), "the broker is started again");
        tell(Told::Lost(failure));
        sleep(wait).await;
        wait = LONGEST.min(wait * 2);
        failure = match broker.show(showing).await {
            Ok(_) => return Ok(()),
            Err(failure) => failure,
        };
    }
    tell(Told::Lost(failure.clone()));
    Err(failure)
}

/// Hands on states until the stream ends, and says why it ended.
async fn hand_on(person: &Client, tell: &mut impl FnMut(Told)) -> Failure {
    let mut events = match person.events_shown().await {
        Ok(events) => events,
        Err(failure) => return failure,
    };
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::State { status }) => tell(Told::State(status)),
            Ok(Event::Show) => tell(Told::Show),
            Ok(Event::Unknown) => {}
            Err(failure) => return failure,
        }
    }
    Failure::new(Code::Failed, "the broker ended; it is being started again")
}
