//! The cache's keys and copies.

use axum::Json;
use axum::extract::{ConnectInfo, State};
use lanyard_api::{BackupCall, BackupReply, KeyPlace, RekeyCall, RekeyReply};
use lanyard_core::Passphrase;
use lanyard_core::config::KeySource;
use lanyard_engine::{Act, Rekey};

use super::person::{Patience, permit};
use super::{Call, Question, Refusal};
use crate::server::Desk;
use crate::socket::Peer;

pub(crate) async fn rekey(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Question(patience): Question<Patience>,
    Call(call): Call<RekeyCall>,
) -> Result<Json<RekeyReply>, Refusal> {
    let to = call.to.map(source);
    permit(&desk, &peer, to.map_or(Act::Rekey, Act::HandOver), patience.wait).await?;
    let passphrase = call.passphrase.map(Passphrase::new);
    let new_passphrase = call.new_passphrase.map(Passphrase::new);
    desk.engine.rekey(Rekey { to, passphrase, new_passphrase }, peer.caller().await).await?;
    let key = desk.engine.key_source().as_str().to_owned();
    Ok(Json(RekeyReply { rekeyed: to.is_none(), key }))
}

pub(crate) async fn backup(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Question(patience): Question<Patience>,
    Call(call): Call<BackupCall>,
) -> Result<Json<BackupReply>, Refusal> {
    permit(&desk, &peer, Act::Backup, patience.wait).await?;
    let passphrase = Passphrase::new(call.passphrase);
    let file = desk.engine.backup(passphrase, peer.caller().await).await?;
    Ok(Json(BackupReply { file: file.display().to_string() }))
}

const fn source(place: KeyPlace) -> KeySource {
    match place {
        KeyPlace::Keyring => KeySource::Keyring,
        KeyPlace::Passphrase => KeySource::Passphrase,
        KeyPlace::Keyfile => KeySource::Keyfile,
    }
}
