//! Any OpenID Connect provider, by its issuer.

mod client;
mod descriptor;
mod sign_in;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use lanyard_core::config::Profile;
use lanyard_core::descriptor::Descriptor;
use lanyard_core::provider::{
    AcquireRequest, Acquired, Person, Provider, ProviderError, ProviderErrorKind, RedirectRule,
    Revocation, SecretSource, SignInRequest, SignedIn, TokenUse,
};
use lanyard_core::{Audience, Binding, Clock, Grant, ProofKey, SystemClock, WebUrl};

pub(crate) use self::descriptor::DESCRIPTOR;
use crate::http::Http;
use crate::oauth::{self, ClientAuth, Discovery, Post, Proof, RefreshRequest};

/// Any OpenID Connect provider.
pub(crate) struct Oidc {
    http: Http,
    secrets: Arc<dyn SecretSource>,
    /// Ids of clients that registered themselves, by issuer and redirect.
    registrations: Mutex<BTreeMap<String, String>>,
}

impl Oidc {
    pub(crate) fn new(http: Http, secrets: Arc<dyn SecretSource>) -> Self {
        Self { http, secrets, registrations: Mutex::default() }
    }

    fn registrations(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.registrations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn discover(&self, profile: &Profile) -> Result<Discovery, ProviderError> {
        let issuer = issuer(profile);
        Discovery::load(&self.http, issuer, |found| found == issuer).await
    }

    /// Returns the client that a grant is bound to.
    async fn bound_client(
        &self,
        profile: &Profile,
        binding: &Binding,
    ) -> Result<ClientAuth, ProviderError> {
        match profile.client_id() {
            "" => Ok(ClientAuth::public(&binding.client_id)),
            id => self.authenticated(profile, id, None).await,
        }
    }
}

#[async_trait]
impl Provider for Oidc {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn discovery_document(&self, profile: &Profile) -> Option<WebUrl> {
        Discovery::address(issuer(profile)).ok()
    }

    fn issuer<'a>(&self, profile: &'a Profile) -> Option<&'a str> {
        Some(issuer(profile))
    }

    async fn sign_in(
        &self,
        profile: &Profile,
        request: SignInRequest,
        person: &dyn Person,
    ) -> Result<SignedIn, ProviderError> {
        self.run(profile, request, person).await
    }

    async fn acquire(
        &self,
        profile: &Profile,
        request: AcquireRequest<'_>,
    ) -> Result<Acquired, ProviderError> {
        let binding = &request.grant.binding;
        if !is_bound(profile, binding) {
            return Err(sign_in_required(
                "the profile names another issuer or client than at the sign-in",
            ));
        }
        let key = key_of(profile, request.grant)?;
        let auth = self.bound_client(profile, binding).await?;
        let url = &bound_endpoint(&binding.token_endpoint)?;
        let (scopes, resource) = match request.audience {
            Audience::Scopes(scopes) => (scopes.clone().with(["openid"]), None),
            Audience::Resource(resource) => (profile.scopes.clone(), Some(resource.as_str())),
        };
        let mut parameters: Vec<(&'static str, &str)> = Vec::new();
        parameters.extend(resource.map(|resource| ("resource", resource)));
        parameters.extend(request.claims.map(|claims| ("claims", claims)));
        let post = Post { http: &self.http, auth: &auth, url, key, now: request.now };
        let call = RefreshRequest { scopes: &scopes, parameters: &parameters };
        let answer = oauth::refresh(post, request.grant, call).await;
        let answer = answer.map_err(|error| forgotten(profile, error))?;
        let is_other = |token| {
            let claims = oauth::unverified(token);
            claims.is_none_or(|it| it.sub != request.subject || it.iss != binding.issuer)
        };
        if answer.token.id_token.as_ref().is_some_and(is_other) {
            return Err(protocol("the provider answered with another person's token"));
        }
        let oauth::Answer { token, refresh_token: rotated, grant_expires_at, .. } = answer;
        Ok(Acquired { token, rotated, grant_expires_at })
    }

    fn prove(&self, grant: &Grant, usage: &TokenUse<'_>) -> Result<String, ProviderError> {
        let key = grant.refresh_token.key().ok_or_else(|| {
            let message = "the tokens need no proof: the sign-in was made without dpop = true";
            ProviderError::new(ProviderErrorKind::Misconfigured, message)
        })?;
        let TokenUse { token, method, url, now } = *usage;
        let proof = Proof { method, url, token: Some(token), nonce: None, now };
        proof.sign(key).ok_or_else(|| protocol("the grant's key is damaged"))
    }

    async fn revoke(&self, profile: &Profile, grant: Grant) -> Result<Revocation, ProviderError> {
        let binding = &grant.binding;
        if !is_bound(profile, binding) {
            return Ok(Revocation::NotOffered);
        }
        let discovery = self.discover(profile).await?;
        let Some(url) = &discovery.revocation_endpoint else {
            return Ok(Revocation::NotOffered);
        };
        if url.origin() != bound_endpoint(&binding.token_endpoint)?.origin() {
            return Ok(Revocation::NotOffered);
        }
        let auth = self.bound_client(profile, binding).await?;
        let now = SystemClock.now();
        oauth::revoke(Post { http: &self.http, auth: &auth, url, key: None, now }, &grant).await
    }
}

fn issuer(profile: &Profile) -> &str {
    profile.text("issuer").unwrap_or_default()
}

/// Returns whether the profile still names the place that a grant is bound to. A profile without a
/// client names none: its client registered itself at the sign-in.
fn is_bound(profile: &Profile, binding: &Binding) -> bool {
    let named = Some(profile.client_id()).filter(|id| !id.is_empty());
    binding.issuer == issuer(profile) && named.is_none_or(|id| id == binding.client_id)
}

/// Returns the key that a grant's tokens are bound to, which the profile has to ask for too.
fn key_of<'a>(profile: &Profile, grant: &'a Grant) -> Result<Option<&'a ProofKey>, ProviderError> {
    let key = grant.refresh_token.key();
    match key.is_some() == profile.flag("dpop") {
        true => Ok(key),
        false => Err(sign_in_required("the profile's dpop was switched since the sign-in")),
    }
}

/// A client that registered itself may be forgotten by the provider; a sign-in registers another.
fn forgotten(profile: &Profile, error: ProviderError) -> ProviderError {
    match error.detail.as_deref() {
        Some("invalid_client") if profile.client_id().is_empty() => {
            sign_in_required("the provider forgot the client that was registered")
                .detail("invalid_client")
        }
        _ => error,
    }
}

fn redirect_rule(profile: &Profile) -> RedirectRule {
    RedirectRule {
        host: profile.text("redirect_host").unwrap_or("127.0.0.1").to_owned(),
        path: profile.text("redirect_path").unwrap_or("/callback").to_owned(),
        ports: profile.ports("redirect_ports").to_vec(),
    }
}

fn bound_endpoint(text: &str) -> Result<url::Url, ProviderError> {
    let damaged = |_| protocol("the grant's endpoint is no address");
    WebUrl::parse(text).map(|url| url.url().clone()).map_err(damaged)
}

fn sign_in_required(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::SignInRequired, message)
}

fn protocol(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Protocol, message)
}
