//! Shows notices by the desktop's notification daemon. Where there is none, nothing is shown: the
//! icon and the menu say the same.

use std::collections::BTreeMap;
use std::time::Duration;

use lanyard_core::{Failure, printable};
use notify_rust::{Notification, NotificationHandle, NotificationResponse, Timeout};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::run::State;
use crate::menu::{Action, SignIn};
use crate::notice::{Notice, Notices, Step};
use crate::wording::full_sentence;

/// How long the daemon may take: one that hangs must not hold a connection for ever.
const ANSWER: Duration = Duration::from_secs(5);

/// The name of the button that signs in.
const SIGN_IN: &str = "sign-in";

/// The name of the button that opens the window.
const OPEN: &str = "open";

/// What the daemon calls a click on the notification itself.
const DEFAULT: &str = "default";

/// Shows and withdraws notices as the state changes, and hands on what is pressed. Ends with the
/// state's sender.
pub(super) async fn follow(mut state: watch::Receiver<State>, choose: mpsc::Sender<Action>) {
    let mut notices = Notices::default();
    let mut standing = JoinSet::new();
    // A notice stands as long as its sender is kept.
    let mut unsettled: BTreeMap<String, oneshot::Sender<()>> = BTreeMap::new();
    while state.changed().await.is_ok() {
        while standing.try_join_next().is_some() {}
        let steps = match &*state.borrow_and_update() {
            Ok(status) => notices.update(status),
            Err(_) => Vec::new(),
        };
        for step in steps {
            match step {
                Step::Show { about, notice } => {
                    let (sender, settled) = oneshot::channel();
                    unsettled.insert(about, sender);
                    standing.spawn(stand(notice, settled, choose.clone()));
                }
                Step::Withdraw { about } => drop(unsettled.remove(&about)),
            }
        }
    }
}

/// Says why something that the person chose did not work. Returns once that is closed: desktops may
/// take back what a lost connection has shown.
pub(super) async fn say(title: &str, failure: &Failure) {
    let action = failure.action.as_deref().map(full_sentence).unwrap_or_default();
    let body = format!("{} {action}", full_sentence(&failure.message));
    if let Some(shown) = show(&notification(title, body.trim_end())).await {
        shown.wait_for_action_async(|_| ()).await;
    }
}

/// Shows a notice until it is pressed, dismissed or settled.
async fn stand(notice: Notice, settled: oneshot::Receiver<()>, choose: mpsc::Sender<Action>) {
    let mut notification = notification(&notice.title, &notice.body);
    notification.action(DEFAULT, "Open Lanyard");
    match notice.sign_in {
        Some(_) => notification.action(SIGN_IN, "Sign in"),
        None => notification.action(OPEN, "Open Lanyard"),
    };
    if notice.waits {
        notification.timeout(Timeout::Never);
    }
    let Some(shown) = show(&notification).await else { return };
    let answered = shown.wait_for_action_async(|response| {
        if let Some(action) = action(response, notice.sign_in) {
            // Where too many choices wait already, this one adds nothing.
            drop(choose.try_send(action));
        }
    });
    tokio::select! {
        () = answered => {}
        _ = settled => {}
    }
    // Where the daemon has closed it already, closing it again does nothing.
    drop(timeout(ANSWER, shown.close_async()).await);
}

/// Any program of the session can say that something was pressed, so nothing here answers a question.
fn action(response: &NotificationResponse, sign_in: Option<SignIn>) -> Option<Action> {
    match response {
        NotificationResponse::Action(button) if button == SIGN_IN => sign_in.map(Action::SignIn),
        NotificationResponse::Action(button) if button == OPEN => Some(Action::OpenWindow),
        NotificationResponse::Default => Some(Action::OpenWindow),
        NotificationResponse::Action(_)
        | NotificationResponse::Reply(_)
        | NotificationResponse::Closed(_) => None,
    }
}

fn notification(title: &str, body: &str) -> Notification {
    let mut notification = Notification::new();
    notification.appname("Lanyard").icon("lanyard");
    notification.summary(&printable(title, 120)).body(&plain_markup(&printable(body, 300)));
    notification
}

async fn show(notification: &Notification) -> Option<NotificationHandle> {
    match timeout(ANSWER, notification.show_async()).await {
        Ok(Ok(shown)) => Some(shown),
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
    use notify_rust::CloseReason;

    use super::*;

    #[test]
    fn names_are_no_markup() {
        let shown = notification("R&D", "<a href='x'>R&D</a>");
        assert_eq!(shown.summary, "R&D");
        assert_eq!(shown.body, "&lt;a href='x'&gt;R&amp;D&lt;/a&gt;");
    }

    #[test]
    fn only_the_buttons_of_what_is_shown_do_something() {
        let sign_in = || SignIn { profile: "work".to_owned(), username: None };
        let pressed = |response| action(&response, Some(sign_in()));
        assert_eq!(pressed("sign-in".into()), Some(Action::SignIn(sign_in())));
        assert_eq!(pressed(NotificationResponse::Default), Some(Action::OpenWindow));
        assert_eq!(pressed("open".into()), Some(Action::OpenWindow));
        assert_eq!(action(&"sign-in".into(), None), None);
        assert_eq!(pressed("quit".into()), None);
        assert_eq!(pressed("allow".into()), None);
        assert_eq!(pressed(NotificationResponse::Closed(CloseReason::Dismissed)), None);
    }
}
