use std::time::Duration;

use lanyard_api::{DpopCall, TokenCall, TokenKind, TokenReply};
use lanyard_client::Client;
use lanyard_core::{Code, Failure};
use tokio::time::{Instant, timeout_at};

use super::{Context, asking};
use crate::args::{HeaderArgs, TokenArgs};
use crate::output;

pub(crate) async fn run(context: &Context, args: TokenArgs) -> Result<(), Failure> {
    let reply = obtain(context, args, None).await?;
    output::token(&reply, context.json);
    Ok(())
}

/// Prints the headers of a request.
pub(crate) async fn header(context: &Context, args: HeaderArgs) -> Result<(), Failure> {
    let dpop = match args.dpop.as_slice() {
        [method, url] => Some(DpopCall { method: method.clone(), url: url.clone() }),
        _ => None,
    };
    let reply = obtain(context, args.token, dpop).await?;
    if reply.token_type != "Bearer" && reply.dpop.is_none() {
        output::note("lanyard: this token needs a proof for each request: give --dpop METHOD URL");
    }
    output::header(&reply, context.json);
    Ok(())
}

async fn obtain(
    context: &Context,
    args: TokenArgs,
    dpop: Option<DpopCall>,
) -> Result<TokenReply, Failure> {
    let client = context.client()?;
    let wait = args.wait.map(Duration::try_from).transpose().unwrap_or_default();
    let mut call = TokenCall { dpop, ..call(context, args) };
    let reply = match (asking::for_token(context, &client, &mut call).await, wait) {
        (Err(failure), Some(wait)) if asks_person(&failure) => {
            after_sign_in(&client, &call, wait, failure).await?
        }
        (reply, _) => reply?,
    };
    if let Some(warning) = &reply.warning {
        output::note(&format!("lanyard: {warning}"));
    }
    Ok(reply)
}

fn call(context: &Context, args: TokenArgs) -> TokenCall {
    let usual = if args.issuer.is_none() { context.setup.profile.clone() } else { None };
    TokenCall {
        profile: args.profile.or(usual),
        issuer: args.issuer,
        account: args.account,
        tenant: args.tenant,
        scopes: args.scope,
        resource: args.resource,
        kind: if args.id_token { TokenKind::Id } else { TokenKind::Access },
        min_valid: args.min_valid.map(|least| u32::try_from(least.as_secs()).unwrap_or(u32::MAX)),
        force: args.force,
        claims: args.claims,
        wait: None,
        dpop: None,
    }
}

fn asks_person(failure: &Failure) -> bool {
    matches!(failure.code, Code::SignInRequired | Code::PromptPending)
}

/// Tries again at each change of the broker's state, until the person has signed in.
async fn after_sign_in(
    client: &Client,
    call: &TokenCall,
    wait: Duration,
    first: Failure,
) -> Result<TokenReply, Failure> {
    let deadline = Instant::now() + wait;
    output::note(&format!("lanyard: {first}; waiting for the sign-in"));
    let mut events = client.events().await?;
    while let Ok(Some(event)) = timeout_at(deadline, events.next()).await {
        event?;
        match client.token(call).await {
            Err(failure) if asks_person(&failure) => {}
            reply => return reply,
        }
    }
    Err(first)
}
