use lanyard_core::provider::{ProviderError, ProviderErrorKind};
use lanyard_core::{WebUrl, WebUrlError};
use openidconnect::core::CoreJsonWebKeySet;
use serde::Deserialize;
use url::Url;

use crate::http::Http;

/// A provider's metadata (OpenID Connect Discovery 1.0, section 3; RFC 8414).
#[derive(Debug, Deserialize)]
struct DiscoveryWire {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    revocation_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    code_challenge_methods_supported: Option<Vec<String>>,
    device_authorization_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    registration_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    dpop_signing_alg_values_supported: Option<Vec<String>>,
}

/// The metadata, checked: every address in it is https, or http on loopback.
#[derive(Debug)]
pub(crate) struct Discovery {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) jwks_uri: Url,
    pub(crate) revocation_endpoint: Option<Url>,
    /// Whether answers at the redirect carry `iss` (RFC 9207).
    pub(crate) says_issuer: bool,
    /// Where device codes come from (RFC 8628).
    pub(crate) device_authorization_endpoint: Option<Url>,
    /// Where requests are pushed to (RFC 9126).
    pub(crate) pushed_authorization_request_endpoint: Option<Url>,
    /// Whether requests that were not pushed are refused.
    pub(crate) requires_pushed: bool,
    /// Where clients register themselves (RFC 7591).
    pub(crate) registration_endpoint: Option<Url>,
    /// How clients may show who they are.
    pub(crate) auth_methods: Option<Vec<String>>,
    /// What clients may sign their assertions with.
    pub(crate) assertion_algorithms: Option<Vec<String>>,
    /// What proofs of possession may be signed with (RFC 9449).
    pub(crate) proof_algorithms: Vec<String>,
}

impl Discovery {
    /// Returns where the metadata below `base` is.
    pub(crate) fn address(base: &str) -> Result<WebUrl, WebUrlError> {
        let base = base.trim_end_matches('/');
        WebUrl::parse(&format!("{base}/.well-known/openid-configuration"))
    }

    /// Reads the metadata below `base`; `is_issuer` says whether the issuer in it is the right one.
    pub(crate) async fn load(
        http: &Http,
        base: &str,
        is_issuer: impl Fn(&str) -> bool,
    ) -> Result<Self, ProviderError> {
        let url = Self::address(base).map_err(|error| protocol(&error.to_string()))?;
        let wire: DiscoveryWire =
            http.get_json(url.url()).await.map_err(crate::http::HttpError::into_provider_error)?;
        if !is_issuer(&wire.issuer) {
            return Err(protocol("the provider's metadata names another issuer than the profile"));
        }
        if wire.code_challenge_methods_supported.is_some_and(|all| !all.iter().any(|m| m == "S256"))
        {
            return Err(protocol("the provider does not offer PKCE with S256"));
        }
        let optional = |text: Option<String>| text.as_deref().map(endpoint).transpose();
        Ok(Self {
            authorization_endpoint: endpoint(&wire.authorization_endpoint)?,
            token_endpoint: endpoint(&wire.token_endpoint)?,
            jwks_uri: endpoint(&wire.jwks_uri)?,
            revocation_endpoint: optional(wire.revocation_endpoint)?,
            says_issuer: wire.authorization_response_iss_parameter_supported,
            issuer: wire.issuer,
            device_authorization_endpoint: optional(wire.device_authorization_endpoint)?,
            pushed_authorization_request_endpoint: optional(
                wire.pushed_authorization_request_endpoint,
            )?,
            requires_pushed: wire.require_pushed_authorization_requests,
            registration_endpoint: optional(wire.registration_endpoint)?,
            auth_methods: wire.token_endpoint_auth_methods_supported,
            assertion_algorithms: wire.token_endpoint_auth_signing_alg_values_supported,
            proof_algorithms: wire.dpop_signing_alg_values_supported.unwrap_or_default(),
        })
    }

    /// Reads the keys that ID tokens are signed with. They are read anew for each sign-in, so a
    /// rotated key is always known.
    pub(crate) async fn keys(&self, http: &Http) -> Result<CoreJsonWebKeySet, ProviderError> {
        http.get_json(&self.jwks_uri).await.map_err(crate::http::HttpError::into_provider_error)
    }
}

fn endpoint(text: &str) -> Result<Url, ProviderError> {
    let url = WebUrl::parse(text)
        .map_err(|_| protocol("the provider's metadata holds an unsafe address"))?;
    Ok(url.url().clone())
}

fn protocol(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Protocol, message)
}
