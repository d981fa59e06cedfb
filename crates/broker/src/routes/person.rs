//! What is the person's: the tray and window do it at once, a program asks for it.

use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, Query, State};
use lanyard_api::{AuditReply, LockReply, ShowCall, ShowReply, UnlockCall};
use lanyard_core::{Code, Failure, Passphrase};
use lanyard_engine::{Act, LockReason};
use serde::Deserialize;

use super::{Call, LONGEST_WAIT, Refusal};
use crate::reply;
use crate::server::Desk;
use crate::socket::Peer;

/// How many entries of the audit trail one answer holds.
const NEWEST: u32 = 500;

/// How such a call is made.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Patience {
    /// How long to wait for the person, in seconds.
    #[serde(default)]
    wait: u32,
}

pub(crate) async fn audit(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(patience): Query<Patience>,
) -> Result<Json<Vec<AuditReply>>, Refusal> {
    permit(&desk, &peer, Act::ReadAudit, &patience).await?;
    let rows = desk.engine.audit(NEWEST).await?;
    Ok(Json(rows.into_iter().map(reply::audit).collect()))
}

pub(crate) async fn lock(State(desk): State<Desk>) -> Json<LockReply> {
    desk.engine.lock(LockReason::Asked).await;
    Json(LockReply { locked: true })
}

pub(crate) async fn unlock(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(patience): Query<Patience>,
    Call(call): Call<UnlockCall>,
) -> Result<Json<LockReply>, Refusal> {
    let passphrase = call.passphrase.map(Passphrase::new);
    if desk.engine.is_locked() && passphrase.is_none() {
        permit(&desk, &peer, Act::Unlock, &patience).await?;
    }
    desk.engine.unlock(passphrase).await?;
    Ok(Json(LockReply { locked: desk.engine.is_locked() }))
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    Call(call): Call<ShowCall>,
) -> Result<Json<ShowReply>, Refusal> {
    let views = desk.views.clone().ok_or_else(no_views)?;
    let shown = tokio::task::spawn_blocking(move || views.show(call.show, call.environment)).await;
    let (pid, was_there) = shown.map_err(|_| no_views())??;
    Ok(Json(ShowReply { pid, was_there }))
}

/// Lets the person's own tray and window through, and has everybody else ask.
async fn permit(desk: &Desk, peer: &Peer, act: Act, patience: &Patience) -> Result<(), Failure> {
    if peer.is_person() {
        return Ok(());
    }
    let wait = Duration::from_secs(patience.wait.into()).min(LONGEST_WAIT);
    desk.engine.permit_act(act, peer.caller().await, wait).await
}

fn no_views() -> Failure {
    Failure::new(Code::Failed, "this broker cannot show anything")
        .action("start it with `lanyard broker`")
}
