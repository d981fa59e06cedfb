use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use lanyard_api::Problem;
use lanyard_core::{ALREADY_RUNNING, Code, DAEMON, Failure, Home, program_missing, program_places};
use lanyard_harden::allowed_environment;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

/// How long a broker may take to come up: it may wait for the person to unlock the keyring.
const START: Duration = Duration::from_secs(75);

/// How long another broker gets to listen before one is started again: it may be about to end.
const OTHER: Duration = Duration::from_millis(250);

/// The longest of these waits; each is twice the one before.
const LONGEST_OTHER: Duration = Duration::from_secs(4);

/// How often its socket is tried meanwhile.
const RETRY: Duration = Duration::from_millis(10);

/// Starts the broker, and returns once it listens, or once another one does.
///
/// # Errors
/// What the broker said when it could not start, such as `keyring-unavailable`.
pub(crate) async fn start_broker(home: &Home) -> Result<(), Failure> {
    let started = async {
        let mut patience = OTHER;
        loop {
            match start_once(home).await {
                Err(failure) if failure.detail.as_deref() == Some(ALREADY_RUNNING) => {
                    if timeout(patience, listening(home)).await.is_ok() {
                        return Ok(());
                    }
                    patience = (patience * 2).min(LONGEST_OTHER);
                }
                outcome => return outcome,
            }
        }
    };
    timeout(START, started).await.unwrap_or_else(|_| {
        Err(Failure::new(Code::TimedOut, "the broker did not start in time")
            .action("run `lanyard broker` to see why"))
    })
}

async fn start_once(home: &Home) -> Result<(), Failure> {
    let program = find_daemon()?;
    let mut child = command(&program, home, &["broker", "--background"])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(&program, &error))?;
    let stdout = child.stdout.take().ok_or_else(|| Failure::new(Code::Failed, "no answer"))?;
    let mut line = String::new();
    let read = BufReader::new(stdout).read_line(&mut line).await;
    read.map_err(|error| not_started(&program, &error))?;
    match serde_json::from_str::<Problem>(&line) {
        Ok(problem) => Err(problem.into_failure()),
        Err(_) if line.trim().is_empty() => {
            Err(Failure::new(Code::Failed, "the broker ended before it listened")
                .action("run `lanyard broker` to see why"))
        }
        Err(_) => Ok(()),
    }
}

/// Waits until somebody listens.
async fn listening(home: &Home) {
    while !matches!(crate::connect::connect(&home.socket).await, Ok(Some(_))) {
        sleep(RETRY).await;
    }
}

/// Returns the path of the program that owns keys, cache and providers.
fn find_daemon() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().unwrap_or_default();
    let found = program_places(&own, DAEMON).into_iter().find(|path| path.is_file());
    found.ok_or_else(|| program_missing(&own, DAEMON))
}

fn command(program: &Path, home: &Home, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).env_clear().envs(allowed_environment()).current_dir("/");
    command.env("LANYARD_SOCKET", &home.socket);
    if let Some(folder) = home.folder() {
        command.env("LANYARD_HOME", folder);
    }
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

fn not_started(program: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::Failed, format!("could not start {}", program.display()))
        .action("check the installation")
        .detail(error.to_string())
}
