//! What the sandbox was asked.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::params::{Params, is_form};
use crate::world::World;

/// Larger than any honest form.
const BODY_LIMIT: usize = 256 * 1024;

/// One request, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordedRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Names of the parameters in query and form, sorted.
    pub fields: Vec<String>,
    /// The `grant_type` in the form.
    pub grant_type: Option<String>,
    /// The `scope` in query or form.
    pub scope: Option<String>,
    /// Seconds since 1970 by the sandbox's clock.
    pub time: i64,
}

/// Records each request that is not for the control interface.
pub(crate) async fn record(
    State(world): State<Arc<World>>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/control/") {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let form = if is_form(&parts.headers) { Params::parse(&body) } else { Params::default() };
    let recorded = RecordedRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        grant_type: form.find("grant_type").map(str::to_owned),
        scope: form.find("scope").or(query.find("scope")).map(str::to_owned),
        fields: sorted(query.into_names(), form.into_names()),
        time: world.clock.now(),
    };
    world.note_request(recorded);
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn sorted(mut names: Vec<String>, more: Vec<String>) -> Vec<String> {
    names.extend(more);
    names.sort_unstable();
    names.dedup();
    names
}
