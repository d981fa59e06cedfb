use std::ffi::OsString;
use std::path::PathBuf;

use lanyard_core::config::Config;
use lanyard_core::{Failure, Home};

use crate::environment::Providers;
use crate::{Setup, config_file};

/// What every check looks at.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) setup: Setup,
    pub(super) home: Home,
    pub(super) config: Result<Config, Failure>,
    pub(super) providers: Providers,
    /// What a broker that is started here would inherit.
    environment: Vec<(OsString, OsString)>,
}

impl Scene {
    pub(super) fn read(setup: &Setup, providers: Providers) -> Result<Self, Failure> {
        let home = setup.home()?;
        Ok(Self {
            config: config_file::load(&home.config, setup.descriptors),
            home,
            setup: setup.clone(),
            providers,
            environment: lanyard_harden::allowed_environment(),
        })
    }

    /// Returns a variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&OsString> {
        let found = self.environment.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.variable(name).and_then(|value| value.to_str())
    }

    /// Returns one of the folders of the XDG Base Directory Specification.
    pub(super) fn folder(&self, name: &str, below_home: &str) -> Option<PathBuf> {
        let own = self.variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        own.or_else(|| Some(PathBuf::from(self.variable("HOME")?).join(below_home)))
    }
}
