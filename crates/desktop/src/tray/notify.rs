//! Shows notices by the desktop's notification daemon. Where there is none, nothing is shown: the
//! icon and the menu say the same.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use futures_util::StreamExt;
use lanyard_core::{Failure, printable};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use zbus::zvariant::Value;
use zbus::{Connection, Proxy};

use super::follow::State;
use crate::menu::{Action, SignIn};
use crate::notice::{Notice, Notices, Step};
use crate::wording::full_sentence;

/// How long the daemon may take: one that hangs must not hold the next notice up for ever.
const ANSWER: Duration = Duration::from_secs(5);

/// The name of the button that signs in.
const SIGN_IN: &str = "sign-in";

/// What the daemon calls a click on the notification itself.
const DEFAULT: &str = "default";

/// How long a notification stays: as long as the daemon likes.
const AS_USUAL: i32 = -1;

/// How long a notification stays: until it is withdrawn or dismissed.
const UNTIL_SETTLED: i32 = 0;

/// Shows and withdraws notices as the state changes, and hands on what is pressed. Ends with the
/// session.
pub(super) async fn follow(
    bus: Connection,
    mut state: watch::Receiver<State>,
    choose: mpsc::Sender<Action>,
) {
    let pressed = match proxy(&bus).await {
        Ok(daemon) => daemon.receive_signal("ActionInvoked").await,
        Err(error) => Err(error),
    };
    let Ok(mut pressed) = pressed else { return };
    let (mut notices, mut shown) = (Notices::default(), Shown::default());
    loop {
        tokio::select! {
            changed = state.changed() => {
                if changed.is_err() {
                    return;
                }
                let steps = match &*state.borrow_and_update() {
                    Ok(status) => notices.update(status),
                    Err(_) => Vec::new(),
                };
                for step in steps {
                    shown.take(&bus, step).await;
                }
            }
            signal = pressed.next() => {
                let Some(signal) = signal else { return };
                if let Ok((id, button)) = signal.body().deserialize::<(u32, String)>()
                    && let Some(action) = shown.action(id, &button)
                {
                    // Where too many choices wait already, this one adds nothing.
                    drop(choose.try_send(action));
                }
            }
        }
    }
}

/// The ids and buttons of what is shown, by profile.
#[derive(Default)]
struct Shown(BTreeMap<String, (u32, SignIn)>);

impl Shown {
    async fn take(&mut self, bus: &Connection, step: Step) {
        match step {
            Step::Show(notice) => {
                let profile = notice.sign_in.profile.clone();
                let replaced = self.0.get(&profile).map_or(0, |(id, _)| *id);
                if let Some(id) = answered(show(bus, replaced, &notice)).await {
                    self.0.insert(profile, (id, notice.sign_in));
                }
            }
            Step::Withdraw { profile } => {
                if let Some((id, _)) = self.0.remove(&profile) {
                    answered(withdraw(bus, id)).await;
                }
            }
        }
    }

    fn action(&self, id: u32, button: &str) -> Option<Action> {
        let (_, sign_in) = self.0.values().find(|(shown, _)| *shown == id)?;
        match button {
            SIGN_IN => Some(Action::SignIn(sign_in.clone())),
            DEFAULT => Some(Action::OpenWindow),
            _ => None,
        }
    }
}

/// Says why something that the person chose did not work.
pub(super) async fn say(bus: &Connection, title: &str, failure: &Failure) {
    let action = failure.action.as_deref().map(full_sentence).unwrap_or_default();
    let body = format!("{} {action}", full_sentence(&failure.message));
    answered(notify(bus, 0, title, body.trim_end(), &[], AS_USUAL)).await;
}

async fn show(bus: &Connection, replaced: u32, notice: &Notice) -> zbus::Result<u32> {
    let buttons = [DEFAULT, "Open Lanyard", SIGN_IN, "Sign in"];
    let stays = if notice.waits { UNTIL_SETTLED } else { AS_USUAL };
    notify(bus, replaced, &notice.title, &notice.body, &buttons, stays).await
}

async fn notify(
    bus: &Connection,
    replaced: u32,
    title: &str,
    body: &str,
    buttons: &[&str],
    stays: i32,
) -> zbus::Result<u32> {
    let title = printable(title, 120);
    let body = plain_markup(&printable(body, 300));
    let hints: HashMap<&str, Value<'_>> = HashMap::new();
    let call = ("Lanyard", replaced, "lanyard", title, body, buttons, hints, stays);
    proxy(bus).await?.call("Notify", &call).await
}

async fn withdraw(bus: &Connection, id: u32) -> zbus::Result<()> {
    proxy(bus).await?.call("CloseNotification", &(id,)).await
}

async fn proxy(bus: &Connection) -> zbus::Result<Proxy<'static>> {
    let name = "org.freedesktop.Notifications";
    Proxy::new(bus, name, "/org/freedesktop/Notifications", name).await
}

async fn answered<T>(call: impl Future<Output = zbus::Result<T>>) -> Option<T> {
    match timeout(ANSWER, call).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            tracing::debug!(%error, "nothing shows notifications");
            None
        }
        Err(_) => {
            tracing::debug!("the notification daemon does not answer");
            None
        }
    }
}

/// A notification's body is markup where the daemon knows markup; the title never is.
fn plain_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        assert_eq!(plain_markup("<a href='x'>R&D</a>"), "&lt;a href='x'&gt;R&amp;D&lt;/a&gt;");
    }

    #[test]
    fn only_the_buttons_of_what_is_shown_do_something() {
        let sign_in = SignIn { profile: "work".to_owned(), username: None };
        let shown = Shown([("work".to_owned(), (7, sign_in.clone()))].into());
        assert_eq!(shown.action(7, "sign-in"), Some(Action::SignIn(sign_in)));
        assert_eq!(shown.action(7, "default"), Some(Action::OpenWindow));
        assert_eq!(shown.action(7, "quit"), None);
        assert_eq!(shown.action(8, "sign-in"), None);
    }
}
