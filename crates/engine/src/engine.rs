use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lanyard_cache::Cache;
use lanyard_core::config::{Config, Profile};
use lanyard_core::descriptor::Descriptor;
use lanyard_core::provider::Provider;
use lanyard_core::{Clock, Code, Failure};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::flights::Flights;
use crate::grants::Grants;
use crate::ledger::Ledger;
use crate::pauses::Pauses;
use crate::prompts::Prompts;
use crate::sign_in::Callbacks;
use crate::sign_ins::SignIns;
use crate::store::Store;
use crate::token::{FlightKey, Flown};

/// Returns the config as it stands in the file, or what is wrong with it.
pub type ConfigSource = Arc<dyn Fn() -> Result<Arc<Config>, Failure> + Send + Sync>;

/// What an engine is made of.
pub struct Parts {
    /// The open cache.
    pub cache: Cache,
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
    pub(crate) ledger: Ledger,
    pub(crate) tasks: TaskTracker,
    pub(crate) stopped: CancellationToken,
    /// Says that a token was given out while none was in use.
    pub(crate) in_use: Notify,
    pub(crate) grants: Grants,
    pub(crate) pauses: Pauses,
    /// The address of the config that was seen last: another one means that the file changed.
    seen: Mutex<Option<usize>>,
    changes: watch::Sender<u64>,
    watchers: AtomicUsize,
}

impl Engine {
    /// Returns an engine. It does nothing by itself until [`Engine::run`].
    pub fn new(parts: Parts) -> Self {
        let tasks = TaskTracker::new();
        Self(Arc::new(Inner {
            store: Store::start(parts.cache),
            providers: parts.providers,
            config: parts.config,
            clock: parts.clock,
            callbacks: parts.callbacks,
            flights: Flights::new(tasks.clone()),
            sign_ins: SignIns::default(),
            prompts: Prompts::default(),
            ledger: Ledger::default(),
            tasks,
            stopped: CancellationToken::new(),
            in_use: Notify::new(),
            grants: Grants::default(),
            pauses: Pauses::default(),
            seen: Mutex::default(),
            changes: watch::Sender::new(0),
            watchers: AtomicUsize::new(0),
        }))
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

    /// Returns the config as it stands. What a changed file says of accounts is taken over.
    pub(crate) fn config(&self) -> Result<Arc<Config>, Failure> {
        let config = (self.0.config)();
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = config.as_ref().map(Arc::as_ptr).ok().map(<*const Config>::addr);
        if std::mem::replace(&mut *seen, now) != now {
            drop(seen);
            self.changed();
            if let Ok(config) = &config {
                let (engine, config) = (self.clone(), Arc::clone(config));
                self.0.tasks.spawn(async move { engine.apply(&config).await });
            }
        }
        config
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
}

/// Counts as a tray or window until it is dropped.
pub struct Watcher(Arc<Inner>);

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}
