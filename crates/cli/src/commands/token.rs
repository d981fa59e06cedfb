use std::time::Duration;

use lanyard_api::{TokenCall, TokenKind, TokenReply};
use lanyard_client::Client;
use lanyard_core::{Code, Failure};
use tokio::time::{Instant, timeout_at};

use super::Context;
use crate::args::TokenArgs;
use crate::output;

pub(crate) async fn run(context: &Context, args: TokenArgs, header: bool) -> Result<(), Failure> {
    let client = context.client()?;
    let wait = args.wait.map(Duration::try_from).transpose().unwrap_or_default();
    let call = call(context, args);
    let reply = match (client.token(&call).await, wait) {
        (Err(failure), Some(wait)) if asks_person(&failure) => {
            after_sign_in(&client, &call, wait, failure).await?
        }
        (reply, _) => reply?,
    };
    if let Some(warning) = &reply.warning {
        output::note(&format!("lanyard: {warning}"));
    }
    output::token(&reply, header, context.json);
    Ok(())
}

fn call(context: &Context, args: TokenArgs) -> TokenCall {
    TokenCall {
        profile: args.profile.or_else(|| context.setup.profile.clone()),
        account: args.account,
        tenant: args.tenant,
        scopes: args.scope,
        resource: args.resource,
        kind: if args.id_token { TokenKind::Id } else { TokenKind::Access },
        min_valid: args.min_valid.map(|least| u32::try_from(least.as_secs()).unwrap_or(u32::MAX)),
        force: args.force,
        claims: args.claims,
        wait: None,
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
