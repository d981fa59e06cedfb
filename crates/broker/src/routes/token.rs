use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use lanyard_api::{DpopCall, TokenCall, TokenKind, TokenReply, TokenSource};
use lanyard_core::{Code, Failure, WebUrl};
use lanyard_engine::{Issued, Kind, ProofFor, Source, TokenRequest};
use secrecy::ExposeSecret;

use super::{Call, LONGEST_WAIT, Refusal};
use crate::server::Desk;
use crate::socket::Peer;

pub(crate) async fn token(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Call(call): Call<TokenCall>,
) -> Result<Json<TokenReply>, Refusal> {
    let kind = match call.kind {
        TokenKind::Access => Kind::Access,
        TokenKind::Id => Kind::Id,
    };
    let request = TokenRequest {
        profile: call.profile,
        issuer: call.issuer,
        account: call.account,
        tenant: call.tenant,
        scopes: call.scopes,
        resource: call.resource,
        kind,
        min_valid: call.min_valid.map(|seconds| Duration::from_secs(seconds.into())),
        force: call.force,
        claims: call.claims,
        wait: Duration::from_secs(call.wait.unwrap_or_default().into()).min(LONGEST_WAIT),
        proof_for: call.dpop.map(proof_for).transpose()?,
    };
    let issued = desk.engine.token(request, peer.caller().await).await?;
    let now = desk.engine.now();
    Ok(Json(reply(issued, kind, now)))
}

fn proof_for(call: DpopCall) -> Result<ProofFor, Failure> {
    let url = WebUrl::parse(&call.url);
    let url = url.map_err(|error| {
        Failure::new(Code::Usage, error.to_string()).action("give the address of the request")
    })?;
    Ok(ProofFor { method: call.method, url })
}

#[expect(clippy::disallowed_methods, reason = "the socket's reply carries the token")]
fn reply(issued: Issued, kind: Kind, now: jiff::Timestamp) -> TokenReply {
    let Issued { token, bound, proof, account, tenant, source, warning } = issued;
    let expires_at = kind.end(&token);
    let id_token = token.id_token.as_ref().filter(|_| kind == Kind::Id);
    let secret =
        id_token.map_or_else(|| token.access_token.expose_secret(), |id| id.expose_secret());
    TokenReply {
        token: secret.to_owned(),
        token_type: if bound { "DPoP" } else { "Bearer" }.to_owned(),
        dpop: proof,
        expires_at,
        expires_in: expires_at.duration_since(now).as_secs(),
        scopes: token.scopes.iter().map(str::to_owned).collect(),
        profile: account.profile.to_string(),
        account: account.id.to_string(),
        tenant,
        source: match source {
            Source::Cache => TokenSource::Cache,
            Source::Provider => TokenSource::Provider,
        },
        warning,
    }
}
