//! Pushed authorization requests (RFC 9126).

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::oauth::client_auth;
use crate::oauth::error::{OAuthError, no_store};
use crate::oauth::form::read;
use crate::oauth::request::{AuthorizeRequest, Dialect, Refused, check};
use crate::params::Params;
use crate::random;
use crate::world::{World, lock};

/// A pushed request is for the next moment.
const SECONDS: i64 = 60;

/// Requests that were pushed and not yet visited.
#[derive(Debug, Default)]
pub(crate) struct Pushed(HashMap<String, (AuthorizeRequest, i64)>);

impl Pushed {
    /// Takes the request of a page, once, and only for its client.
    pub(crate) fn take(&mut self, page: &Params, now: i64) -> Option<AuthorizeRequest> {
        let (request, expires) = self.0.remove(page.find("request_uri")?)?;
        let its_client = page.find("client_id") == Some(request.client_id.as_str());
        (its_client && now < expires).then_some(request)
    }
}

/// Takes a request and returns a reference to it.
pub(crate) async fn push(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    match answer(&world, &headers, &uri, &body) {
        Ok(answer) => no_store((StatusCode::CREATED, Json(answer))),
        Err(error) => error.into_response(),
    }
}

fn answer(world: &World, headers: &HeaderMap, uri: &Uri, body: &[u8]) -> Result<Value, OAuthError> {
    let form = read(headers, uri, body)?;
    let client = client_auth::authenticate(world, headers, &form)?;
    let request = check(&form, &[client], Dialect::Oidc).map_err(|refused| match refused {
        Refused::UnknownClient => OAuthError::new("invalid_request", "client_id is missing"),
        Refused::WrongRedirect => {
            OAuthError::new("invalid_request", "redirect_uri is not registered")
        }
        Refused::Answered { error, description, .. } => OAuthError::new(error, description),
    })?;
    if world.faults.current().huge_request_uri {
        return Ok(json!({ "request_uri": "urn:x:".repeat(2000), "expires_in": SECONDS }));
    }
    let reference = format!("urn:ietf:params:oauth:request_uri:{}", random::token("par-"));
    let expires = world.clock.now() + SECONDS;
    lock(&world.pushed).0.insert(reference.clone(), (request, expires));
    Ok(json!({ "request_uri": reference, "expires_in": SECONDS }))
}
