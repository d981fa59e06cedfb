use std::path::{Path, PathBuf};
use std::process::Stdio;

use lanyard_core::{Code, Failure, Home};
use lanyard_harden::allowed_environment;
use tokio::process::Command;

/// The window's program: beside this one, or where packages put it.
const PROGRAM: &str = "lanyard-app";

/// Opens the window; where it is open already it comes to the front.
///
/// # Errors
/// `failed` if the program is not installed or does not start.
pub(super) fn open_window(home: &Home) -> Result<(), Failure> {
    let program = find_program()?;
    let mut command = Command::new(&program);
    command.arg("--open").env_clear().envs(allowed_environment()).current_dir("/");
    command.env("LANYARD_SOCKET", &home.socket).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Dropped, it is reaped by the runtime once it ends.
    command.spawn().map(drop).map_err(|error| {
        Failure::new(Code::Failed, format!("could not start {}", program.display()))
            .action("check the installation")
            .detail(error.to_string())
    })
}

fn find_program() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().ok();
    let beside = own.as_deref().and_then(Path::parent).map(|folder| folder.join(PROGRAM));
    let places = [beside, Some(Path::new("/usr/bin").join(PROGRAM))];
    places.into_iter().flatten().find(|path| path.is_file()).ok_or_else(|| {
        Failure::new(Code::Failed, "the window's program is not installed")
            .action("install Lanyard with its window, or use `lanyard status`")
    })
}
