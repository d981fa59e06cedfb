//! Which handler answers which path.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::world::World;
use crate::{breakage, control, device_page, entra, logins, oauth, page, record};

/// Returns everything that the sandbox serves.
pub(crate) fn routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/login", post(logins::submit))
        .route("/device", get(device_page::show).post(device_page::submit))
        .route("/style.css", get(page::style))
        .nest("/oidc", oidc_routes())
        .nest("/entra/{tenant}", entra_routes())
        .nest("/control", control::routes())
        .layer(middleware::from_fn_with_state(Arc::clone(&world), breakage::apply))
        .layer(middleware::from_fn_with_state(Arc::clone(&world), record::record))
        .layer(middleware::from_fn_with_state(Arc::clone(&world), refuse_foreign_hosts))
        .with_state(world)
}

fn oidc_routes() -> Router<Arc<World>> {
    Router::new()
        .route("/.well-known/openid-configuration", get(oauth::discovery::discovery))
        .route("/jwks", get(oauth::discovery::jwks))
        .route("/authorize", get(oauth::authorize::authorize))
        .route("/token", post(oauth::token::token))
        .route("/revoke", post(oauth::revoke::revoke))
        .route("/device", post(oauth::device::device))
        .route("/par", post(oauth::push::push))
        .route("/register", post(oauth::register::register))
        .route("/userinfo", get(oauth::userinfo::userinfo).post(oauth::userinfo::userinfo))
}

fn entra_routes() -> Router<Arc<World>> {
    Router::new()
        .route("/v2.0/.well-known/openid-configuration", get(entra::discovery::discovery))
        .route("/discovery/v2.0/keys", get(entra::discovery::keys))
        .route("/oauth2/v2.0/authorize", get(entra::authorize::authorize))
        .route("/oauth2/v2.0/token", post(entra::token::token))
        .route("/oauth2/v2.0/devicecode", post(entra::device::device))
}

/// Refuses requests under another name: a web page must not reach the sandbox by DNS rebinding.
async fn refuse_foreign_hosts(
    State(world): State<Arc<World>>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(|host| world.origin.strip_prefix("http://") == Some(host)) {
        return next.run(request).await;
    }
    StatusCode::MISDIRECTED_REQUEST.into_response()
}
