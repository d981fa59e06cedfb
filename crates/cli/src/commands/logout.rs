use lanyard_api::{AccountReply, SignOutReply};
use lanyard_core::{Code, Failure, printable};
use serde_json::json;

use super::Context;
use crate::args::LogoutArgs;
use crate::output;

pub(crate) async fn run(context: &Context, args: LogoutArgs) -> Result<(), Failure> {
    let client = context.client()?;
    let mut accounts = client.status().await?.accounts;
    accounts.dedup_by(|a, b| a.account == b.account);
    let target = args.target.or_else(|| context.setup.profile.clone());
    let chosen = choose(accounts, target.as_deref(), args.all)?;
    let mut replies: Vec<SignOutReply> = Vec::new();
    for account in chosen {
        let reply = client.sign_out(&account.account).await?;
        if !context.json {
            output::answer(&format!("{}: {}.", printable(&reply.username, 128), reply.message));
        }
        replies.push(reply);
    }
    if context.json {
        output::answer_json(&json!({"signed_out": replies}));
    }
    Ok(())
}

fn choose(
    accounts: Vec<AccountReply>,
    target: Option<&str>,
    all: bool,
) -> Result<Vec<AccountReply>, Failure> {
    if all {
        return Ok(accounts);
    }
    let list = |accounts: &[AccountReply]| {
        let line = |a: &AccountReply| {
            format!("{} ({}, {})", printable(&a.username, 128), a.profile, a.account)
        };
        accounts.iter().map(line).collect::<Vec<_>>().join(", ")
    };
    let is_meant = |account: &AccountReply| {
        target.is_none_or(|t| account.profile == t || account.account == t || account.username == t)
    };
    let known = list(&accounts);
    let meant: Vec<AccountReply> = accounts.into_iter().filter(is_meant).collect();
    match meant.len() {
        0 if known.is_empty() => Err(Failure::new(Code::Usage, "nobody is signed in")),
        0 => Err(Failure::new(Code::Usage, "no such account is signed in")
            .action(format!("there is {known}"))),
        1 => Ok(meant),
        _ => Err(Failure::new(Code::AccountAmbiguous, "several accounts match")
            .action(format!("name one of: {}; or use --all", list(&meant)))),
    }
}
