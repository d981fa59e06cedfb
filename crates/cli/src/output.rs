//! The one place that prints: answers to standard output, everything else to standard error.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the one place that prints")]

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use lanyard_api::TokenReply;
use lanyard_core::{Code, Failure};
use serde::Serialize;
use serde_json::json;

/// Prints the answer. Where it cannot be written the program ends with a failure, so that no script
/// takes nothing for an answer; a reader that went away wants no more.
pub(crate) fn answer(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    if let Err(error) = written.as_ref().map_err(std::io::Error::kind)
        && error != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("lanyard: standard output cannot be written ({error})");
        std::process::exit(Code::Failed.exit_code().into());
    }
}

/// Prints the answer as JSON.
pub(crate) fn answer_json(value: &impl Serialize) {
    let text = serde_json::to_string_pretty(value);
    answer(&text.unwrap_or_else(|error| json!({"error": error.to_string()}).to_string()));
}

/// Prints JSON on one line, for answers that come one after the other.
pub(crate) fn answer_json_line(value: &impl Serialize) {
    answer(&serde_json::to_string(value).unwrap_or_default());
}

/// Prints a token's reply: the token alone, or JSON.
pub(crate) fn token(reply: &TokenReply, as_json: bool) {
    match as_json {
        true => answer_json(reply),
        false => answer(&reply.token),
    }
}

/// Prints a token's reply as the headers of a request, or as JSON.
pub(crate) fn header(reply: &TokenReply, as_json: bool) {
    if as_json {
        return answer_json(reply);
    }
    let proof = reply.dpop.as_ref().map(|proof| format!("\nDPoP: {proof}")).unwrap_or_default();
    answer(&format!("Authorization: {} {}{proof}", reply.token_type, reply.token));
}

/// Tells the person something beside the answer.
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Writes over the last such line, where a person sees it; an empty one takes it away.
pub(crate) fn progress(text: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{text}");
    }
}

/// Asks the person for a line.
pub(crate) fn ask(question: &str) -> String {
    eprint!("{question}");
    let mut line = String::new();
    drop(std::io::stdin().read_line(&mut line));
    line.trim().to_owned()
}

/// Asks the person for a yes.
pub(crate) fn agrees(question: &str) -> bool {
    matches!(ask(question).to_lowercase().as_str(), "y" | "yes")
}

/// Says whether a person reads the answer.
pub(crate) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Says whether a person can be asked.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Clears the screen, for a view that is shown anew.
pub(crate) fn clear() {
    if is_terminal() {
        print!("\x1b[H\x1b[2J");
    }
}

/// Prints what failed and what to do, and returns the exit code.
pub(crate) fn failure(failure: &Failure, as_json: bool) -> ExitCode {
    if as_json {
        answer_json(&json!({"error": failure}));
    } else {
        eprintln!("lanyard: {}", failure.message);
        if let Some(action) = &failure.action {
            eprintln!("  {action}");
        }
        if let Some(detail) = &failure.detail {
            eprintln!("  ({detail})");
        }
    }
    ExitCode::from(failure.code.exit_code())
}

/// Prints help and usage errors as clap words them.
pub(crate) fn usage_error(error: &clap::Error, as_json: bool) -> ExitCode {
    if error.use_stderr() && as_json {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        return failure(&Failure::new(Code::Usage, message).action("see `lanyard --help`"), true);
    }
    drop(error.print());
    ExitCode::from(if error.use_stderr() { Code::Usage.exit_code() } else { 0 })
}

/// Prints one line, then closes standard output, so that whoever reads it knows that it is all.
pub(crate) fn answer_and_close(line: &str) {
    answer(line);
    let null = std::fs::OpenOptions::new().write(true).open("/dev/null");
    let closed = null.and_then(|null| rustix::stdio::dup2_stdout(null).map_err(Into::into));
    if let Err(error) = closed {
        tracing::warn!(%error, "standard output stays open");
    }
}
