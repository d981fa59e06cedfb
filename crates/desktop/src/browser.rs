use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use lanyard_core::{Code, Failure, WebUrl};
use lanyard_harden::allowed_environment;

/// How long an opener is watched: one that is not set up fails at once, and one that still runs
/// has become the browser.
const WATCHED: Duration = Duration::from_secs(2);

/// Opens a provider's page in the system browser.
///
/// # Errors
/// As [`open_page_by`].
pub async fn open_page(address: &str) -> Result<(), Failure> {
    let address = address.to_owned();
    let opening = move || open_page_by(&address, system_browsers);
    tokio::task::spawn_blocking(opening).await.unwrap_or_else(|_| Err(unopened()))
}

/// Opens a provider's page by the first of the programs that works: web addresses only. It blocks
/// for two seconds where a program goes on running.
///
/// # Errors
/// `refused` for any other address, `failed` where no browser could be started.
pub fn open_page_by(
    address: &str,
    programs: impl FnOnce(&str) -> Vec<Command>,
) -> Result<(), Failure> {
    let page = WebUrl::parse(address).map_err(|error| {
        Failure::new(Code::Refused, "the provider's page is no web address")
            .action("check the profile's issuer")
            .detail(error.to_string())
    })?;
    let opened = programs(page.url().as_str()).into_iter().any(started);
    if opened { Ok(()) } else { Err(unopened()) }
}

/// Returns the programs that open a page in the system browser: without a shell, and with an
/// environment that loads no code into the browser.
pub fn system_browsers(page: &str) -> Vec<Command> {
    let mut programs = open::commands(page);
    for program in &mut programs {
        program.env_clear().envs(allowed_environment()).current_dir("/");
    }
    programs
}

fn started(mut program: Command) -> bool {
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // What ends the terminal's foreground group does not end the browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut program, 0);
    let Ok(mut program) = program.spawn() else { return false };
    let (says, end) = mpsc::channel();
    // The thread outlasts the watch, so that the program is reaped whenever it ends.
    std::thread::spawn(move || says.send(program.wait()));
    match end.recv_timeout(WATCHED) {
        Ok(Ok(status)) => status.success(),
        Ok(Err(_)) | Err(_) => true,
    }
}

fn unopened() -> Failure {
    Failure::new(Code::Failed, "no browser could be started")
        .action("run `lanyard login --no-browser` and open the page it prints")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_web_addresses_are_opened() {
        let others = ["file:///etc/passwd", "javascript:alert(1)", "--help", "x-terminal:id", ""];
        for address in others {
            assert_eq!(open_page(address).await.unwrap_err().code, Code::Refused, "{address}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_fails_gives_way_to_the_next() {
        assert!(opened_by(&["lanyard-no-such-program", "false", "true"]).is_ok());
        assert_eq!(opened_by(&["false"]).unwrap_err().code, Code::Failed);
        assert_eq!(opened_by(&[]).unwrap_err().code, Code::Failed);
    }

    #[cfg(unix)]
    fn opened_by(programs: &[&str]) -> Result<(), Failure> {
        let programs = programs.iter().map(Command::new).collect();
        open_page_by("https://id.example.com/", |_| programs)
    }
}
