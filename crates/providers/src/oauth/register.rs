//! A client that registers itself (RFC 7591).

use ::http::header::{ACCEPT, CONTENT_TYPE};
use lanyard_core::plain_line;
use lanyard_core::provider::{ProviderError, ProviderErrorKind};
use oauth2::AsyncHttpClient;
use oauth2::basic::BasicErrorResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Discovery, Post};
use crate::http::{Http, HttpError};

/// Longest client id that is kept.
const LONGEST_ID: usize = 1024;

/// What the provider made of the request (section 3.2.1).
#[derive(Deserialize)]
struct RegisteredWire {
    client_id: String,
    token_endpoint_auth_method: Option<String>,
}

/// Registers a native public client and returns its id.
pub(crate) async fn register(
    http: &Http,
    discovery: &Discovery,
    redirect_uris: &[String],
) -> Result<String, ProviderError> {
    let endpoint = discovery.registration_endpoint.as_ref().ok_or_else(|| {
        advice("the provider registers no clients by itself: register one and set client_id")
    })?;
    let request = ::http::Request::post(endpoint.as_str())
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/json")
        .body(metadata(discovery, redirect_uris).to_string().into_bytes())
        .map_err(|_| advice("the registration endpoint is no address: set client_id"))?;
    let answer = http.call(request).await.map_err(HttpError::into_provider_error)?;
    if !answer.status().is_success() {
        let wire: Option<BasicErrorResponse> = serde_json::from_slice(answer.body()).ok();
        let code = wire.map(|wire| lanyard_core::printable(wire.error().as_ref(), 64));
        let code = code.unwrap_or_else(|| format!("HTTP {}", answer.status().as_u16()));
        let message = "the provider refused to register a client: register one and set client_id";
        return Err(advice(message).detail(code));
    }
    let unreadable = "the provider's answer to the registration could not be read";
    let wire: RegisteredWire = serde_json::from_slice(answer.body())
        .map_err(|_| ProviderError::new(ProviderErrorKind::Protocol, unreadable))?;
    check(wire)
}

/// Returns whether the provider still knows a client that registered itself: it is asked for tokens
/// with a grant that it never gave, and a client that it does not know is refused first.
pub(crate) async fn is_known(endpoint: Post<'_>) -> Result<bool, ProviderError> {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "none")];
    let answer = endpoint.send::<Value>(&fields).await?;
    Ok(!matches!(
        answer.as_ref().map_err(super::post::Refusal::code),
        Err("invalid_client" | "unauthorized_client")
    ))
}

fn metadata(discovery: &Discovery, redirect_uris: &[String]) -> Value {
    let mut grant_types = vec!["authorization_code", "refresh_token"];
    if discovery.device_authorization_endpoint.is_some() {
        grant_types.push("urn:ietf:params:oauth:grant-type:device_code");
    }
    json!({
        "client_name": "Lanyard",
        "application_type": "native",
        "token_endpoint_auth_method": "none",
        "redirect_uris": redirect_uris,
        "response_types": ["code"],
        "grant_types": grant_types,
    })
}

fn check(wire: RegisteredWire) -> Result<String, ProviderError> {
    if wire.token_endpoint_auth_method.is_some_and(|method| method != "none") {
        return Err(advice(
            "the provider registers no public clients: register a client and set client_id",
        ));
    }
    let id = wire.client_id;
    if id.is_empty() || id.len() > LONGEST_ID || !plain_line(&id) {
        let message = "the provider registered a client under an id that is none";
        return Err(ProviderError::new(ProviderErrorKind::Protocol, message));
    }
    Ok(id)
}

fn advice(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Misconfigured, message)
}
