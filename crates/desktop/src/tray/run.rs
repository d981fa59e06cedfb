use ksni::TrayMethods;
use lanyard_api::{LockReply, Showing, StatusReply};
use lanyard_client::Client;
use lanyard_core::{Code, Failure};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use zbus::Connection;

use super::indicator::Indicator;
use super::notify::{self, say};
use super::panel::{self, Panel};
use super::sign_in::sign_in;
use crate::follow::{Told, follow};
use crate::menu::{Action, name};

/// What the broker says, or why it says nothing.
pub(super) type State = Result<StatusReply, Failure>;

/// How many choices wait while one is begun.
const WAITING: usize = 16;

/// Shows the tray until the person quits it, the session ends, or another broker has begun and shows
/// its own. It needs a tokio runtime with time and I/O; one thread is enough.
///
/// `person` is this tray's connection; `broker` reaches whichever broker there is.
///
/// # Errors
/// `failed` if there is no session bus, or if the desktop refuses the tray.
pub async fn run(person: Client, broker: Client) -> Result<(), Failure> {
    let bus = Connection::session().await.map_err(|error| no_tray(&error))?;
    let (says, state) = watch::channel(starting());
    let (panels, panel) = watch::channel(Panel::Unknown);
    let (choose, choices) = mpsc::channel(WAITING);

    // Where one of these ends, so does the tray.
    let mut lasting = JoinSet::new();
    lasting.spawn(listen(person.clone(), broker.clone(), says));
    lasting.spawn(notify::follow(state.clone(), choose.clone()));
    lasting.spawn(panel::follow(bus.clone(), panels));
    lasting.spawn(async move { bus.closed().await });

    let indicator = Indicator::new(state.clone(), panel.clone(), choose);
    let tray = indicator.assume_sni_available(true).spawn().await;
    let tray = tray.map_err(|error| no_tray(&error))?;
    Desk { person, broker, tray, state, panel, choices, lasting }.serve().await;
    Ok(())
}

/// Hands on each state that differs, and the failure while there is no broker.
async fn listen(person: Client, broker: Client, says: watch::Sender<State>) {
    let tell = |told| {
        let state = match told {
            Told::State(status) => Ok(*status),
            Told::Lost(failure) => Err(failure),
            // There is nothing to bring to the front.
            Told::Show => return,
        };
        says.send_if_modified(|last| {
            let changed = *last != state;
            *last = state;
            changed
        });
    };
    if let Err(failure) = follow(&person, &broker, Showing::Tray, tell).await {
        tracing::warn!(%failure, "the broker could not be started again");
    }
}

struct Desk {
    person: Client,
    broker: Client,
    tray: ksni::Handle<Indicator>,
    state: watch::Receiver<State>,
    panel: watch::Receiver<Panel>,
    choices: mpsc::Receiver<Action>,
    lasting: JoinSet<()>,
}

impl Desk {
    async fn serve(mut self) {
        let mut errands = JoinSet::new();
        loop {
            tokio::select! {
                Ok(()) = self.state.changed() => drop(self.tray.update(|_| ()).await),
                Ok(()) = self.panel.changed() => drop(self.tray.update(|_| ()).await),
                Some(choice) = self.choices.recv() => {
                    if choice == Action::Quit {
                        return self.tray.shutdown().await;
                    }
                    errands.spawn(run_errand(self.person.clone(), self.broker.clone(), choice));
                }
                Some(_) = errands.join_next() => {}
                _ = self.lasting.join_next() => return,
            }
        }
    }
}

/// Does what was chosen, and says why where it did not work.
async fn run_errand(person: Client, broker: Client, choice: Action) {
    let (title, done) = match choice {
        Action::None | Action::Quit => return,
        // The broker may have ended, and the window is where one sees why.
        Action::OpenWindow => {
            let shown = broker.show(Showing::Window).await;
            ("Could not open the window".to_owned(), shown.map(drop))
        }
        Action::Lock => {
            let locked = person.call::<LockReply>("POST", "/v1/lock", None::<&()>).await;
            ("Could not lock".to_owned(), locked.map(drop))
        }
        Action::SignIn(whom) => {
            let title = format!("Could not sign in to {}", name(&whom.profile));
            (title, sign_in(&person, whom).await)
        }
    };
    if let Err(failure) = done {
        tracing::warn!(code = failure.code.as_str(), "{title}");
        say(&title, &failure).await;
    }
}

fn starting() -> State {
    Err(Failure::new(Code::Failed, "it is being started"))
}

fn no_tray(error: &dyn std::error::Error) -> Failure {
    Failure::new(Code::Failed, "could not show the tray")
        .action("start it inside a desktop session")
        .detail(error.to_string())
}
