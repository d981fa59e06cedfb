use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{delete, get, post};
use lanyard_engine::Engine;
use tokio_util::sync::CancellationToken;

use crate::connections::{self, Limits};
use crate::door::Persons;
use crate::routes;
use crate::socket::OwnUserListener;
use crate::views::Views;

/// A connection takes up to three of a process's 1024 descriptors. A stream of events has no end.
const LIMITS: Limits = Limits { most: 256, head: Duration::from_secs(10), longest: None };

/// What the broker says of itself.
#[derive(Debug, Clone)]
pub struct Info {
    /// The program's version.
    pub version: &'static str,
    /// The path of the cache.
    pub cache: PathBuf,
}

/// What every handler gets.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) info: Arc<Info>,
    pub(crate) views: Option<Views>,
    pub(crate) stop: CancellationToken,
}

/// Who may come in.
#[derive(Debug)]
pub struct Doors {
    /// Programs of this user.
    pub socket: OwnUserListener,
    /// The tray and window that the broker starts, and what comes from them.
    pub views: Option<(Views, Persons)>,
}

/// Serves until `stop`, then finishes the calls that were begun.
pub async fn serve(doors: Doors, engine: Engine, info: Info, stop: CancellationToken) {
    let (views, persons) = doors.views.unzip();
    let desk = Desk { engine, info: Arc::new(info), views, stop: stop.clone() };
    let app = router(desk);
    let socket = connections::serve(|| doors.socket.accept(), LIMITS, app.clone(), stop.clone());
    match persons {
        None => socket.await,
        Some(persons) => {
            let persons = connections::serve(|| persons.accept(), LIMITS, app, stop);
            tokio::join!(socket, persons);
        }
    }
}

/// Every path of `lanyard_api::OPERATIONS`.
fn router(desk: Desk) -> Router {
    Router::new()
        .route("/v1/status", get(routes::state::status))
        .route("/v1/accounts", get(routes::state::accounts))
        .route("/v1/profiles", get(routes::state::profiles))
        .route("/v1/providers", get(routes::state::providers))
        .route("/v1/prompts", get(routes::prompts::list))
        .route("/v1/prompts/{id}", delete(routes::prompts::withdraw))
        .route("/v1/prompts/{id}/answer", post(routes::prompts::answer))
        .route("/v1/prompts/{id}/terminal", post(routes::prompts::answer_in_terminal))
        .route("/v1/audit", get(routes::person::audit))
        .route("/v1/audit/check", get(routes::person::audit_check))
        .route("/v1/approvals", get(routes::person::approvals))
        .route("/v1/approvals/{id}", delete(routes::person::revoke_approval))
        .route("/v1/lock", post(routes::person::lock))
        .route("/v1/unlock", post(routes::person::unlock))
        .route("/v1/cache/rekey", post(routes::cache::rekey))
        .route("/v1/cache/backup", post(routes::cache::backup))
        .route("/v1/show", post(routes::person::show))
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
