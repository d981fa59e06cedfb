//! Applies the faults that concern whole answers.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{StatusCode, response::Parts};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use futures_util::stream;

use crate::faults::{Endpoint, FaultSet};
use crate::world::World;

/// Marks a response that must not be sent: the server closes the connection.
#[derive(Clone, Debug)]
pub(crate) struct HangUp;

/// Lets the endpoint fail as the faults say.
pub(crate) async fn apply(
    State(world): State<Arc<World>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(endpoint) = Endpoint::of(request.uri().path()) else {
        return next.run(request).await;
    };
    let faults = world.faults.current();
    if endpoint == Endpoint::Token && faults.slow > 0 {
        tokio::time::sleep(Duration::from_millis(faults.slow)).await;
    }
    if let Some(instead) = instead_of_answer(endpoint, &faults, &world.origin) {
        return instead;
    }
    let answer = next.run(request).await;
    if faults.cut.contains(&endpoint) {
        return cut(answer).await;
    }
    if faults.endless.contains(&endpoint) { endless(answer) } else { answer }
}

fn instead_of_answer(endpoint: Endpoint, faults: &FaultSet, origin: &str) -> Option<Response> {
    if faults.closed.contains(&endpoint) {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(HangUp);
        return Some(response);
    }
    if faults.down.contains(&endpoint) {
        let mut response = (StatusCode::SERVICE_UNAVAILABLE, "out of service").into_response();
        let wait = faults.retry_after.as_ref().and_then(|wait| wait.parse().ok());
        response.headers_mut().extend(wait.map(|wait| (RETRY_AFTER, wait)));
        return Some(response);
    }
    if faults.html_answer.contains(&endpoint) {
        return Some(Html("<!doctype html><title>Welcome to the hotel</title>").into_response());
    }
    if endpoint == Endpoint::Token && faults.redirect_token {
        let elsewhere = [(LOCATION, format!("{origin}/elsewhere"))];
        return Some((StatusCode::TEMPORARY_REDIRECT, elsewhere).into_response());
    }
    None
}

/// Announces the whole answer and sends half of it.
async fn cut(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(CONTENT_LENGTH, whole.len().into());
    let half = whole.slice(..whole.len() / 2);
    let pieces = [Ok(half), Err(io::Error::from(io::ErrorKind::ConnectionAborted))];
    Response::from_parts(parts, Body::from_stream(stream::iter(pieces)))
}

/// Sends a JSON text that does not end.
fn endless(answer: Response) -> Response {
    let (mut parts, _): (Parts, _) = answer.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, axum::http::HeaderValue::from_static("application/json"));
    let start = Bytes::from_static(b"{\"padding\":\"");
    let filling = Bytes::from(vec![b'x'; 16 * 1024]);
    let pieces = std::iter::once(start).chain(std::iter::repeat(filling));
    Response::from_parts(parts, Body::from_stream(stream::iter(pieces.map(Ok::<_, Infallible>))))
}
