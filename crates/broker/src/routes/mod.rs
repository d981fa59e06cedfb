//! The handlers, a file for each kind of call.

pub(crate) mod cache;
pub(crate) mod events;
pub(crate) mod person;
pub(crate) mod prompts;
pub(crate) mod sign_in;
pub(crate) mod state;
pub(crate) mod token;

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lanyard_api::{LARGEST_BODY, PROBLEM_JSON, Problem};
use lanyard_core::{Code, Failure};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

/// How long a client may take to send a call's body.
const BODY: Duration = Duration::from_secs(10);

/// Longest that a call waits for the person.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// A failure on its way out, as problem details (RFC 9457).
pub(crate) struct Refusal(pub(crate) Failure);

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        answer(&Problem::of(self.0))
    }
}

fn answer(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = (status, Body::from(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    response
}

/// A call's body: JSON of at most 1 MiB without unknown fields.
pub(crate) struct Call<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Call<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let usage = |message: String| {
            Refusal(Failure::new(Code::Usage, message).action("see /v1/openapi.json"))
        };
        let bytes = timeout(BODY, to_bytes(request.into_body(), LARGEST_BODY)).await;
        let bytes =
            bytes.map_err(|_| usage("the body did not come within 10 seconds".to_owned()))?;
        let bytes =
            bytes.map_err(|_| usage("the body is larger than 1 MiB, or broke off".to_owned()))?;
        // serde_json would take an array for the fields in their order.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(usage("the body is not a JSON object".to_owned()));
        }
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| usage(format!("the body does not fit: {error}")))
    }
}

/// A call's query, without unknown fields.
pub(crate) struct Question<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Question<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Query::try_from_uri(&parts.uri).map(|Query(call)| Self(call)).map_err(|error| {
            let message = format!("the query does not fit: {}", error.body_text());
            Refusal(Failure::new(Code::Usage, message).action("see /v1/openapi.json"))
        })
    }
}

/// Answers methods that a path does not have (RFC 9110, section 15.5.6).
pub(crate) async fn not_allowed(request: Request) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED.as_u16();
    answer(&Problem { status, ..Problem::of(unknown(request).await.0) })
}

/// Answers every path that there is not.
pub(crate) async fn unknown(request: Request) -> Refusal {
    let path = lanyard_core::printable(request.uri().path(), 100);
    let message = format!("there is no {} {path}", request.method());
    Refusal(Failure::new(Code::Usage, message).action("see /v1/openapi.json"))
}
