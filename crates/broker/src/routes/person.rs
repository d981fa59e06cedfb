//! What is the person's: the tray and window do it at once, a program asks for it.

use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use lanyard_api::{
    ApprovalReply, AuditCheckReply, AuditReply, DoneReply, LockReply, ShowCall, ShowReply,
    UnlockCall,
};
use lanyard_core::{Code, Failure, Passphrase};
use lanyard_engine::{Act, AuditFilter, LockReason};
use serde::Deserialize;

use super::{Call, LONGEST_WAIT, Question, Refusal};
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
    pub(super) wait: u32,
}

/// Which entries of the audit trail are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditCall {
    #[serde(default)]
    wait: u32,
    profile: Option<String>,
    action: Option<String>,
    since: Option<jiff::Timestamp>,
    limit: Option<u32>,
}

pub(crate) async fn audit(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Question(call): Question<AuditCall>,
) -> Result<Json<Vec<AuditReply>>, Refusal> {
    permit(&desk, &peer, Act::ReadAudit, call.wait).await?;
    let AuditCall { profile, action, since, limit, .. } = call;
    let limit = limit.unwrap_or(NEWEST).min(NEWEST);
    let rows = desk.engine.audit(AuditFilter { profile, action, since, limit }).await?;
    Ok(Json(rows.into_iter().map(reply::audit).collect()))
}

/// Says only whether the trail is whole, so anyone may ask.
pub(crate) async fn audit_check(
    State(desk): State<Desk>,
) -> Result<Json<AuditCheckReply>, Refusal> {
    Ok(Json(reply::audit_check(desk.engine.check_audit().await?)))
}

pub(crate) async fn approvals(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Question(patience): Question<Patience>,
) -> Result<Json<Vec<ApprovalReply>>, Refusal> {
    permit(&desk, &peer, Act::ReadApprovals, patience.wait).await?;
    Ok(Json(reply::approvals(&desk).await?))
}

/// Takes something away, so anyone may do it.
pub(crate) async fn revoke_approval(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
) -> Result<Json<DoneReply>, Refusal> {
    let number = id.parse().map_err(|_| {
        Failure::new(Code::Usage, "this is not the id of an approval")
            .action("see `lanyard approvals list`")
    })?;
    desk.engine.revoke_approval(number, peer.caller().await).await?;
    Ok(Json(DoneReply {}))
}

pub(crate) async fn lock(State(desk): State<Desk>) -> Json<LockReply> {
    desk.engine.lock(LockReason::Asked).await;
    Json(LockReply { locked: true })
}

pub(crate) async fn unlock(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Question(patience): Question<Patience>,
    Call(call): Call<UnlockCall>,
) -> Result<Json<LockReply>, Refusal> {
    let passphrase = call.passphrase.map(Passphrase::new);
    if desk.engine.is_locked() && passphrase.is_none() {
        permit(&desk, &peer, Act::Unlock, patience.wait).await?;
    }
    desk.engine.unlock(passphrase).await?;
    Ok(Json(LockReply { locked: desk.engine.is_locked() }))
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Call(mut call): Call<ShowCall>,
) -> Result<Json<ShowReply>, Refusal> {
    let views = desk.views.clone().ok_or_else(no_views)?;
    if !peer.is_person() && !desk.engine.may_name_desktop(peer.caller().await) {
        call.environment.clear();
    }
    let shown = tokio::task::spawn_blocking(move || views.show(call.show, call.environment)).await;
    let (pid, was_there) = shown.map_err(|_| no_views())??;
    Ok(Json(ShowReply { pid, was_there }))
}

/// Lets the person's own tray and window through, and has everybody else ask.
pub(super) async fn permit(desk: &Desk, peer: &Peer, act: Act, wait: u32) -> Result<(), Failure> {
    if peer.is_person() {
        return Ok(());
    }
    let wait = Duration::from_secs(wait.into()).min(LONGEST_WAIT);
    desk.engine.permit_act(act, peer.caller().await, wait).await
}

fn no_views() -> Failure {
    Failure::new(Code::Failed, "this broker cannot show anything")
        .action("start it with `lanyard broker`")
}
