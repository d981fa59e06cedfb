//! The userinfo endpoint.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::oauth::dpop;
use crate::oauth::error::no_store;
use crate::oauth::id_token::subject;
use crate::world::{World, lock};

/// Answers who the access token is about.
pub(crate) async fn userinfo(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let url = format!("{}/userinfo", world.oidc_issuer());
    let Some(claims) = header.and_then(|header| about(&world, &headers, header, &url)) else {
        let challenge = [(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
        return no_store((StatusCode::UNAUTHORIZED, challenge));
    };
    no_store(Json(claims).into_response())
}

/// A token that is bound to a key opens only with a proof of it.
fn about(world: &World, headers: &HeaderMap, header: &str, url: &str) -> Option<Value> {
    let (kind, token) = header.split_once(' ')?;
    let expected = dpop::Expected { method: "GET", url, access_token: Some(token) };
    let key = match kind {
        "Bearer" => None,
        "DPoP" => Some(dpop::check(world, headers, &expected).ok()??),
        _ => return None,
    };
    let grants = lock(&world.grants);
    let grant = grants.find_by_access(token, world.clock.now())?;
    if grant.about.key != key {
        return None;
    }
    let user = world.user(&grant.about.username)?;
    Some(json!({
        "sub": subject(&user.username),
        "preferred_username": user.username,
        "name": user.name,
        "email": user.email,
    }))
}
