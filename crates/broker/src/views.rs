//! The tray and the window that the broker starts, and the only ones that may answer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lanyard_api::Showing;
use lanyard_core::{Code, Failure};
use lanyard_engine::Stage;
use lanyard_harden::{Launcher, Start};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::door::{Door, Persons, door};

/// What the broker needs to start its tray and window.
#[derive(Debug)]
pub struct ViewPrograms {
    /// The launcher, forked before the process had threads, where the system could fork one.
    pub launcher: Option<Launcher>,
    /// The program that is the tray, with its arguments.
    pub tray: (Option<PathBuf>, Vec<String>),
    /// The program that is the window, with its arguments.
    pub window: (Option<PathBuf>, Vec<String>),
    /// The broker's own environment, as far as its programs may inherit it.
    pub environment: Vec<(String, String)>,
    /// Says which of a caller's variables a started program may get.
    pub may_inherit: fn(&str) -> bool,
}

/// Longest value of a variable that a started program gets.
const LONGEST_VALUE: usize = 4096;

/// The variables without which there is nothing to show anything on.
const DISPLAYS: [&str; 2] = ["DISPLAY", "WAYLAND_DISPLAY"];

/// Starts the tray and window, one of each. Clones are the same.
#[derive(Debug, Clone)]
pub struct Views(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    programs: ViewPrograms,
    door: Door,
    runtime: Handle,
    tasks: TaskTracker,
    up: Mutex<Up>,
    wanted: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Up {
    tray: Option<u32>,
    window: Option<u32>,
    /// The desktop that a caller showed something on last.
    desktop: BTreeMap<String, String>,
}

impl Views {
    /// Returns the views, and the connections of the tray and window. Inside a tokio runtime.
    pub fn new(programs: ViewPrograms) -> (Self, Persons) {
        let (door, persons) = door();
        let inner = Inner {
            programs,
            door,
            runtime: Handle::current(),
            tasks: TaskTracker::new(),
            up: Mutex::default(),
            wanted: watch::Sender::new(0),
        };
        (Self(Arc::new(inner)), persons)
    }

    /// Shows the tray or window on the desktop that `environment` names, or that is known. Returns
    /// its process, and whether it was there.
    ///
    /// # Errors
    /// `failed` if there is no desktop, or the program is not installed or does not start.
    pub(crate) fn show(
        &self,
        showing: Showing,
        environment: BTreeMap<String, String>,
    ) -> Result<(u32, bool), Failure> {
        let mut up = self.lock();
        let running = match showing {
            Showing::Tray => up.tray,
            Showing::Window => up.window,
        };
        if let Some(pid) = running {
            self.0.wanted.send_modify(|count| *count = count.wrapping_add(1));
            return Ok((pid, true));
        }
        if has_display(&environment) {
            up.desktop = environment;
        }
        let environment = self.environment(&up);
        if !has_display(&environment) {
            return Err(Failure::new(Code::Failed, "there is no desktop to show it on")
                .action("start it inside a desktop session, or use the command line"));
        }
        let pid = self.start(showing, environment)?;
        *up.slot(showing) = Some(pid);
        Ok((pid, false))
    }

    /// Returns a receiver that changes whenever the window is wanted that is up already.
    pub(crate) fn wanted(&self) -> watch::Receiver<u64> {
        self.0.wanted.subscribe()
    }

    /// The broker's own desktop counts before a caller's.
    fn environment(&self, up: &Up) -> BTreeMap<String, String> {
        let own: BTreeMap<_, _> = self.0.programs.environment.iter().cloned().collect();
        let may_inherit = self.0.programs.may_inherit;
        let is_plain = |text: &str| text.len() < LONGEST_VALUE && !text.contains('\0');
        let theirs = up.desktop.iter().filter(|(name, value)| may_inherit(name) && is_plain(value));
        let theirs = theirs.map(|(name, value)| (name.clone(), value.clone()));
        match has_display(&own) {
            true => own,
            false => theirs.chain(own).collect(),
        }
    }

    fn start(
        &self,
        showing: Showing,
        environment: BTreeMap<String, String>,
    ) -> Result<u32, Failure> {
        let (program, arguments) = match showing {
            Showing::Tray => &self.0.programs.tray,
            Showing::Window => &self.0.programs.window,
        };
        let program = program.clone().ok_or_else(not_installed)?;
        let not_started = |error: std::io::Error| {
            Failure::new(Code::Failed, format!("could not start {}", program.display()))
                .action("check the installation with `lanyard doctor`")
                .detail(error.to_string())
        };
        let (theirs, own) = {
            let _runtime = self.0.runtime.enter();
            Door::open().map_err(not_started)?
        };
        let (arguments, environment) = (arguments.clone(), environment.into_iter().collect());
        let start = Start { program: program.clone(), arguments, environment };
        let launcher = self.0.programs.launcher.as_ref().ok_or_else(not_installed)?;
        let pid = launcher.start(&start, theirs).map_err(not_started)?.pid;
        let views = self.clone();
        let attended = async move {
            views.0.door.attend(&own).await;
            *views.lock().slot(showing) = None;
        };
        self.0.tasks.spawn_on(attended, &self.0.runtime);
        Ok(pid)
    }

    fn lock(&self) -> MutexGuard<'_, Up> {
        self.0.up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Treats a connection as the person's.
    #[cfg(feature = "test-prompter")]
    pub async fn admit(&self, connection: tokio::net::UnixStream) {
        self.0.door.admit(connection).await;
    }
}

impl Up {
    fn slot(&mut self, showing: Showing) -> &mut Option<u32> {
        match showing {
            Showing::Tray => &mut self.tray,
            Showing::Window => &mut self.window,
        }
    }
}

impl Stage for Views {
    fn is_there(&self) -> bool {
        let can_start = self.0.programs.window.0.is_some() && self.0.programs.launcher.is_some();
        // Whoever holds it starts a view, which takes its time: there is a desktop then.
        let on_desktop = match self.0.up.try_lock() {
            Ok(up) => has_display(&self.environment(&up)),
            Err(_) => true,
        };
        can_start && on_desktop
    }

    fn show(&self) {
        let views = self.clone();
        self.0.tasks.spawn_blocking_on(
            move || {
                if let Err(failure) = views.show(Showing::Window, BTreeMap::new()) {
                    tracing::warn!(%failure, "the window could not be shown");
                }
            },
            &self.0.runtime,
        );
    }
}

fn has_display(environment: &BTreeMap<String, String>) -> bool {
    DISPLAYS.iter().any(|name| environment.get(*name).is_some_and(|value| !value.is_empty()))
}

fn not_installed() -> Failure {
    Failure::new(Code::Failed, "the program to show it is not installed")
        .action("install Lanyard with its window, or use the command line")
}
