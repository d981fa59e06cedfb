//! The userinfo endpoint.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::oauth::error::no_store;
use crate::oauth::id_token::subject;
use crate::world::{World, lock};

/// Answers who the access token is about.
pub(crate) async fn userinfo(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    let Some(claims) = token.and_then(|token| about(&world, token)) else {
        let challenge = [(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
        return no_store((StatusCode::UNAUTHORIZED, challenge));
    };
    no_store(Json(claims).into_response())
}

fn about(world: &World, token: &str) -> Option<Value> {
    let grants = lock(&world.grants);
    let grant = grants.find_by_access(token, world.clock.now())?;
    let user = world.user(&grant.about.username)?;
    Some(json!({
        "sub": subject(&user.username),
        "preferred_username": user.username,
        "name": user.name,
        "email": user.email,
    }))
}
