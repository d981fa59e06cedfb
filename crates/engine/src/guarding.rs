//! Which config holds: the file's, but for what the person has to agree to first.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lanyard_cache::{Cache, CacheError};
use lanyard_core::config::{Config, ConfigError, Guarded, Loosening, Network, agreed, guard};
use lanyard_core::{Code, Failure};

use crate::Engine;
use crate::engine::{ConfigFile, ConfigSource};
use crate::question::Question;

/// The setting of the cache that holds what the person agreed to.
const CONFIRMED: &str = "config confirmed";

/// What the file is measured against. Empty while the cache is locked.
#[derive(Debug, Default)]
pub(crate) struct Guard(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    confirmed: Option<String>,
    /// Whether the cache was asked for it.
    is_loaded: bool,
    /// What held last, also while the file has a mistake.
    last: Option<Arc<Config>>,
    in_use: BTreeSet<String>,
    /// The file that was measured last, by its address, and what came of it, which holds the file.
    measured: Option<(usize, Result<Measured, Failure>)>,
}

#[derive(Debug, Clone)]
struct Measured {
    file: Arc<ConfigFile>,
    in_force: Arc<Config>,
    loosenings: Vec<Loosening>,
}

impl Engine {
    /// Returns the config that holds.
    ///
    /// # Errors
    /// `config-invalid`.
    pub(crate) fn config(&self) -> Result<Arc<Config>, Failure> {
        let file = (self.0.config)();
        let address = file.as_ref().map_or(0, |file| Arc::as_ptr(file).addr());
        let mut known = self.0.guard.lock();
        let same = |measured: &Result<Measured, Failure>| match &file {
            Ok(_) => true,
            Err(failure) => measured.as_ref().is_err_and(|known| known == failure),
        };
        let before = known.measured.as_ref().filter(|(at, known)| *at == address && same(known));
        if let Some((_, measured)) = before {
            return measured.clone().map(|measured| measured.in_force);
        }
        let before = known.measured.as_ref().and(known.confirmed.clone());
        let measured = file.and_then(|file| self.measure(&mut known, file));
        known.measured = Some((address, measured.clone()));
        let confirmed = known.confirmed.clone().filter(|_| known.confirmed != before);
        if let Ok(measured) = &measured {
            known.last = Some(Arc::clone(&measured.in_force));
        }
        drop(known);
        self.take_over(&measured, confirmed);
        measured.map(|measured| measured.in_force)
    }

    fn measure(&self, known: &mut Known, file: Arc<ConfigFile>) -> Result<Measured, Failure> {
        if known.is_loaded && known.confirmed.is_none() {
            known.confirmed = Some(file.text.clone());
        }
        let Some(confirmed) = &known.confirmed else {
            let in_force = Arc::clone(&file.config);
            return Ok(Measured { file, in_force, loosenings: Vec::new() });
        };
        let in_use = |profile: &str| known.in_use.contains(profile);
        let providers: Vec<_> = self.providers().collect();
        let guarded = guard(confirmed, &file.text, &in_use, &providers);
        let Guarded { in_force, confirmed, loosenings } = guarded.map_err(|e| invalid(&e))?;
        known.confirmed = Some(confirmed);
        let in_force = match loosenings.is_empty() {
            true => Arc::clone(&file.config),
            false => Arc::new(in_force),
        };
        Ok(Measured { file, in_force, loosenings })
    }

    /// Returns the config that holds, or held before the file got a mistake.
    pub(crate) fn last_config(&self) -> Arc<Config> {
        let now = self.config().ok();
        now.or_else(|| self.0.guard.lock().last.clone()).unwrap_or_default()
    }

    /// Returns what says how the network is to be reached, by the config that holds. It says nothing
    /// once the engine is gone.
    pub fn network(&self) -> impl Fn() -> Option<Network> + Send + Sync + 'static {
        let engine = Arc::downgrade(&self.0);
        move || engine.upgrade().map(|inner| Self(inner).last_config().network.clone())
    }

    /// Tells cache, person and views of a file that changed.
    fn take_over(&self, measured: &Result<Measured, Failure>, confirmed: Option<String>) {
        self.0.prompts.settle(|question| matches!(question, Question::Loosen { .. }), self.now());
        self.changed();
        let Ok(in_force) = measured.as_ref().map(|measured| Arc::clone(&measured.in_force)) else {
            return;
        };
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            engine.apply(&in_force).await;
            if let Some(confirmed) = confirmed {
                engine.keep_confirmed(confirmed).await;
            }
        });
    }

    /// Makes the file with exactly these changes what the person agreed to.
    ///
    /// # Errors
    /// `usage` if the file changed since they were shown.
    pub(crate) async fn confirm_config(&self, changes: &[Loosening]) -> Result<(), Failure> {
        let confirmed = {
            let mut known = self.0.guard.lock();
            let measured = known.measured.as_ref().and_then(|(_, measured)| measured.as_ref().ok());
            let shown = measured.filter(|measured| measured.loosenings == changes);
            let shown = shown.ok_or_else(changed_meanwhile)?;
            let old = known.confirmed.as_deref().unwrap_or_default();
            let in_use = |profile: &str| known.in_use.contains(profile);
            let confirmed =
                agreed(old, &shown.file.text, &in_use).map_err(|_| changed_meanwhile())?;
            known.confirmed = Some(confirmed.clone());
            known.measured = None;
            confirmed
        };
        self.keep_confirmed(confirmed).await;
        self.config().map(drop)
    }

    /// Returns what waits for the person before it holds.
    pub fn loosenings(&self) -> Vec<Loosening> {
        let known = self.0.guard.lock();
        let measured = known.measured.as_ref().and_then(|(_, measured)| measured.as_ref().ok());
        measured.map(|measured| measured.loosenings.clone()).unwrap_or_default()
    }

    /// Reads from the cache what the person agreed to.
    pub(crate) async fn load_guard(&self) -> Result<(), Failure> {
        let source = Arc::clone(&self.0.config);
        let loaded = self.0.store.run(move |cache| Guard::load(cache, &source)).await?;
        *self.0.guard.lock() = loaded.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        drop(self.config());
        Ok(())
    }

    /// Notes that a profile has accounts, so that it may not change by itself.
    pub(crate) fn hold_profile(&self, profile: &str) {
        self.0.guard.lock().in_use.insert(profile.to_owned());
    }

    /// Lets a profile change again, once nobody is signed in to it.
    pub(crate) fn release_profile(&self, profile: &str) {
        let mut known = self.0.guard.lock();
        known.in_use.remove(profile);
        known.measured = None;
    }

    async fn keep_confirmed(&self, text: String) {
        let kept = self.0.store.run(move |cache| cache.put_setting(CONFIRMED, &text)).await;
        if let Err(failure) = kept {
            tracing::warn!(code = failure.code.as_str(), "the agreed config could not be kept");
        }
    }
}

impl Guard {
    /// Reads from the cache what the person agreed to. The first config that is ever seen counts.
    pub(crate) fn load(cache: &Cache, source: &ConfigSource) -> Result<Self, CacheError> {
        let confirmed = cache.find_setting(CONFIRMED)?;
        let confirmed = confirmed.or_else(|| source().ok().map(|file| file.text.clone()));
        let accounts = cache.accounts()?;
        let in_use = accounts.iter().map(|summary| summary.account.profile.to_string()).collect();
        let known = Known { confirmed, is_loaded: true, in_use, ..Known::default() };
        Ok(Self(Mutex::new(known)))
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was read from the cache.
    pub(crate) fn forget(&self) {
        *self.lock() = Known::default();
    }
}

fn invalid(error: &ConfigError) -> Failure {
    error.to_failure("config.toml")
}

fn changed_meanwhile() -> Failure {
    Failure::new(Code::Usage, "the config file changed since it was shown")
        .action("look at the changes again")
}
