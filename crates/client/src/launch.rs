use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use lanyard_api::Problem;
use lanyard_core::{Code, Failure, Home};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use crate::environment::allowed_environment;

/// How long a broker may take to come up: it may wait for the person to unlock the keyring.
const START: Duration = Duration::from_secs(75);

/// How often a socket that another broker is about to open is tried.
const RETRY: Duration = Duration::from_millis(10);

/// Starts the broker, and returns once it listens, or once another one does.
///
/// # Errors
/// What the broker said when it could not start, such as `keyring-unavailable`.
pub(crate) async fn start_broker(home: &Home) -> Result<(), Failure> {
    let program = find_program()?;
    let mut child = command(&program, home, &["broker", "--background"])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(&program, &error))?;
    let stdout = child.stdout.take().ok_or_else(|| Failure::new(Code::Failed, "no answer"))?;
    let mut line = String::new();
    let read = timeout(START, BufReader::new(stdout).read_line(&mut line)).await;
    match read {
        Err(_) => Err(Failure::new(Code::TimedOut, "the broker did not start in time")
            .action("run `lanyard broker` to see why")),
        Ok(Err(error)) => Err(not_started(&program, &error)),
        Ok(Ok(_)) => told(&line, home).await,
    }
}

/// The broker's first line is empty JSON once it listens, or the problem that kept it from it.
async fn told(line: &str, home: &Home) -> Result<(), Failure> {
    if let Ok(problem) = serde_json::from_str::<Problem>(line) {
        let another = problem.title.contains("already running");
        return if another { listening(home).await } else { Err(problem.into_failure()) };
    }
    if line.trim().is_empty() {
        return Err(Failure::new(Code::Failed, "the broker ended before it listened")
            .action("run `lanyard broker` to see why"));
    }
    Ok(())
}

/// Waits for the broker that holds the cache to listen.
async fn listening(home: &Home) -> Result<(), Failure> {
    let connected = async {
        loop {
            if let Ok(Some(_)) = crate::connect::connect(&home.socket).await {
                return;
            }
            sleep(RETRY).await;
        }
    };
    timeout(START, connected).await.map_err(|_| {
        Failure::new(Code::TimedOut, "a broker holds the cache but does not listen")
            .action("stop it and try again; `lanyard doctor` names it")
    })
}

/// Starts the tray, detached from this process.
///
/// # Errors
/// `failed` if the program cannot be found or started.
pub fn start_tray(home: &Home) -> Result<(), Failure> {
    let program = find_program()?;
    let child = command(&program, home, &["tray", "--background"]).stdout(Stdio::null()).spawn();
    child.map(drop).map_err(|error| not_started(&program, &error))
}

/// Returns the path of the program `lanyard`: beside this program, or where packages put it.
///
/// # Errors
/// `failed` if it is nowhere.
pub fn find_program() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().ok();
    let beside = own.as_deref().and_then(Path::parent).map(|folder| folder.join(PROGRAM));
    let above =
        beside.as_deref().and_then(|path| path.parent()?.parent().map(|up| up.join(PROGRAM)));
    let places = [
        beside,
        above,
        Some(PathBuf::from("/usr/bin/lanyard")),
        Some(PathBuf::from("/usr/local/bin/lanyard")),
    ];
    places.into_iter().flatten().find(|path| path.is_file()).ok_or_else(|| {
        Failure::new(Code::Failed, "the program `lanyard` was not found")
            .action("install Lanyard, or start `lanyard broker` by hand")
    })
}

/// The program's file name.
const PROGRAM: &str = if cfg!(windows) { "lanyard.exe" } else { "lanyard" };

fn command(program: &Path, home: &Home, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).env_clear().envs(allowed_environment()).current_dir("/");
    command.env("LANYARD_SOCKET", &home.socket);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

fn not_started(program: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::Failed, format!("could not start {}", program.display()))
        .action("check the installation")
        .detail(error.to_string())
}
