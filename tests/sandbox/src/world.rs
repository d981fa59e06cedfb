//! The state that all handlers share.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::entra::directory;
use crate::faults::{FaultSet, Faults};
use crate::keys::Keys;
use crate::logins::Logins;
use crate::oauth::device::Devices;
use crate::oauth::grants::Grants;
use crate::oauth::push::Pushed;
use crate::record::RecordedRequest;
use crate::settings::{Client, LifetimeChange, Lifetimes, Settings, User};

/// One running sandbox.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) origin: String,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) oidc_keys: Keys,
    pub(crate) entra_keys: Keys,
    pub(crate) grants: Mutex<Grants>,
    pub(crate) logins: Mutex<Logins>,
    pub(crate) lifetimes: Mutex<Lifetimes>,
    pub(crate) devices: Mutex<Devices>,
    pub(crate) pushed: Mutex<Pushed>,
    pub(crate) registered: Mutex<Vec<Client>>,
    /// Ids of assertions and proofs, each of which is good once.
    pub(crate) seen: Mutex<HashSet<String>>,
    requests: Mutex<Vec<RecordedRequest>>,
    issued: Mutex<Vec<String>>,
}

impl World {
    pub(crate) fn new(origin: String, settings: Settings) -> Self {
        Self {
            origin,
            lifetimes: Mutex::new(settings.lifetimes),
            clock: Clock::default(),
            faults: Faults::default(),
            oidc_keys: Keys::default(),
            entra_keys: Keys::default(),
            grants: Mutex::default(),
            logins: Mutex::default(),
            devices: Mutex::default(),
            pushed: Mutex::default(),
            registered: Mutex::default(),
            seen: Mutex::default(),
            requests: Mutex::default(),
            issued: Mutex::new(known_secrets(&settings)),
            settings,
        }
    }

    pub(crate) fn oidc_issuer(&self) -> String {
        format!("{}/oidc", self.origin)
    }

    pub(crate) fn entra_authority(&self) -> String {
        format!("{}/entra", self.origin)
    }

    /// Returns every client: the known ones, and those that registered themselves.
    pub(crate) fn clients(&self) -> Vec<Client> {
        [self.settings.clients.as_slice(), &lock(&self.registered)].concat()
    }

    pub(crate) fn client(&self, id: &str) -> Option<Client> {
        self.clients().into_iter().find(|client| client.id == id)
    }

    pub(crate) fn user(&self, username: &str) -> Option<&User> {
        self.settings.users.iter().find(|user| user.username == username)
    }

    pub(crate) fn current_lifetimes(&self) -> Lifetimes {
        *lock(&self.lifetimes)
    }

    /// Returns the time that is written into tokens.
    pub(crate) fn token_time(&self, faults: &FaultSet) -> i64 {
        self.clock.now() + self.settings.clock_skew + faults.skew
    }

    pub(crate) fn note_request(&self, request: RecordedRequest) {
        lock(&self.requests).push(request);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.requests).clone()
    }

    /// Ends all access tokens and changes how long the next ones live.
    pub(crate) fn expire(&self, change: LifetimeChange) {
        lock(&self.grants).expire_access(self.clock.now());
        lock(&self.lifetimes).change(change);
    }

    /// Gives both providers new keys.
    pub(crate) fn rotate_keys(&self) {
        self.oidc_keys.rotate();
        self.entra_keys.rotate();
    }

    /// Remembers `secret` for tests that look for leaks, and returns it.
    pub(crate) fn issue(&self, secret: String) -> String {
        lock(&self.issued).push(secret.clone());
        secret
    }

    pub(crate) fn issued(&self) -> Vec<String> {
        lock(&self.issued).clone()
    }
}

/// Locks even when another holder panicked: a failed test must not fail the others.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn known_secrets(settings: &Settings) -> Vec<String> {
    let passwords = settings.users.iter().map(|user| user.password.clone());
    let client_secrets = settings.clients.iter().filter_map(|client| client.secret.clone());
    let directory = directory::USERS.iter().map(|user| user.password.to_owned());
    passwords.chain(client_secrets).chain(directory).collect()
}
