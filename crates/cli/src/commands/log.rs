use jiff::tz::TimeZone;
use lanyard_api::AuditReply;
use lanyard_core::{Failure, printable};

use super::Context;
use crate::args::LogArgs;
use crate::{output, table};

pub(crate) async fn run(context: &Context, args: &LogArgs) -> Result<(), Failure> {
    let entries: Vec<AuditReply> = context.client()?.get("/v1/audit").await?;
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
