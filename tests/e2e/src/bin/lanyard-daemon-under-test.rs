//! The program `lanyard-daemon` with a second socket, whose callers count as the person.

use std::process::ExitCode;

use lanyard_cli::Setup;

fn main() -> ExitCode {
    let setup = Setup { test_prompter: true, ..Setup::of_process() };
    lanyard_cli::run(setup.with_daemon(lanyard_providers::all), std::env::args_os())
}
