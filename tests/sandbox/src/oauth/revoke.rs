//! The revocation endpoint (RFC 7009).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::oauth::client_auth;
use crate::oauth::error::{OAuthError, no_store};
use crate::oauth::form::{read, required};
use crate::world::{World, lock};

/// Revokes a token of the client; one that is not known counts as revoked.
pub(crate) async fn revoke(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    match answer(&world, &headers, &uri, &body) {
        Ok(()) => no_store(StatusCode::OK),
        Err(error) => error.into_response(),
    }
}

fn answer(world: &World, headers: &HeaderMap, uri: &Uri, body: &[u8]) -> Result<(), OAuthError> {
    let form = read(headers, uri, body)?;
    let client = client_auth::authenticate(world, headers, &form)?;
    let token = required(&form, "token")?;
    lock(&world.grants)
        .revoke_token(token, &client.id)
        .map_err(|_| OAuthError::new("unauthorized_client", "the token is another client's"))
}
