//! Calls that the person has to agree to first, and what their own terminal settles.

use std::io::IsTerminal;

use lanyard_api::{
    AccountReply, DoneReply, PromptReply, TerminalAnswerCall, TokenCall, TokenReply,
};
use lanyard_client::Client;
use lanyard_core::{Code, Failure, OF_PROFILE, TERMINAL_PROMPT, printable};
use tokio::task::spawn_blocking;

use super::Context;
use crate::output;

/// How often a passphrase is asked for.
const TRIES: u32 = 3;

/// Longest line of what describes a program, in characters.
const LONGEST: usize = 200;

/// Calls until the person answered. Each call waits a minute for them. Without a terminal nobody sees
/// that it waits, so it is called once.
pub(crate) async fn until_answered<R, F>(
    context: &Context,
    client: &Client,
    mut call: impl FnMut() -> F,
) -> Result<R, Failure>
where
    F: Future<Output = Result<R, Failure>>,
{
    let mut said = false;
    loop {
        match call().await {
            Err(failure) if is_for_terminal(&failure) => {
                allow_here(context, client, failure).await?;
            }
            Err(failure) if waits(&failure) => {
                if !std::mem::replace(&mut said, true) {
                    output::note("lanyard: answer in Lanyard's tray or window; Ctrl-C gives up");
                }
            }
            answered => return answered,
        }
    }
}

/// Gets a token, after the person at this terminal has chosen the account and allowed it where nobody
/// can be asked elsewhere. The call keeps the chosen account.
pub(crate) async fn for_token(
    context: &Context,
    client: &Client,
    call: &mut TokenCall,
) -> Result<TokenReply, Failure> {
    loop {
        match client.token(call).await {
            Err(failure) if failure.code == Code::AccountAmbiguous && may_ask(context) => {
                call.account = Some(chosen(client, call, failure).await?);
            }
            Err(failure) if is_for_terminal(&failure) => {
                allow_here(context, client, failure).await?;
            }
            reply => return reply,
        }
    }
}

fn waits(failure: &Failure) -> bool {
    failure.code == Code::PromptPending && std::io::stderr().is_terminal()
}

fn is_for_terminal(failure: &Failure) -> bool {
    failure.code == Code::PromptPending && question_id(failure).is_some()
}

fn question_id(failure: &Failure) -> Option<&str> {
    failure.detail.as_deref()?.strip_prefix(TERMINAL_PROMPT)
}

fn may_ask(context: &Context) -> bool {
    !context.json && output::can_ask()
}

/// Puts the question on this terminal, and takes the passphrase for a yes.
///
/// # Errors
/// `failure` where nothing can be asked here, else `refused`.
async fn allow_here(context: &Context, client: &Client, failure: Failure) -> Result<(), Failure> {
    if !may_ask(context) {
        return Err(failure);
    }
    let questions: Vec<PromptReply> = client.get("/v1/prompts").await?;
    let own = |question: &&PromptReply| Some(question.id.as_str()) == question_id(&failure);
    let Some(question) = questions.iter().find(own) else { return Err(failure) };
    output::note(&described(question));
    for _ in 0..TRIES {
        let passphrase = passphrase().await?;
        if passphrase.is_empty() {
            let path = format!("/v1/prompts/{}", question.id);
            let _: DoneReply = client.call("DELETE", &path, None::<&()>).await?;
            return Err(Failure::new(Code::Refused, "you refused")
                .action("the question can be asked again in ten minutes"));
        }
        let path = format!("/v1/prompts/{}/terminal", question.id);
        let answer = TerminalAnswerCall { passphrase };
        match client.call::<DoneReply>("POST", &path, Some(&answer)).await {
            Err(wrong) if matches!(wrong.code, Code::WrongKey | Code::Locked) => {
                output::note(&format!("lanyard: {wrong}"));
            }
            answered => return answered.map(drop),
        }
    }
    Err(Failure::new(Code::Refused, "no right passphrase was given")
        .action("run the command again; after wrong ones each try has to wait longer"))
}

async fn passphrase() -> Result<String, Failure> {
    let asked = "Passphrase of Lanyard's cache to allow it (an empty line refuses): ";
    let typed = spawn_blocking(move || rpassword::prompt_password(asked)).await;
    let typed = typed.map_err(std::io::Error::other).and_then(|typed| typed);
    typed.map_err(|error| {
        Failure::new(Code::Refused, "no passphrase could be read")
            .action("run the command in a terminal")
            .detail(error.to_string())
    })
}

/// Returns who asks for what and why, in the system's words and not in the program's.
fn described(question: &PromptReply) -> String {
    let evidence = &question.evidence;
    let ancestors = evidence.ancestors.join(", ");
    let pid = evidence.pid.map(|pid| pid.to_string());
    let lines = [
        ("profile", question.profile.as_deref()),
        ("for", question.audience.as_deref()),
        ("because", question.why.as_deref()),
        ("program", evidence.executable.as_deref()),
        ("script", evidence.script.as_deref()),
        ("folder", evidence.folder.as_deref()),
        ("started by", Some(ancestors.as_str()).filter(|known| !known.is_empty())),
        ("process", pid.as_deref()),
        ("unknown", evidence.unknown.as_deref()),
    ];
    let lines = lines.into_iter().filter_map(|(name, value)| {
        value.map(|value| format!("\n  {name:<10}  {}", printable(value, LONGEST)))
    });
    let title = lanyard_desktop::question::title(question);
    format!("{title}{}", lines.collect::<String>())
}

/// Has the person choose one of the accounts that match.
///
/// # Errors
/// `failure` where no number of the list is given.
async fn chosen(client: &Client, call: &TokenCall, failure: Failure) -> Result<String, Failure> {
    let profile = failure.detail.as_deref().and_then(|detail| detail.strip_prefix(OF_PROFILE));
    let matches = |account: &AccountReply| {
        profile == Some(account.profile.as_str())
            && call.account.as_ref().is_none_or(|wanted| *wanted == account.username)
    };
    let accounts: Vec<AccountReply> =
        client.status().await?.accounts.into_iter().filter(matches).collect();
    output::note(&format!("{}:", failure.message));
    for (number, account) in (1..).zip(&accounts) {
        output::note(&format!("  {number}  {}", named(account)));
    }
    let typed = output::ask("Which one? ").parse::<usize>().ok();
    let one = typed.and_then(|number| accounts.get(number.checked_sub(1)?)).ok_or(failure)?;
    output::note(&format!("lanyard: to choose it without being asked: --account {}", one.account));
    Ok(one.account.clone())
}

fn named(account: &AccountReply) -> String {
    let tenant = account.tenant_name.as_ref().or(account.tenant.as_ref());
    let tenant = tenant.map(|tenant| format!(" in {}", printable(tenant, LONGEST)));
    let username = printable(&account.username, LONGEST);
    format!("{username}{} ({})", tenant.unwrap_or_default(), account.issuer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_says_who_asks_for_what_and_why_without_hiding_lines() {
        let question = serde_json::json!({
            "id": "1", "kind": "approve", "program": "agent.py", "profile": "work",
            "username": "maria", "audience": "mail\u{1b}[2J\nread", "why": "the config asks",
            "evidence": {"pid": 7, "executable": "/usr/bin/python3", "script": "/tmp/agent.py",
                "folder": "/tmp", "ancestors": ["bash", "sshd"]},
            "asked_at": "2026-11-21T13:24:00Z",
        });
        let question: PromptReply = serde_json::from_value(question).unwrap();
        let lines: Vec<String> = described(&question).lines().map(str::to_owned).collect();
        let expected = [
            "agent.py asks for a token of maria",
            "  profile     work",
            "  for         mail[2Jread",
            "  because     the config asks",
            "  program     /usr/bin/python3",
            "  script      /tmp/agent.py",
            "  folder      /tmp",
            "  started by  bash, sshd",
            "  process     7",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn only_a_question_that_nobody_else_can_be_asked_is_for_the_terminal() {
        let pending = Failure::new(Code::PromptPending, "the person has been asked");
        assert!(is_for_terminal(&pending.clone().detail("terminal prompt 7")));
        assert!(!is_for_terminal(&pending.clone().detail("prompt 7")));
        assert!(!is_for_terminal(&pending));
    }
}
