use jiff::tz::TimeZone;
use lanyard_api::{AuditCheckReply, AuditReply};
use lanyard_core::{Code, Failure, printable};

use super::{Context, asking};
use crate::args::LogArgs;
use crate::{output, table};

pub(crate) async fn run(context: &Context, args: &LogArgs) -> Result<(), Failure> {
    let client = context.client()?;
    if args.verify {
        return verify(context, &client.get("/v1/audit/check").await?);
    }
    let ask = || client.get("/v1/audit?wait=60");
    let entries: Vec<AuditReply> = asking::until_answered(context, &client, ask).await?;
    if entries.is_empty() && !context.json {
        output::note("Nothing was given out yet.");
        return Ok(());
    }
    let entries: Vec<AuditReply> = entries.into_iter().take(args.lines).collect();
    if context.json {
        output::answer_json(&entries);
        return Ok(());
    }
    let zone = TimeZone::system();
    let row = |entry: &AuditReply| {
        let when = entry.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let folder = entry.folder.as_deref().unwrap_or_default();
        vec![
            when,
            entry.action.clone(),
            entry.code.map_or("done", lanyard_core::Code::as_str).to_owned(),
            printable(&entry.caller, 32),
            entry.profile.clone(),
            printable(entry.audience.as_deref().unwrap_or_default(), 48),
            printable(folder, 48),
        ]
    };
    let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    output::answer(&table::table(
        &["WHEN", "WHAT", "OUTCOME", "PROGRAM", "PROFILE", "FOR", "FOLDER"],
        &rows,
    ));
    Ok(())
}

fn verify(context: &Context, check: &AuditCheckReply) -> Result<(), Failure> {
    if context.json {
        output::answer_json(check);
    }
    if !check.whole {
        let place = check.broken_at.map_or_else(String::new, |id| format!(" at entry {id}"));
        return Err(Failure::new(Code::Failed, format!("the audit trail is broken{place}"))
            .action(
                "someone with the cache's keys changed it: keep a copy with `lanyard cache backup`",
            ));
    }
    if !context.json {
        output::answer(&format!("The audit trail is whole: {} entries.", check.entries));
    }
    Ok(())
}
