use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use lanyard_api::{AnswerCall, AnswerKind, DoneReply, PromptReply, TerminalAnswerCall};
use lanyard_core::{AccountId, Code, Failure, Passphrase};
use lanyard_engine::Answer;

use super::{Call, Refusal};
use crate::reply;
use crate::server::Desk;
use crate::socket::Peer;

pub(crate) async fn list(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Json<Vec<PromptReply>> {
    Json(reply::prompts(&desk, &peer).await)
}

pub(crate) async fn answer(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
    Call(call): Call<AnswerCall>,
) -> Result<Json<DoneReply>, Refusal> {
    if !peer.is_person() {
        desk.engine.note_false_answer(peer.caller().await);
        return Err(not_the_person().into());
    }
    let answer = match (call.answer, call.account) {
        (AnswerKind::Allow, None) => Answer::Allow,
        (AnswerKind::Refuse, None) => Answer::Refuse,
        (AnswerKind::Account, Some(account)) => Answer::Account(AccountId::from_text(&account)),
        (AnswerKind::Allow | AnswerKind::Refuse, Some(_)) | (AnswerKind::Account, None) => {
            return Err(Failure::new(Code::Usage, "\"account\" goes with the answer \"account\"")
                .action("see /v1/openapi.json")
                .into());
        }
    };
    desk.engine.answer(&id, answer).await?;
    Ok(Json(DoneReply {}))
}

pub(crate) async fn answer_in_terminal(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
    Call(call): Call<TerminalAnswerCall>,
) -> Result<Json<DoneReply>, Refusal> {
    let passphrase = Passphrase::new(call.passphrase);
    desk.engine.answer_in_terminal(&id, peer.caller().await, passphrase).await?;
    Ok(Json(DoneReply {}))
}

pub(crate) async fn withdraw(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
) -> Result<Json<DoneReply>, Refusal> {
    match peer.is_person() {
        true => desk.engine.answer(&id, Answer::Refuse).await?,
        false => desk.engine.withdraw(&id, peer.caller().await).await?,
    }
    Ok(Json(DoneReply {}))
}

fn not_the_person() -> Failure {
    Failure::new(Code::Refused, "only Lanyard's own tray and window take the person's answers")
        .action("answer there")
}
