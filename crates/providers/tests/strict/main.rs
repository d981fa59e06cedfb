//! The providers against strict stand-ins that fail a client that is wrong, and that can be told to
//! be wrong themselves.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests look at secrets and may panic"
)]

mod certified;
mod clients;
mod device;
mod entra;
mod oidc;
mod person;
mod proofs;
mod pushed;
mod site;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use jiff::Timestamp;
use lanyard_core::config::{Network, Profile, SecretRef, parse};
use lanyard_core::provider::{
    AcquireRequest, Acquired, Person, Provider, ProviderError, SecretSource, SignInRequest,
    SignedIn, Way,
};
use lanyard_core::{Audience, Binding, ClientSecret, Grant, RefreshToken, Scopes, TestClock};
use lanyard_providers::{DESCRIPTORS, Http};
use lanyard_sandbox::{FaultSet, Sandbox, Settings};

use person::Browser;

/// A provider, its stand-in, and a profile for it.
struct Fixture {
    sandbox: Sandbox,
    provider: Arc<dyn Provider>,
    profile: Profile,
    clock: TestClock,
}

/// Every reference leads to this secret.
struct OneSecret(String);

#[async_trait]
impl SecretSource for OneSecret {
    async fn read(&self, _: &SecretRef) -> Result<ClientSecret, ProviderError> {
        Ok(ClientSecret::new(self.0.clone()))
    }
}

async fn fixture(config: impl Fn(&Sandbox) -> String) -> Fixture {
    fixture_with(Settings::default(), "sandbox-client-secret", config).await
}

async fn fixture_with(
    settings: Settings,
    secret: &str,
    config: impl Fn(&Sandbox) -> String,
) -> Fixture {
    let sandbox = Sandbox::start(settings).await.unwrap();
    let (provider, profile) = provider(&config(&sandbox), secret);
    Fixture { sandbox, provider, profile, clock: TestClock::at(now()) }
}

/// Returns the first profile of a config and its provider.
fn provider(config: &str, secret: &str) -> (Arc<dyn Provider>, Profile) {
    let config = parse(config, DESCRIPTORS).unwrap();
    let profile = config.profiles.into_values().next().unwrap();
    let http = Http::new(&Network::default(), None).unwrap();
    let secrets: Arc<dyn SecretSource> = Arc::new(OneSecret(secret.to_owned()));
    let all = lanyard_providers::all(&http, &secrets);
    let provider = all.into_iter().find(|p| p.descriptor().id == profile.provider.id).unwrap();
    (provider, profile)
}

impl Fixture {
    async fn sign_in(&self, person: &dyn Person) -> Result<SignedIn, ProviderError> {
        self.sign_in_as(None, person).await
    }

    /// Signs in after an earlier sign-in that registered a client.
    async fn sign_in_as(
        &self,
        registered: Option<Binding>,
        person: &dyn Person,
    ) -> Result<SignedIn, ProviderError> {
        let clock = Arc::new(self.clock.clone());
        let (username, tenant, way) = (None, None, Way::Usual);
        let request = SignInRequest { username, tenant, way, registered, clock };
        self.provider.sign_in(&self.profile, request, person).await
    }

    /// Returns how often a path was asked for.
    fn asked(&self, path: &str) -> usize {
        self.sandbox.requests().iter().filter(|request| request.path.ends_with(path)).count()
    }

    async fn signed_in(&self, browser: &Browser) -> (SignedIn, Grant) {
        let mut signed_in = self.sign_in(browser).await.unwrap();
        let grant = signed_in.grant.take().unwrap();
        (signed_in, grant)
    }

    async fn acquire(
        &self,
        grant: &Grant,
        signed_in: &SignedIn,
        tenant: &str,
        scopes: &str,
    ) -> Result<Acquired, ProviderError> {
        let request = AcquireRequest {
            grant,
            tenant,
            subject: &signed_in.subject,
            audience: &Audience::Scopes(Scopes::parse(scopes)),
            claims: None,
            now: now(),
        };
        self.provider.acquire(&self.profile, request).await
    }

    fn fault(&self, faults: FaultSet) {
        self.sandbox.faults().set(faults);
    }
}

/// Returns the grant as it is after a rotation.
fn rotated(grant: &Grant, new: Option<RefreshToken>) -> Grant {
    Grant { refresh_token: new.unwrap(), binding: grant.binding.clone(), expires_at: None }
}

fn now() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap()
}

/// A client that waits must not wait for ever.
async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(1), work).await.unwrap()
}
