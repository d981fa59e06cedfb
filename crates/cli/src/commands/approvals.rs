use jiff::tz::TimeZone;
use lanyard_api::{ApprovalReply, DoneReply};
use lanyard_core::{Failure, printable};

use super::{Context, asking};
use crate::args::ApprovalsCommand;
use crate::{output, table};

pub(crate) async fn run(context: &Context, command: ApprovalsCommand) -> Result<(), Failure> {
    match command {
        ApprovalsCommand::List => list(context).await,
        ApprovalsCommand::Revoke { id } => revoke(context, &id).await,
    }
}

async fn list(context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    let ask = || client.get("/v1/approvals?wait=60");
    let approvals: Vec<ApprovalReply> = asking::until_answered(context, &client, ask).await?;
    if context.json {
        output::answer_json(&approvals);
        return Ok(());
    }
    if approvals.is_empty() {
        output::note("No answer is remembered.");
        return Ok(());
    }
    let zone = TimeZone::system();
    let row = |approval: &ApprovalReply| {
        let until = approval.expires_at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M");
        vec![
            approval.id.clone(),
            if approval.allowed { "allowed" } else { "refused" }.to_owned(),
            printable(&approval.program, 32),
            approval.profile.clone(),
            printable(&approval.username, 32),
            printable(&approval.audience, 48),
            until.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = approvals.iter().map(row).collect();
    let head = ["NUMBER", "ANSWER", "PROGRAM", "PROFILE", "ACCOUNT", "FOR", "UNTIL"];
    output::answer(&table::table(&head, &rows));
    Ok(())
}

async fn revoke(context: &Context, id: &str) -> Result<(), Failure> {
    let path = format!("/v1/approvals/{}", number(id)?);
    let _: DoneReply = context.client()?.call("DELETE", &path, None::<&()>).await?;
    match context.json {
        true => output::answer_json(&DoneReply {}),
        false => output::answer("Revoked. The question is asked again next time."),
    }
    Ok(())
}

fn number(id: &str) -> Result<u64, Failure> {
    id.parse().map_err(|_| {
        Failure::new(lanyard_core::Code::Usage, "an approval is named by its number")
            .action("see `lanyard approvals list`")
    })
}
