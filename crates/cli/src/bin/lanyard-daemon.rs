//! The program `lanyard-daemon`: everything of `lanyard`, and broker and tray themselves.

use std::process::ExitCode;

fn main() -> ExitCode {
    let setup = lanyard_cli::Setup::of_process().with_daemon(lanyard_providers::all);
    lanyard_cli::run(setup, std::env::args_os())
}
