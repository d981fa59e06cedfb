use axum::Json;
use axum::extract::State;
use lanyard_api::{
    AccountReply, AuditReply, ProfileReply, PromptReply, ProviderReply, StatusReply,
};

use super::Refusal;
use crate::reply;
use crate::server::Desk;

/// How many entries of the audit trail one answer holds.
const NEWEST: u32 = 500;

pub(crate) async fn status(State(desk): State<Desk>) -> Result<Json<StatusReply>, Refusal> {
    Ok(Json(reply::status(&desk).await?))
}

pub(crate) async fn accounts(State(desk): State<Desk>) -> Result<Json<Vec<AccountReply>>, Refusal> {
    Ok(Json(reply::status(&desk).await?.accounts))
}

pub(crate) async fn profiles(State(desk): State<Desk>) -> Result<Json<Vec<ProfileReply>>, Refusal> {
    Ok(Json(reply::status(&desk).await?.profiles))
}

pub(crate) async fn providers(State(desk): State<Desk>) -> Json<Vec<ProviderReply>> {
    Json(desk.engine.providers().map(ProviderReply::from).collect())
}

pub(crate) async fn prompts(State(desk): State<Desk>) -> Result<Json<Vec<PromptReply>>, Refusal> {
    Ok(Json(reply::status(&desk).await?.prompts))
}

pub(crate) async fn audit(State(desk): State<Desk>) -> Result<Json<Vec<AuditReply>>, Refusal> {
    let rows = desk.engine.audit(NEWEST).await?;
    let entries = rows.into_iter().map(|row| AuditReply {
        at: row.at,
        action: row.action.to_owned(),
        caller: row.caller,
        folder: row.folder,
        profile: row.profile,
        account: row.account,
        audience: row.audience,
        code: row.code,
    });
    Ok(Json(entries.collect()))
}

pub(crate) async fn openapi() -> Json<serde_json::Value> {
    Json(lanyard_api::openapi())
}
