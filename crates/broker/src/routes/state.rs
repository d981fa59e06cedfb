use axum::Json;
use axum::extract::{ConnectInfo, State};
use lanyard_api::{AccountReply, ProfileReply, ProviderReply, StatusReply};

use super::Refusal;
use crate::reply;
use crate::server::Desk;
use crate::socket::Peer;

pub(crate) async fn status(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Result<Json<StatusReply>, Refusal> {
    Ok(Json(reply::status(&desk, &peer).await?))
}

pub(crate) async fn accounts(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Result<Json<Vec<AccountReply>>, Refusal> {
    Ok(Json(reply::status(&desk, &peer).await?.accounts))
}

pub(crate) async fn profiles(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Result<Json<Vec<ProfileReply>>, Refusal> {
    Ok(Json(reply::status(&desk, &peer).await?.profiles))
}

pub(crate) async fn providers(State(desk): State<Desk>) -> Json<Vec<ProviderReply>> {
    Json(desk.engine.providers().map(ProviderReply::from).collect())
}

pub(crate) async fn openapi() -> Json<serde_json::Value> {
    Json(lanyard_api::openapi())
}
