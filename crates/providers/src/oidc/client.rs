//! Which client a profile stands for, and how it shows who it is.

use jiff::Timestamp;
use lanyard_core::Binding;
use lanyard_core::config::{Profile, SecretRef};
use lanyard_core::provider::{ProviderError, ProviderErrorKind};

use super::{Oidc, redirect_rule};
use crate::oauth::{self, Assertion, ClientAuth, ClientProof, Discovery, Post};

impl Oidc {
    /// Returns the client for a sign-in: the profile's, or one that registered itself.
    pub(super) async fn client(
        &self,
        profile: &Profile,
        discovery: &Discovery,
        earlier: Option<Binding>,
        now: Timestamp,
    ) -> Result<ClientAuth, ProviderError> {
        match profile.client_id() {
            "" => self.registered(profile, discovery, earlier, now).await,
            id => self.authenticated(profile, id, Some(discovery)).await,
        }
    }

    /// Returns the client that registered itself (RFC 7591): the one of an earlier sign-in while the
    /// provider knows it, else a new one. Registrations of sign-ins that came to nothing are
    /// remembered, so that the next try makes no further one.
    async fn registered(
        &self,
        profile: &Profile,
        discovery: &Discovery,
        earlier: Option<Binding>,
        now: Timestamp,
    ) -> Result<ClientAuth, ProviderError> {
        let redirect_uris = redirect_uris(profile);
        let place = format!("{} {}", discovery.issuer, redirect_uris.join(" "));
        let earlier = earlier.filter(|binding| binding.issuer == discovery.issuer);
        let known = earlier.map(|binding| binding.client_id);
        if let Some(client_id) = known.or_else(|| self.registrations().get(&place).cloned()) {
            let auth = ClientAuth::public(client_id);
            let url = &discovery.token_endpoint;
            let post = Post { http: &self.http, auth: &auth, url, key: None, now };
            if oauth::is_known(post).await? {
                return Ok(auth);
            }
        }
        let id = oauth::register(&self.http, discovery, &redirect_uris).await?;
        self.registrations().insert(place, id.clone());
        Ok(ClientAuth::public(id))
    }

    /// Returns the client with what it shows. The provider's metadata says how, where the profile
    /// does not; they are read where the caller has none.
    pub(super) async fn authenticated(
        &self,
        profile: &Profile,
        client_id: &str,
        known: Option<&Discovery>,
    ) -> Result<ClientAuth, ProviderError> {
        let (secret, key) = (profile.secret("client_secret"), profile.secret("client_key"));
        let named = profile.text("client_auth");
        if named.unwrap_or("none") == "none" && secret.is_none() && key.is_none() {
            return Ok(ClientAuth::public(client_id));
        }
        let loaded = match (known, named, key) {
            (None, None, _) | (None, _, Some(_)) => Some(self.discover(profile).await?),
            _ => None,
        };
        let discovery = known.or(loaded.as_ref());
        let method = named.unwrap_or_else(|| usual_method(discovery, key));
        let proof = match (method, secret, key, discovery) {
            ("client_secret_basic", Some(secret), ..) => {
                ClientProof::Basic(self.secrets.read(secret).await?)
            }
            ("client_secret_post", Some(secret), ..) => {
                ClientProof::Post(self.secrets.read(secret).await?)
            }
            ("private_key_jwt", _, Some(key), Some(discovery)) => {
                ClientProof::Assertion(self.assertion(profile, key, discovery).await?)
            }
            _ => {
                let message = format!(
                    "client_auth = \"{method}\" does not go with the profile's client_secret and client_key"
                );
                return Err(ProviderError::new(ProviderErrorKind::Misconfigured, message));
            }
        };
        Ok(ClientAuth { client_id: client_id.to_owned(), proof })
    }

    async fn assertion(
        &self,
        profile: &Profile,
        key: &SecretRef,
        discovery: &Discovery,
    ) -> Result<Assertion, ProviderError> {
        let audience = match profile.text("assertion_audience") {
            Some("token-endpoint") => discovery.token_endpoint.to_string(),
            Some(_) | None => discovery.issuer.clone(),
        };
        let pem = self.secrets.read(key).await?;
        Assertion::new(&pem, discovery.assertion_algorithms.as_deref(), audience)
    }
}

/// Returns how the client shows itself where the profile does not say (OpenID Connect Discovery,
/// section 3: without a list it is `client_secret_basic`).
fn usual_method(discovery: Option<&Discovery>, key: Option<&SecretRef>) -> &'static str {
    if key.is_some() {
        return "private_key_jwt";
    }
    let methods = discovery.and_then(|discovery| discovery.auth_methods.as_deref());
    let offers = |name| methods.is_none_or(|all| all.iter().any(|method| method == name));
    match offers("client_secret_basic") || !offers("client_secret_post") {
        true => "client_secret_basic",
        false => "client_secret_post",
    }
}

/// Returns what is registered: without a port any is meant (RFC 8252, section 7.3).
fn redirect_uris(profile: &Profile) -> Vec<String> {
    let rule = redirect_rule(profile);
    let (host, path) = (rule.host, rule.path);
    match rule.ports.as_slice() {
        [] => vec![format!("http://{host}{path}")],
        ports => ports.iter().map(|port| format!("http://{host}:{port}{path}")).collect(),
    }
}
