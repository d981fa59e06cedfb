use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use lanyard_core::config::Network;
use lanyard_core::descriptor::Descriptor;
use lanyard_core::provider::{Provider, SecretSource};
use lanyard_core::{Clock, Failure, Home, SystemClock};
use lanyard_providers::Http;

use crate::args::DaemonCommand;
use crate::commands::{Context, daemon};

/// Makes the providers over an HTTP client.
pub type Providers = fn(&Http, &Arc<dyn SecretSource>) -> Vec<Arc<dyn Provider>>;

/// Where the commands run that own keys, cache and providers.
#[derive(Debug, Clone, Copy)]
pub enum Daemon {
    /// In `lanyard-daemon`, beside this program.
    Beside,
    /// In this process.
    Here {
        /// The providers.
        providers: Providers,
        /// Runs one of these commands.
        run: fn(&Context, Providers, DaemonCommand) -> ExitCode,
    },
}

/// What the program reads of its surroundings, once.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where Lanyard's files are, or why that cannot be told.
    pub home: Result<Home, Failure>,
    /// `LANYARD_PROFILE`.
    pub profile: Option<String>,
    /// `BROWSER`.
    pub browser: Option<String>,
    /// `LANYARD_LOG`.
    pub log: Option<String>,
    /// Whether colours are wanted (`NO_COLOR`).
    pub colour: bool,
    /// `HTTPS_PROXY` and `NO_PROXY`.
    pub network: Network,
    /// Whether systemd passed a socket to this process (`sd_listen_fds(3)`).
    pub socket_passed: bool,
    /// The time, as the broker sees it.
    pub clock: fn() -> Arc<dyn Clock>,
    /// The providers' descriptions.
    pub descriptors: &'static [&'static Descriptor],
    /// Where the commands run that own keys, cache and providers.
    pub daemon: Daemon,
    /// Whether connections to `person.sock` count as the person's.
    #[cfg(feature = "test-prompter")]
    pub test_prompter: bool,
}

impl Setup {
    /// Reads this process's environment. The program is then the small one that people type: it links
    /// no database and no provider, and starts as fast as a program can.
    #[expect(clippy::disallowed_methods, reason = "the program's one reading of the environment")]
    pub fn of_process() -> Self {
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let own = std::process::id().to_string();
        Self {
            home: Home::from_env(|name: &str| -> Option<OsString> { std::env::var_os(name) }),
            profile: text("LANYARD_PROFILE"),
            browser: text("BROWSER"),
            log: text("LANYARD_LOG"),
            colour: text("NO_COLOR").is_none(),
            network: Network {
                proxy: text("HTTPS_PROXY").or_else(|| text("https_proxy")),
                no_proxy: text("NO_PROXY").or_else(|| text("no_proxy")),
                ca_file: None,
            },
            socket_passed: text("LISTEN_PID") == Some(own) && text("LISTEN_FDS").is_some(),
            clock: || Arc::new(SystemClock),
            descriptors: lanyard_providers::DESCRIPTORS,
            daemon: Daemon::Beside,
            #[cfg(feature = "test-prompter")]
            test_prompter: false,
        }
    }

    /// Returns the set-up of the program that owns keys, cache and these providers.
    #[must_use]
    pub fn with_daemon(self, providers: Providers) -> Self {
        Self { daemon: Daemon::Here { providers, run: daemon::run }, ..self }
    }

    /// Returns the network's settings: the environment's, else those of the config.
    pub(crate) fn network(&self, config: &Network) -> Network {
        let (own, config) = (self.network.clone(), config.clone());
        Network {
            proxy: own.proxy.or(config.proxy),
            no_proxy: own.no_proxy.or(config.no_proxy),
            ca_file: config.ca_file,
        }
    }

    pub(crate) fn home(&self) -> Result<Home, Failure> {
        self.home.clone()
    }
}
