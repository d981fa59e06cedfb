//! The config file: parsed once into plain structs, after which nothing in it can be wrong, and
//! edited with its comments kept.

mod edit;
mod error;
mod guard;
mod parse;
mod profile;
mod read;

pub use edit::{EditError, add_profile, remove_profile, set_key_source, set_keys};
pub use error::ConfigError;
pub use guard::{Guarded, Loosening, agreed, guard};
pub use parse::parse;
pub use profile::{Profile, SecretRef, Value};

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::ProfileName;

/// Everything that the config file says.
#[derive(Debug, Clone)]
pub struct Config {
    /// The profile that is meant where none is named.
    pub default_profile: Option<ProfileName>,
    /// Where the cache's keys come from.
    pub key_source: KeySource,
    /// The file that holds them, where it is not the one beside the cache.
    pub keyfile: Option<PathBuf>,
    /// What callers get without being asked about.
    pub approval: Approval,
    /// When Lanyard locks by itself; `None` is never.
    pub lock_after: Option<Duration>,
    /// How early an end is announced.
    pub notify_before: Duration,
    /// How the network is reached.
    pub network: Network,
    /// The profiles by name.
    pub profiles: BTreeMap<ProfileName, Profile>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            default_profile: None,
            key_source: KeySource::Keyring,
            keyfile: None,
            approval: Approval::default(),
            lock_after: Some(Duration::from_mins(30)),
            notify_before: Duration::from_mins(15),
            network: Network::default(),
            profiles: BTreeMap::new(),
        }
    }
}

/// Where the cache's keys come from. Nothing falls back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeySource {
    /// The OS keyring.
    Keyring,
    /// A passphrase.
    Passphrase,
    /// A file.
    Keyfile,
}

impl KeySource {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Keyring, Self::Passphrase, Self::Keyfile];

    /// Returns the word that stands in the config file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Passphrase => "passphrase",
            Self::Keyfile => "keyfile",
        }
    }
}

/// What callers get without being asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// For known callers that are no agents.
    pub default: Rule,
    /// For callers recognised as agents.
    pub agents: Rule,
    /// Programs that count as agents beside the shipped list.
    pub agent_programs: Vec<String>,
}

impl Default for Approval {
    fn default() -> Self {
        Self { default: Rule::Allow, agents: Rule::Ask, agent_programs: Vec::new() }
    }
}

/// What happens to a request, the most lenient first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// It is answered.
    Allow,
    /// A person is asked.
    Ask,
    /// It is refused.
    Deny,
}

/// How the network is reached, where the environment does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The proxy for https.
    pub proxy: Option<String>,
    /// Hosts that are reached directly, separated by commas.
    pub no_proxy: Option<String>,
    /// A PEM file with further certificate authorities.
    pub ca_file: Option<String>,
}

impl Config {
    /// Returns the profile with this name.
    pub fn profile(&self, name: &ProfileName) -> Option<&Profile> {
        self.profiles.get(name)
    }
}
