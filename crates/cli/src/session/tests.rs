use std::io::{BufRead, BufReader, PipeReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::*;

/// Longest that anything here may take.
const SOON: Duration = Duration::from_secs(10);

/// After this nothing is on its way any more.
const QUIET: Duration = Duration::from_millis(300);

#[tokio::test]
async fn sleep_waits_until_the_keys_are_out_of_memory() {
    let bus = Bus::start();
    let (logind, mut delays) = logind(&bus).await;
    let mut watched = Watched::machine(&bus);
    let mut delay = soon(delays.recv()).await;
    emit(&logind, MANAGER, "PrepareForSleep", true).await;
    assert_eq!(soon(watched.reasons.recv()).await, LockReason::Suspend);
    assert!(!is_over(&mut delay), "it is held while the lock is under way");
    watched.gate.add_permits(1);
    let over = tokio::task::spawn_blocking(move || delay.read(&mut [0]).unwrap());
    assert_eq!(timeout(SOON, over).await.unwrap().unwrap(), 0);

    emit(&logind, MANAGER, "PrepareForSleep", false).await;
    let mut next = soon(delays.recv()).await;
    assert!(!is_over(&mut next), "the next sleep waits too");
    assert!(watched.is_quiet().await, "waking up locks nothing");
}

#[tokio::test]
async fn the_lock_of_a_session_of_somebody_else_is_not_ours() {
    let bus = Bus::start();
    let (logind, mut delays) = logind(&bus).await;
    let mut watched = Watched::machine(&bus);
    drop(soon(delays.recv()).await);
    emit(&logind, ("/session/theirs", SESSION), "Lock", ()).await;
    emit(&logind, ("/session/none", SESSION), "Lock", ()).await;
    emit(&logind, ("/session/own", SESSION), "Unlock", ()).await;
    assert!(watched.is_quiet().await);
    emit(&logind, ("/session/own", SESSION), "Lock", ()).await;
    assert_eq!(soon(watched.reasons.recv()).await, LockReason::Session);
}

#[tokio::test]
async fn every_desktops_screen_saver_is_heard_and_nothing_else() {
    let bus = Bus::start();
    let desktop = bus.connection().await;
    let mut watched = Watched::desktop(&bus);
    watched.gate.add_permits(1000);
    let path = "/org/gnome/ScreenSaver";
    let active =
        |interface, active: bool| emit(&desktop, (path, interface), "ActiveChanged", active);
    let heard = async {
        while watched.reasons.is_empty() {
            active(SCREENSAVERS[0], true).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, heard).await.unwrap();
    while !watched.is_quiet().await {}

    active(SCREENSAVERS[1], false).await;
    active("org.example.Door", true).await;
    emit(&desktop, (path, SCREENSAVERS[1]), "ActiveChanged", "yes").await;
    assert!(watched.is_quiet().await);
    for interface in SCREENSAVERS {
        active(interface, true).await;
        assert_eq!(soon(watched.reasons.recv()).await, LockReason::Session, "{interface}");
    }
}

#[tokio::test]
async fn without_buses_there_is_nothing_to_wait_for() {
    let absent = || Builder::address("unix:path=/nowhere/bus");
    let buses = Buses { system: absent(), session: absent() };
    let nothing = watch(buses, |reason| async move { panic!("{reason:?}") });
    timeout(SOON, nothing).await.unwrap();
}

#[tokio::test]
async fn a_machine_without_logind_is_not_given_one() {
    let bus = Bus::start();
    let mut watched = Watched::machine(&bus);
    assert!(watched.is_quiet().await);
    assert!(!watched.task.is_finished(), "it may come");
}

const MANAGER: (&str, &str) = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");

/// A private bus; it ends with the test.
struct Bus(Child, String);

impl Bus {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--nofork", "--print-address=1"]).stdout(Stdio::piped());
        let mut daemon = daemon.spawn().unwrap();
        let mut address = String::new();
        BufReader::new(daemon.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        Self(daemon, address.trim().to_owned())
    }

    fn builder(&self) -> zbus::Result<Builder<'static>> {
        Builder::address(self.1.as_str())
    }

    async fn connection(&self) -> Connection {
        self.builder().unwrap().build().await.unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Notes each lock, which then takes until the gate lets it through.
struct Watched {
    reasons: mpsc::UnboundedReceiver<LockReason>,
    gate: Arc<Semaphore>,
    task: AbortOnDropHandle<()>,
}

impl Watched {
    fn machine(bus: &Bus) -> Self {
        Self::of(Buses { system: bus.builder(), session: Builder::address("unix:path=/nowhere") })
    }

    fn desktop(bus: &Bus) -> Self {
        Self::of(Buses { system: Builder::address("unix:path=/nowhere"), session: bus.builder() })
    }

    fn of(buses: Buses) -> Self {
        let (sender, reasons) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let passing = Arc::clone(&gate);
        let lock = move |reason| {
            sender.send(reason).unwrap();
            let passing = Arc::clone(&passing);
            async move { passing.acquire().await.unwrap().forget() }
        };
        let task = AbortOnDropHandle::new(tokio::spawn(watch(buses, lock)));
        Self { reasons, gate, task }
    }

    async fn is_quiet(&mut self) -> bool {
        timeout(QUIET, self.reasons.recv()).await.is_err()
    }
}

struct Manager(mpsc::UnboundedSender<PipeReader>);

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> OwnedFd {
        assert_eq!((what, who, mode), ("sleep", "Lanyard", "delay"));
        assert!(!why.is_empty());
        let (reader, writer) = std::io::pipe().unwrap();
        self.0.send(reader).unwrap();
        std::os::fd::OwnedFd::from(writer).into()
    }
}

struct Session(u32);

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn user(&self) -> (u32, OwnedObjectPath) {
        (self.0, OwnedObjectPath::try_from("/user").unwrap())
    }
}

/// Plays logind, and returns the end of each delay that it gave.
async fn logind(bus: &Bus) -> (Connection, mpsc::UnboundedReceiver<PipeReader>) {
    let (sender, delays) = mpsc::unbounded_channel();
    let own = rustix::process::getuid().as_raw();
    let builder = bus.builder().unwrap().serve_at(MANAGER.0, Manager(sender)).unwrap();
    let builder = builder.serve_at("/session/own", Session(own)).unwrap();
    let builder = builder.serve_at("/session/theirs", Session(own + 1)).unwrap();
    (builder.name(LOGIND).unwrap().build().await.unwrap(), delays)
}

async fn emit<B>(from: &Connection, (path, interface): (&str, &str), member: &str, body: B)
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    from.emit_signal(None::<&str>, path, interface, member, &body).await.unwrap();
}

async fn soon<T>(waiting: impl Future<Output = Option<T>>) -> T {
    timeout(SOON, waiting).await.unwrap().unwrap()
}

/// Returns whether the other end of the pipe is closed.
fn is_over(delay: &mut PipeReader) -> bool {
    let mut polled = [rustix::event::PollFd::new(delay, rustix::event::PollFlags::IN)];
    rustix::event::poll(&mut polled, Some(&rustix::time::Timespec::default())).unwrap() > 0
}
