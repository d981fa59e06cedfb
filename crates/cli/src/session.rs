//! Locks when the desktop's session is locked, and before the machine goes to sleep.

use futures_util::StreamExt;
use lanyard_engine::LockReason;
use zbus::connection::Builder;
use zbus::message::Message;
use zbus::proxy::{CacheProperties, MethodFlags};
use zbus::zvariant::{OwnedFd, OwnedObjectPath};
use zbus::{Connection, MatchRule, MessageStream, Proxy};

const LOGIND: &str = "org.freedesktop.login1";
const SESSION: &str = "org.freedesktop.login1.Session";

/// What desktops call the interface that says that the screen is locked.
const SCREENSAVERS: [&str; 6] = [
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.kde.screensaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.xfce.ScreenSaver",
];

/// Where desktop and machine say what happens.
pub(crate) struct Buses {
    pub(crate) system: zbus::Result<Builder<'static>>,
    pub(crate) session: zbus::Result<Builder<'static>>,
}

impl Buses {
    /// Returns those that the environment names.
    pub(crate) fn of_environment() -> Self {
        Self { system: Builder::system(), session: Builder::session() }
    }
}

/// Calls `lock` whenever it is time for it, for as long as the buses are there. None is no failure: a
/// server has neither.
pub(crate) async fn watch<F: Future<Output = ()>>(buses: Buses, lock: impl Fn(LockReason) -> F) {
    let machine = async {
        let bus = buses.system?.build().await?;
        watch_machine(&bus, &lock).await
    };
    let desktop = async {
        let bus = buses.session?.build().await?;
        watch_desktop(&bus, &lock).await
    };
    let (machine, desktop) = tokio::join!(machine, desktop);
    tracing::debug!(?machine, ?desktop, "nothing says any more when to lock");
}

/// Hears logind. Sleep waits for the lock, as long as logind lets it.
async fn watch_machine<F: Future<Output = ()>>(
    bus: &Connection,
    lock: &impl Fn(LockReason) -> F,
) -> zbus::Result<()> {
    let manager = proxy(bus, "/org/freedesktop/login1", "org.freedesktop.login1.Manager").await?;
    let mut sleeps = manager.receive_signal("PrepareForSleep").await?;
    let rule = signals("Lock")?.sender(LOGIND)?.interface(SESSION)?.build();
    let mut locks = MessageStream::for_match_rule(rule, bus, None).await?;
    let mut delay = delay_sleep(&manager).await;
    loop {
        tokio::select! {
            Some(signal) = sleeps.next() => match signal.body().deserialize()? {
                true => {
                    lock(LockReason::Suspend).await;
                    drop(delay.take());
                }
                false => delay = delay_sleep(&manager).await,
            },
            Some(signal) = locks.next() => if is_own(bus, &signal?).await {
                lock(LockReason::Session).await;
            },
            else => return Ok(()),
        }
    }
}

/// Returns what keeps the machine awake for a moment once it is to sleep; logind sets how long.
async fn delay_sleep(manager: &Proxy<'_>) -> Option<OwnedFd> {
    let why = ("sleep", "Lanyard", "takes keys out of memory", "delay");
    // Where there is no logind, none is started.
    let flags = MethodFlags::NoAutoStart.into();
    manager.call_with_flags("Inhibit", flags, &why).await.ok().flatten()
}

/// Returns whether the locked session is this user's.
async fn is_own(bus: &Connection, signal: &Message) -> bool {
    let Some(path) = signal.header().path().map(ToString::to_string) else { return false };
    let Ok(session) = proxy(bus, &path, SESSION).await else { return false };
    let user = session.get_property::<(u32, OwnedObjectPath)>("User").await;
    user.is_ok_and(|(uid, _)| uid == rustix::process::getuid().as_raw())
}

/// Hears the desktop. Whoever is on the session's bus may lock, so nobody asks who it was.
async fn watch_desktop<F: Future<Output = ()>>(
    bus: &Connection,
    lock: &impl Fn(LockReason) -> F,
) -> zbus::Result<()> {
    let rule = signals("ActiveChanged")?.build();
    let mut changes = MessageStream::for_match_rule(rule, bus, None).await?;
    while let Some(signal) = changes.next().await {
        let signal = signal?;
        let header = signal.header();
        let known = header.interface().is_some_and(|name| SCREENSAVERS.contains(&name.as_str()));
        if known && signal.body().deserialize::<bool>().unwrap_or_default() {
            lock(LockReason::Session).await;
        }
    }
    Ok(())
}

fn signals(member: &'static str) -> zbus::Result<zbus::match_rule::Builder<'static>> {
    MatchRule::builder().msg_type(zbus::message::Type::Signal).member(member)
}

async fn proxy<'a>(
    bus: &Connection,
    path: &'a str,
    interface: &'static str,
) -> zbus::Result<Proxy<'a>> {
    let builder = zbus::proxy::Builder::new(bus).destination(LOGIND)?.path(path)?;
    builder.interface(interface)?.cache_properties(CacheProperties::No).build().await
}

#[cfg(test)]
mod tests;
