use ksni::TrayMethods;
use lanyard_client::Client;
use lanyard_core::{Code, Failure};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use zbus::Connection;
use zbus::fdo::{RequestNameFlags, RequestNameReply};

use super::follow::{State, follow};
use super::indicator::Indicator;
use super::notify::{self, say};
use super::panel::{self, Panel};
use super::sign_in::sign_in;
use super::window::open_window;
use crate::menu::{Action, name};

/// Owned by the session's one tray.
const NAME: &str = "dev.lanyard.Tray";

/// How many choices wait while one is begun.
const WAITING: usize = 16;

/// Shows the tray until the person quits it or the session ends. Where another tray runs it returns
/// at once. It needs a tokio runtime with time and I/O; one thread is enough.
///
/// # Errors
/// `failed` if there is no session bus, or if the desktop refuses the tray.
pub async fn run(client: Client) -> Result<(), Failure> {
    let bus = Connection::session().await.map_err(|error| no_tray(&error))?;
    if !is_only(&bus).await.map_err(|error| no_tray(&error))? {
        tracing::debug!("another tray is running");
        return Ok(());
    }
    let (says, state) = watch::channel(starting());
    let (panels, panel) = watch::channel(Panel::Unknown);
    let (choose, choices) = mpsc::channel(WAITING);

    // None of these ends before the session does.
    let mut lasting = JoinSet::new();
    lasting.spawn(follow(client.clone(), says));
    lasting.spawn(notify::follow(state.clone(), choose.clone()));
    lasting.spawn(panel::follow(bus.clone(), panels));
    lasting.spawn(async move { bus.closed().await });

    let indicator = Indicator::new(state.clone(), panel.clone(), choose);
    let tray = indicator.assume_sni_available(true).spawn().await;
    let tray = tray.map_err(|error| no_tray(&error))?;
    Desk { client, tray, state, panel, choices, lasting }.serve().await;
    Ok(())
}

struct Desk {
    client: Client,
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
                    errands.spawn(run_errand(self.client.clone(), choice));
                }
                Some(_) = errands.join_next() => {}
                _ = self.lasting.join_next() => return,
            }
        }
    }
}

/// Does what was chosen, and says why where it did not work.
async fn run_errand(client: Client, choice: Action) {
    let (title, done) = match choice {
        Action::None | Action::Quit => return,
        Action::OpenWindow => ("Could not open the window".to_owned(), open_window(client.home())),
        Action::SignIn(whom) => {
            let title = format!("Could not sign in to {}", name(&whom.profile));
            (title, sign_in(&client, whom).await)
        }
    };
    if let Err(failure) = done {
        tracing::warn!(code = failure.code.as_str(), "{title}");
        say(&title, &failure).await;
    }
}

async fn is_only(bus: &Connection) -> zbus::Result<bool> {
    match bus.request_name_with_flags(NAME, RequestNameFlags::DoNotQueue.into()).await {
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => Ok(true),
        Ok(RequestNameReply::Exists | RequestNameReply::InQueue) | Err(zbus::Error::NameTaken) => {
            Ok(false)
        }
        Err(error) => Err(error),
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
