//! Clients that register themselves (RFC 7591).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::oauth::error::{OAuthError, no_store};
use crate::random;
use crate::redirect::Redirect;
use crate::settings::Client;
use crate::world::{World, lock};

/// What a native public client says of itself.
#[derive(Deserialize)]
struct Metadata {
    client_name: String,
    application_type: String,
    token_endpoint_auth_method: String,
    redirect_uris: Vec<String>,
    response_types: Vec<String>,
    grant_types: Vec<String>,
}

/// Registers a client.
pub(crate) async fn register(State(world): State<Arc<World>>, body: Bytes) -> Response {
    match answer(&world, &body) {
        Ok(answer) => no_store((StatusCode::CREATED, Json(answer))),
        Err(error) => error.into_response(),
    }
}

fn answer(world: &World, body: &[u8]) -> Result<Value, OAuthError> {
    let faults = world.faults.current();
    let invalid = |text: &str| OAuthError::new("invalid_client_metadata", text);
    if faults.no_registration {
        return Err(invalid("the fault no_registration is on"));
    }
    let wire: Metadata = serde_json::from_slice(body).map_err(|_| invalid("not the metadata"))?;
    let native = wire.application_type == "native" && wire.token_endpoint_auth_method == "none";
    if !native || wire.client_name.is_empty() || wire.response_types != ["code"] {
        return Err(invalid("only native public clients are registered"));
    }
    if !wire.grant_types.iter().any(|grant| grant == "authorization_code") {
        return Err(invalid("grant_types does not fit response_types"));
    }
    let redirects = wire.redirect_uris.iter().map(|uri| redirect(uri));
    let redirects: Option<Vec<Redirect>> = redirects.collect();
    let redirects = redirects.filter(|all| !all.is_empty());
    let redirects = redirects
        .ok_or_else(|| OAuthError::new("invalid_redirect_uri", "only loopback is allowed"))?;
    let id = faults.registered_id.unwrap_or_else(|| random::token("client-"));
    let client = Client { id: id.clone(), secret: None, key: None, redirects };
    lock(&world.registered).push(client);
    let mut answer = json!({
        "client_id": id,
        "client_id_issued_at": world.clock.now(),
        "token_endpoint_auth_method": "none",
        "redirect_uris": wire.redirect_uris,
    });
    if faults.registered_with_secret {
        answer["token_endpoint_auth_method"] = "client_secret_basic".into();
        answer["client_secret"] = "registered-secret".into();
    }
    Ok(answer)
}

fn redirect(uri: &str) -> Option<Redirect> {
    let url = Url::parse(uri).ok()?;
    let path = url.path().to_owned();
    let loopback = Redirect::Loopback { path };
    loopback.permits(uri).then(|| match url.port() {
        Some(_) => Redirect::Exact(uri.to_owned()),
        None => loopback,
    })
}
