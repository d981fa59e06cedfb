use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};
use lanyard_engine::Engine;
use tokio_util::sync::CancellationToken;

use crate::socket::{OwnUserListener, Peer};
use crate::{BrokerError, routes};

/// What the broker says of itself.
#[derive(Debug, Clone)]
pub struct Info {
    /// The program's version.
    pub version: &'static str,
    /// The path of the cache.
    pub cache: PathBuf,
    /// Where the cache's keys come from.
    pub key: &'static str,
}

/// What every handler gets.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) info: Arc<Info>,
    pub(crate) stop: CancellationToken,
}

/// Serves until `stop`, then finishes the calls that were begun.
///
/// # Errors
/// `Serve` if the listener breaks.
pub async fn serve(
    listener: OwnUserListener,
    engine: Engine,
    info: Info,
    stop: CancellationToken,
) -> Result<(), BrokerError> {
    let desk = Desk { engine, info: Arc::new(info), stop: stop.clone() };
    let app = router(desk).into_make_service_with_connect_info::<Peer>();
    axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await?;
    Ok(())
}

/// Every path of `lanyard_api::OPERATIONS`.
fn router(desk: Desk) -> Router {
    Router::new()
        .route("/v1/status", get(routes::state::status))
        .route("/v1/accounts", get(routes::state::accounts))
        .route("/v1/profiles", get(routes::state::profiles))
        .route("/v1/providers", get(routes::state::providers))
        .route("/v1/prompts", get(routes::state::prompts))
        .route("/v1/audit", get(routes::state::audit))
        .route("/v1/openapi.json", get(routes::state::openapi))
        .route("/v1/events", get(routes::events::events))
        .route("/v1/token", post(routes::token::token))
        .route("/v1/sign-in", post(routes::sign_in::start))
        .route("/v1/sign-in/{id}", get(routes::sign_in::next).delete(routes::sign_in::cancel))
        .route("/v1/sign-in/{id}/return", post(routes::sign_in::returned))
        .route("/v1/accounts/{id}", delete(routes::sign_in::sign_out))
        .method_not_allowed_fallback(routes::not_allowed)
        .fallback(routes::unknown)
        .with_state(desk)
}
