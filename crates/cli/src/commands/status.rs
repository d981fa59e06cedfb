use jiff::Timestamp;
use jiff::tz::TimeZone;
use lanyard_api::{AccountReply, Event, PromptKind, PromptReply, StatusReply};
use lanyard_core::{AccountState, Clock, Failure, SystemClock, printable};
use lanyard_desktop::wording;

use super::Context;
use crate::args::StatusArgs;
use crate::{output, table};

/// Widest that a name is shown.
const WIDEST: usize = 48;

pub(crate) async fn run(context: &Context, args: &StatusArgs) -> Result<(), Failure> {
    let client = context.client()?;
    if !args.watch {
        show(context, &client.status().await?);
        return Ok(());
    }
    let mut events = client.events().await?;
    while let Some(event) = events.next().await {
        match event? {
            Event::State { status } => {
                output::clear();
                show(context, &status);
            }
            Event::Show | Event::Unknown => {}
        }
    }
    output::note("lanyard: the broker stopped");
    Ok(())
}

fn show(context: &Context, status: &StatusReply) {
    if context.json {
        return output::answer_json(status);
    }
    let now = SystemClock.now();
    output::answer(&text(status, now, &TimeZone::system()));
    if let Some(problem) = &status.config_problem {
        output::note(&format!("lanyard: {}", problem.title));
    }
}

/// Returns what people read: a sentence, a table, and what to do where something is wrong.
fn text(status: &StatusReply, now: Timestamp, zone: &TimeZone) -> String {
    let sentence = wording::sentence(status, now, zone);
    let questions = status.prompts.iter().map(question);
    if status.accounts.is_empty() {
        let action = match status.profiles.first() {
            None => "Add a profile with `lanyard profile add`.".to_owned(),
            Some(profile) => format!("Sign in with `lanyard login {}`.", profile.name),
        };
        let first = format!("{sentence}\n{action}");
        return std::iter::once(first).chain(questions).collect::<Vec<_>>().join("\n\n");
    }
    let rows: Vec<Vec<String>> =
        status.accounts.iter().map(|account| row(account, status, now, zone)).collect();
    let heading = ["PROFILE", "USER", "TENANT", "STATE", "TOKEN", "PROVIDER"];
    let mut parts = vec![sentence, table::table(&heading, &rows)];
    parts.extend(questions);
    parts.extend(status.accounts.iter().filter_map(trouble));
    parts.join("\n\n")
}

/// Returns a question that waits: which program asks, for what, and how it is answered.
fn question(prompt: &PromptReply) -> String {
    let program = printable(&prompt.program, WIDEST);
    match (prompt.kind, &prompt.profile) {
        (PromptKind::SignIn, Some(profile)) => format!(
            "{program} waits for a sign-in to {profile}\n  run `lanyard login {profile}`, or answer in the tray"
        ),
        (_, Some(profile)) => {
            format!("{program} waits for an answer about {profile}\n  answer in the tray or window")
        }
        (_, None) => format!("{program} waits for an answer\n  answer in the tray or window"),
    }
}

fn trouble(account: &AccountReply) -> Option<String> {
    let error = account.last_error.as_ref()?;
    let trouble = format!("{}: {}", account.profile, error.message);
    if account.state == AccountState::SignInRequired {
        return Some(format!("{trouble}\n  run `lanyard login {}`", account.profile));
    }
    Some(trouble)
}

fn row(
    account: &AccountReply,
    status: &StatusReply,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<String> {
    let provider = status.providers.iter().find(|provider| provider.id == account.provider);
    let tenant = account.tenant_name.as_deref().or(account.tenant.as_deref()).unwrap_or("–");
    let token = match account.token_expires_at {
        Some(end) if end > now => {
            format!("{} (until {})", wording::time_left(now, end), wording::moment(now, end, zone))
        }
        Some(_) | None => "none now".to_owned(),
    };
    vec![
        account.profile.clone(),
        printable(&account.username, WIDEST),
        printable(tenant, WIDEST),
        state(account.state).to_owned(),
        token,
        provider.map_or_else(|| account.provider.clone(), |provider| provider.label.clone()),
    ]
}

const fn state(state: AccountState) -> &'static str {
    match state {
        AccountState::Ok => "signed in",
        AccountState::Expiring => "ends soon",
        AccountState::Expired => "ended",
        AccountState::SignInRequired => "needs you",
        AccountState::Error => "failing",
        AccountState::Locked => "locked",
        AccountState::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_waits_is_shown_with_its_answer() {
        let golden = include_str!("../../../api/tests/v1/status-reply.json");
        let mut status: StatusReply = serde_json::from_str(golden).unwrap();
        let wanted = "python3 waits for a sign-in to company\n  run `lanyard login company`";
        for _ in 0..2 {
            let shown = text(&status, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
            assert!(shown.contains(wanted), "{shown}");
            status.accounts.clear();
        }
    }
}
