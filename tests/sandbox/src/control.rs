//! Steers the sandbox from another process.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::record::RecordedRequest;
use crate::settings::LifetimeChange;
use crate::world::{World, lock};

/// Returns the routes under `/control`.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/faults", post(set_faults).delete(clear_faults).get(faults))
        .route("/requests", get(requests))
        .route("/secrets", get(secrets))
        .route("/expire", post(expire))
        .route("/advance", post(advance))
        .route("/rotate-keys", post(rotate_keys))
        .route("/revoke", post(revoke))
}

async fn faults(State(world): State<Arc<World>>) -> Response {
    Json(world.faults.current()).into_response()
}

async fn set_faults(
    State(world): State<Arc<World>>,
    Json(changes): Json<Map<String, Value>>,
) -> Response {
    match world.faults.merge(changes) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn clear_faults(State(world): State<Arc<World>>) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

async fn requests(State(world): State<Arc<World>>) -> Json<Vec<RecordedRequest>> {
    Json(world.requests())
}

async fn secrets(State(world): State<Arc<World>>) -> Json<Vec<String>> {
    Json(world.issued())
}

async fn expire(State(world): State<Arc<World>>, Json(change): Json<LifetimeChange>) -> StatusCode {
    world.expire(change);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: i64,
}

async fn advance(State(world): State<Arc<World>>, Json(by): Json<Advance>) -> StatusCode {
    world.clock.advance(by.seconds);
    StatusCode::NO_CONTENT
}

async fn rotate_keys(State(world): State<Arc<World>>) -> StatusCode {
    world.rotate_keys();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoke {
    username: String,
}

async fn revoke(State(world): State<Arc<World>>, Json(whose): Json<Revoke>) -> StatusCode {
    lock(&world.grants).revoke_user(&whose.username);
    StatusCode::NO_CONTENT
}
