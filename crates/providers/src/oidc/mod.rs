//! Any OpenID Connect provider, by its issuer.

mod descriptor;

use std::sync::Arc;

use async_trait::async_trait;
use lanyard_core::config::Profile;
use lanyard_core::descriptor::Descriptor;
use lanyard_core::provider::{
    AcquireRequest, Acquired, Person, Provider, ProviderError, ProviderErrorKind, RedirectRule,
    Revocation, SecretSource, SignInRequest, SignedIn,
};
use lanyard_core::{Audience, Binding, Grant, WebUrl};

pub(crate) use self::descriptor::DESCRIPTOR;
use crate::http::Http;
use crate::oauth::{self, ClientAuth, CodeFlow, Discovery, Expected, RefreshRequest};

/// Any OpenID Connect provider.
pub(crate) struct Oidc {
    http: Http,
    secrets: Arc<dyn SecretSource>,
}

impl Oidc {
    pub(crate) fn new(http: Http, secrets: Arc<dyn SecretSource>) -> Self {
        Self { http, secrets }
    }

    async fn auth(&self, profile: &Profile) -> Result<ClientAuth, ProviderError> {
        let secret = match profile.secret("client_secret") {
            Some(reference) => Some(self.secrets.read(reference).await?),
            None => None,
        };
        Ok(ClientAuth { client_id: profile.client_id().to_owned(), secret })
    }

    async fn discover(&self, profile: &Profile) -> Result<Discovery, ProviderError> {
        let issuer = issuer(profile);
        Discovery::load(&self.http, issuer, |found| found == issuer).await
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
        let discovery = self.discover(profile).await?;
        let auth = self.auth(profile).await?;
        let scopes = profile.scopes.clone().with(["openid"]);
        let mut parameters = Vec::new();
        if scopes.contains("offline_access") {
            parameters.push(("prompt", "consent".to_owned()));
        }
        parameters.extend(request.username.map(|name| ("login_hint", name)));
        let flow = CodeFlow {
            http: &self.http,
            discovery: &discovery,
            auth: &auth,
            scopes: &scopes,
            parameters: &parameters,
            token_parameters: &[],
            clock: &*request.clock,
        };
        let exchanged = flow.run(redirect_rule(profile), person).await?;
        let mut answer = exchanged.answer;
        let missing =
            || ProviderError::new(ProviderErrorKind::Protocol, "the provider gave no ID token");
        let id_token = answer.token.id_token.as_ref().ok_or_else(missing)?;
        let keys = discovery.keys(&self.http).await?;
        let (issuer, client_id) = (discovery.issuer.as_str(), profile.client_id());
        let expected =
            Expected { issuer, client_id, nonce: &exchanged.nonce, now: request.clock.now() };
        let claims = expected.check(id_token, keys)?;
        let binding = Binding {
            issuer: discovery.issuer.clone(),
            token_endpoint: discovery.token_endpoint.to_string(),
            client_id: client_id.to_owned(),
        };
        Ok(SignedIn {
            issuer: discovery.issuer,
            username: claims.username(),
            display_name: claims.display_name(),
            subject: claims.sub,
            tenant: None,
            audience: Audience::Scopes(profile.scopes.clone()),
            grant: answer.take_grant(binding),
            token: answer.token,
        })
    }

    async fn acquire(
        &self,
        profile: &Profile,
        request: AcquireRequest<'_>,
    ) -> Result<Acquired, ProviderError> {
        let binding = &request.grant.binding;
        if binding.issuer != issuer(profile) || binding.client_id != profile.client_id() {
            let message = "the profile names another issuer or client than at the sign-in";
            return Err(ProviderError::new(ProviderErrorKind::SignInRequired, message));
        }
        let auth = self.auth(profile).await?;
        let endpoint = bound_endpoint(&binding.token_endpoint)?;
        let (scopes, resource) = match request.audience {
            Audience::Scopes(scopes) => (scopes.clone().with(["openid"]), None),
            Audience::Resource(resource) => (profile.scopes.clone(), Some(resource.as_str())),
        };
        let mut parameters: Vec<(&'static str, &str)> = Vec::new();
        parameters.extend(resource.map(|resource| ("resource", resource)));
        parameters.extend(request.claims.map(|claims| ("claims", claims)));
        let call = RefreshRequest { scopes: &scopes, parameters: &parameters, now: request.now };
        let answer = oauth::refresh(&self.http, &auth, &endpoint, request.grant, call).await?;
        let is_other = |token| {
            let claims = oauth::unverified(token);
            claims.is_none_or(|it| it.sub != request.subject || it.iss != binding.issuer)
        };
        if answer.token.id_token.as_ref().is_some_and(is_other) {
            let message = "the provider answered with another person's token";
            return Err(ProviderError::new(ProviderErrorKind::Protocol, message));
        }
        let oauth::Answer { token, refresh_token: rotated, grant_expires_at, .. } = answer;
        Ok(Acquired { token, rotated, grant_expires_at })
    }

    async fn revoke(&self, profile: &Profile, grant: Grant) -> Result<Revocation, ProviderError> {
        let binding = &grant.binding;
        if binding.issuer != issuer(profile) || binding.client_id != profile.client_id() {
            return Ok(Revocation::NotOffered);
        }
        let discovery = self.discover(profile).await?;
        let Some(endpoint) = discovery.revocation_endpoint else {
            return Ok(Revocation::NotOffered);
        };
        if endpoint.origin() != bound_endpoint(&binding.token_endpoint)?.origin() {
            return Ok(Revocation::NotOffered);
        }
        oauth::revoke(&self.http, &self.auth(profile).await?, &endpoint, &grant).await
    }
}

fn issuer(profile: &Profile) -> &str {
    profile.text("issuer").unwrap_or_default()
}

fn redirect_rule(profile: &Profile) -> RedirectRule {
    RedirectRule {
        host: profile.text("redirect_host").unwrap_or("127.0.0.1").to_owned(),
        path: profile.text("redirect_path").unwrap_or("/callback").to_owned(),
        ports: profile.ports("redirect_ports").to_vec(),
    }
}

fn bound_endpoint(text: &str) -> Result<url::Url, ProviderError> {
    let damaged =
        |_| ProviderError::new(ProviderErrorKind::Protocol, "the grant's endpoint is no address");
    WebUrl::parse(text).map(|url| url.url().clone()).map_err(damaged)
}
