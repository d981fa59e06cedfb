//! What broker and tray do about the user's other programs before they do anything else.

use lanyard_core::{Code, Failure, Home};
use lanyard_harden::{Confinement, Launcher, Measure};

/// Starts this program anew if its environment could load code, and closes its memory to others.
pub(crate) fn begin() -> Result<Vec<Measure>, Failure> {
    lanyard_harden::clean_environment().map_err(|error| {
        let message = "could not start anew without the variables that may load code";
        Failure::new(Code::Failed, message)
            .action("unset LD_PRELOAD and the like, and check that /proc is mounted")
            .detail(error.to_string())
    })?;
    Ok(lanyard_harden::begin())
}

/// The broker's process, and what protects it.
#[derive(Debug)]
pub(crate) struct Hardened {
    /// Starts programs for the broker, which cannot once it is confined.
    pub(crate) launcher: Option<Launcher>,
    measures: Vec<Measure>,
}

impl Hardened {
    /// Begins the broker: comes before it has threads, files and secrets.
    pub(crate) fn begin() -> Result<Self, Failure> {
        let mut measures = begin()?;
        let (launcher, why) = match Launcher::fork() {
            Ok(launcher) => (Some(launcher), None),
            Err(error) => (None, Some(error.to_string())),
        };
        measures.push(Measure { name: "launcher", holds: launcher.is_some(), why });
        Ok(Self { launcher, measures })
    }

    /// Confines the broker to its own folders, and notes in the log what does not hold. Comes before
    /// it has threads or keys.
    pub(crate) fn confine(&mut self, home: &Home) {
        let files = [&home.config, &home.cache, &home.socket];
        let folders = files.into_iter().filter_map(|file| file.parent());
        let writable = folders.chain([home.logs.as_path()]).map(Into::into).collect();
        self.measures.extend(lanyard_harden::confine(&Confinement { writable }));
        for Measure { name, why, .. } in self.measures.iter().filter(|measure| !measure.holds) {
            let why = why.as_deref().unwrap_or_default();
            tracing::warn!(name, why, "the broker is not hardened in this way");
        }
    }
}
