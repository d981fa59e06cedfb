use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use lanyard_api::{ReturnCall, SignInCall, SignInReply, SignOutReply};
use lanyard_core::provider::Way;

use super::{Call, Refusal};
use crate::reply;
use crate::server::Desk;
use crate::socket::Peer;

/// How long one call waits for a sign-in's next phase.
const WAIT: Duration = Duration::from_secs(25);

pub(crate) async fn start(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Call(call): Call<SignInCall>,
) -> Result<Json<SignInReply>, Refusal> {
    if !peer.is_person() {
        desk.engine.may_sign_in(call.profile.as_deref(), peer.caller().await).await?;
    }
    let (view, joined) = desk.engine.sign_in(
        call.profile.as_deref(),
        call.username,
        call.tenant,
        if call.device { Way::DeviceCode } else { Way::Usual },
        peer.caller().await,
    )?;
    let view = desk.engine.sign_in_begun(&view.id, WAIT).await?;
    Ok(Json(reply::sign_in(view, joined)))
}

pub(crate) async fn next(
    State(desk): State<Desk>,
    Path(id): Path<String>,
) -> Result<Json<SignInReply>, Refusal> {
    let view = desk.engine.sign_in_next(&id, WAIT).await?;
    Ok(Json(reply::sign_in(view, false)))
}

pub(crate) async fn returned(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Call(call): Call<ReturnCall>,
) -> Result<Json<SignInReply>, Refusal> {
    desk.engine.sign_in_return(&id, &call.url)?;
    let view = desk.engine.sign_in_over(&id, WAIT).await?;
    Ok(Json(reply::sign_in(view, false)))
}

pub(crate) async fn cancel(
    State(desk): State<Desk>,
    Path(id): Path<String>,
) -> Result<Json<SignInReply>, Refusal> {
    Ok(Json(reply::sign_in(desk.engine.sign_in_cancel(&id).await?, false)))
}

pub(crate) async fn sign_out(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
) -> Result<Json<SignOutReply>, Refusal> {
    let done = desk.engine.sign_out(&id, peer.caller().await).await?;
    let (username, revoked, message) = (done.username, done.revoked, done.message);
    Ok(Json(SignOutReply { account: id, username, revoked, message }))
}
