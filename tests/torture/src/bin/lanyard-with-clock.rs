//! `lanyard-daemon` with a clock that a file makes wrong.

use std::process::ExitCode;

use lanyard_cli::Setup;

fn main() -> ExitCode {
    let setup = Setup { clock: lanyard_torture::clock, ..Setup::of_process() };
    lanyard_cli::run(setup.with_daemon(lanyard_providers::all), std::env::args_os())
}
