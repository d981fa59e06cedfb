//! Opens a page in the system's browser, or in the person's `BROWSER`.

use std::process::{Command, Stdio};

use lanyard_core::{Code, Failure, WebUrl};

/// Opens an http or https address, without a shell.
pub(crate) fn open(address: &str, browser: Option<&str>) -> Result<(), Failure> {
    let url = WebUrl::parse(address).map_err(|error| {
        Failure::new(Code::ProviderRefused, format!("the sign-in page is not opened: {error}"))
    })?;
    let Some(browser) = browser else {
        return open::that_detached(url.url().as_str())
            .map_err(|error| unopened(&error.to_string()));
    };
    let mut last = unopened("BROWSER is empty");
    for candidate in browser.split(':').filter(|candidate| !candidate.trim().is_empty()) {
        match start(candidate, url.url().as_str()) {
            Ok(()) => return Ok(()),
            Err(error) => last = unopened(&format!("{candidate}: {error}")),
        }
    }
    Err(last)
}

/// Starts one entry of `BROWSER`: words separated by blanks, `%s` for the address.
fn start(candidate: &str, address: &str) -> Result<(), std::io::Error> {
    let words: Vec<&str> = candidate.split_ascii_whitespace().collect();
    let (program, rest) = words.split_first().ok_or(std::io::ErrorKind::NotFound)?;
    let mut command = Command::new(program);
    command.args(rest.iter().map(|word| word.replace("%s", address)));
    if !rest.iter().any(|word| word.contains("%s")) {
        command.arg(address);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(drop)
}

fn unopened(reason: &str) -> Failure {
    Failure::new(Code::Failed, "no browser could be opened")
        .action("run the same command with --no-browser")
        .detail(reason)
}
