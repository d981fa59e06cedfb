use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use lanyard_cache::Cache;
use lanyard_core::config::{Config, KeySource, Profile};
use lanyard_core::descriptor::Descriptor;
use lanyard_core::provider::Provider;
use lanyard_core::{Clock, Code, Failure, Passphrase};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::flights::Flights;
use crate::grants::Grants;
use crate::guarding::Guard;
use crate::ledger::Ledger;
use crate::lock::Attempts;
use crate::pauses::Pauses;
use crate::prompts::Prompts;
use crate::rekey::Rekey;
use crate::sign_in::Callbacks;
use crate::sign_ins::SignIns;
use crate::status::AccountStatus;
use crate::store::Store;
use crate::token::{FlightKey, Flown};

/// Returns the config file as it stands, or what is wrong with it. The same file is the same `Arc`.
pub type ConfigSource = Arc<dyn Fn() -> Result<Arc<ConfigFile>, Failure> + Send + Sync>;

/// A config file that was read.
#[derive(Debug, Default)]
pub struct ConfigFile {
    /// Its text.
    pub text: String,
    /// What it says.
    pub config: Arc<Config>,
}

/// Opens the cache with the keys that the config names.
pub trait Vault: Send + Sync {
    /// Opens the cache.
    ///
    /// # Errors
    /// `locked` where a passphrase is needed, `wrong-key` where it is wrong, and what else stands
    /// against it.
    fn open(&self, passphrase: Option<Passphrase>) -> Result<Cache, Failure>;

    /// Checks a passphrase.
    ///
    /// # Errors
    /// `wrong-key` where it is wrong, or where there is none.
    fn check(&self, passphrase: Passphrase) -> Result<(), Failure>;

    /// Returns who holds the keys.
    fn source(&self) -> KeySource;

    /// Changes the keys of the open cache, or who holds them; [`Vault::open`] follows.
    ///
    /// # Errors
    /// `wrong-key` where the passphrase is wrong, and what else stands against it. The cache opens
    /// still.
    fn rekey(&self, cache: &mut Cache, change: Rekey) -> Result<(), Failure>;
}

/// Where a question can be shown that nobody watches for.
pub trait Stage: Send + Sync {
    /// Returns whether there is a desktop to show a window on.
    fn is_there(&self) -> bool;

    /// Brings the window up.
    fn show(&self);
}

/// What an engine is made of.
pub struct Parts {
    /// The open cache. Without it the engine is locked until [`Engine::unlock`].
    pub cache: Option<Cache>,
    /// What opens the cache again after a lock.
    pub vault: Arc<dyn Vault>,
    /// Where the window can be shown.
    pub stage: Arc<dyn Stage>,
    /// The providers.
    pub providers: Vec<Arc<dyn Provider>>,
    /// The config.
    pub config: ConfigSource,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where redirects arrive.
    pub callbacks: Arc<dyn Callbacks>,
}

/// Owns the accounts and their tokens. Clones are the same engine.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) providers: Vec<Arc<dyn Provider>>,
    pub(crate) config: ConfigSource,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) callbacks: Arc<dyn Callbacks>,
    pub(crate) flights: Flights<FlightKey, Flown>,
    pub(crate) sign_ins: SignIns,
    pub(crate) prompts: Prompts,
    pub(crate) guard: Guard,
    pub(crate) vault: Arc<dyn Vault>,
    stage: Arc<dyn Stage>,
    attempts: Mutex<Attempts>,
    last_use: Mutex<Timestamp>,
    /// Set while the cache is closed or about to be.
    pub(crate) locked: AtomicBool,
    /// Held while Lanyard is locked or unlocked.
    pub(crate) latch: tokio::sync::Mutex<()>,
    /// Held while a passphrase is tried.
    pub(crate) attempting: tokio::sync::Mutex<()>,
    asleep: Mutex<Vec<AccountStatus>>,
    pub(crate) ledger: Ledger,
    pub(crate) tasks: TaskTracker,
    pub(crate) stopped: CancellationToken,
    /// Says that a token was given out while none was in use.
    pub(crate) in_use: Notify,
    pub(crate) grants: Grants,
    pub(crate) pauses: Pauses,
    changes: watch::Sender<u64>,
    watchers: AtomicUsize,
}

impl Engine {
    /// Returns an engine. It does nothing by itself until [`Engine::run`].
    ///
    /// # Errors
    /// `cache-unavailable` if the cache cannot be read.
    pub fn new(parts: Parts) -> Result<Self, Failure> {
        let guard = parts.cache.as_ref().map(|cache| Guard::load(cache, &parts.config));
        let guard = guard.transpose().map_err(|error| error.to_failure())?;
        let tasks = TaskTracker::new();
        Ok(Self(Arc::new(Inner {
            locked: AtomicBool::new(parts.cache.is_none()),
            guard: guard.unwrap_or_default(),
            store: Store::start(parts.cache),
            last_use: Mutex::new(parts.clock.now()),
            providers: parts.providers,
            config: parts.config,
            clock: parts.clock,
            callbacks: parts.callbacks,
            flights: Flights::new(tasks.clone()),
            sign_ins: SignIns::default(),
            prompts: Prompts::default(),
            vault: parts.vault,
            stage: parts.stage,
            attempts: Mutex::default(),
            latch: tokio::sync::Mutex::default(),
            attempting: tokio::sync::Mutex::default(),
            asleep: Mutex::default(),
            ledger: Ledger::default(),
            tasks,
            stopped: CancellationToken::new(),
            in_use: Notify::new(),
            grants: Grants::default(),
            pauses: Pauses::default(),
            changes: watch::Sender::new(0),
            watchers: AtomicUsize::new(0),
        })))
    }

    /// Returns what every provider says of itself.
    pub fn providers(&self) -> impl Iterator<Item = &'static Descriptor> {
        self.0.providers.iter().map(|provider| provider.descriptor())
    }

    /// Returns a receiver that changes whenever the state that people see does.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Says that a tray or window shows the state to the person, until the guard is dropped.
    pub fn watch(&self) -> Watcher {
        self.0.watchers.fetch_add(1, Ordering::Relaxed);
        Watcher(Arc::clone(&self.0))
    }

    /// Gives up sign-ins and waiting, so that [`Engine::stop`] is soon done.
    pub fn begin_stop(&self) {
        self.0.stopped.cancel();
    }

    /// Finishes what was begun, and closes the cache.
    pub async fn stop(&self) {
        self.0.stopped.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.settle_all().await;
        self.flush().await;
    }

    pub(crate) fn provider(&self, profile: &Profile) -> Result<Arc<dyn Provider>, Failure> {
        let id = profile.provider.id;
        let found = self.0.providers.iter().find(|provider| provider.descriptor().id == id);
        found.cloned().ok_or_else(|| Failure::new(Code::Failed, format!("no provider \"{id}\"")))
    }

    pub(crate) fn changed(&self) {
        self.0.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.0.watchers.load(Ordering::Relaxed) > 0
    }

    /// Returns whether a question can be shown to the person: a tray or window does, or one can be
    /// brought up.
    pub(crate) fn shows(&self) -> bool {
        self.is_watched() || self.0.stage.is_there()
    }

    /// Has a new question seen.
    pub(crate) fn bring_up(&self) {
        self.changed();
        if !self.is_watched() {
            self.0.stage.show();
        }
    }

    pub(crate) fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the accounts as they were at the lock.
    pub(crate) fn asleep(&self) -> MutexGuard<'_, Vec<AccountStatus>> {
        self.0.asleep.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn last_use(&self) -> MutexGuard<'_, Timestamp> {
        self.0.last_use.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts as a tray or window until it is dropped.
pub struct Watcher(Arc<Inner>);

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}
