use jiff::Timestamp;
use lanyard_core::config::Profile;
use lanyard_core::provider::{
    Person, ProviderError, ProviderErrorKind, SignInRequest, SignedIn, Way,
};
use lanyard_core::{Audience, Binding, ProofKey, Scopes};
use openidconnect::Nonce;

use super::{Oidc, protocol, redirect_rule};
use crate::oauth::{self, Answer, ClientAuth, CodeFlow, DeviceFlow, Discovery, Expected};

/// A sign-in with everything found out that comes before the person.
struct Attempt<'a> {
    profile: &'a Profile,
    discovery: &'a Discovery,
    auth: &'a ClientAuth,
    key: Option<&'a ProofKey>,
    scopes: &'a Scopes,
}

impl Oidc {
    pub(super) async fn run(
        &self,
        profile: &Profile,
        request: SignInRequest,
        person: &dyn Person,
    ) -> Result<SignedIn, ProviderError> {
        let discovery = self.discover(profile).await?;
        let (earlier, clock) = (request.registered.clone(), request.clock.clone());
        let auth = self.client(profile, &discovery, earlier, clock.now()).await?;
        let key = proof_key(profile, &discovery)?;
        let scopes = profile.scopes.clone().with(["openid"]);
        let attempt = Attempt {
            profile,
            discovery: &discovery,
            auth: &auth,
            key: key.as_ref(),
            scopes: &scopes,
        };
        let by_device = request.way == Way::DeviceCode || profile.method.id == "device-code";
        let (mut answer, nonce) = match by_device {
            true => (self.by_device(&attempt, &request, person).await?, None),
            false => self.by_browser(&attempt, &request, person).await?,
        };
        let claims = self.claims(&attempt, &answer, nonce.as_ref(), clock.now()).await?;
        let binding = Binding {
            issuer: discovery.issuer.clone(),
            token_endpoint: discovery.token_endpoint.to_string(),
            client_id: auth.client_id,
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

    async fn by_browser(
        &self,
        attempt: &Attempt<'_>,
        request: &SignInRequest,
        person: &dyn Person,
    ) -> Result<(Answer, Option<Nonce>), ProviderError> {
        let mut parameters = Vec::new();
        if attempt.scopes.contains("offline_access") {
            parameters.push(("prompt", "consent".to_owned()));
        }
        parameters.extend(request.username.clone().map(|name| ("login_hint", name)));
        let flow = CodeFlow {
            http: &self.http,
            discovery: attempt.discovery,
            auth: attempt.auth,
            key: attempt.key,
            scopes: attempt.scopes,
            parameters: &parameters,
            token_parameters: &[],
            clock: &*request.clock,
        };
        let exchanged = flow.run(redirect_rule(attempt.profile), person).await?;
        Ok((exchanged.answer, Some(exchanged.nonce)))
    }

    async fn by_device(
        &self,
        attempt: &Attempt<'_>,
        request: &SignInRequest,
        person: &dyn Person,
    ) -> Result<Answer, ProviderError> {
        let flow = DeviceFlow {
            http: &self.http,
            discovery: attempt.discovery,
            auth: attempt.auth,
            key: attempt.key,
            scopes: attempt.scopes,
            token_parameters: &[],
            clock: &*request.clock,
        };
        flow.run(person).await
    }

    /// Checks the ID token and returns who it is.
    async fn claims(
        &self,
        attempt: &Attempt<'_>,
        answer: &Answer,
        nonce: Option<&Nonce>,
        now: Timestamp,
    ) -> Result<oauth::Claims, ProviderError> {
        let missing = || protocol("the provider gave no ID token");
        let id_token = answer.token.id_token.as_ref().ok_or_else(missing)?;
        let keys = attempt.discovery.keys(&self.http).await?;
        let (issuer, client_id) = (attempt.discovery.issuer.as_str(), &attempt.auth.client_id);
        Expected { issuer, client_id, nonce, now }.check(id_token, keys)
    }
}

/// Returns a new key, where the profile wants tokens that are bound to one.
fn proof_key(profile: &Profile, discovery: &Discovery) -> Result<Option<ProofKey>, ProviderError> {
    if !profile.flag("dpop") {
        return Ok(None);
    }
    if !discovery.proof_algorithms.iter().any(|algorithm| algorithm == "ES256") {
        let message = "the provider offers no DPoP with ES256: leave dpop out of the profile";
        return Err(ProviderError::new(ProviderErrorKind::Misconfigured, message));
    }
    Ok(Some(oauth::new_key()))
}
