//! The program `lanyard` with a provider that exists for tests only.

use std::process::ExitCode;

fn main() -> ExitCode {
    lanyard_cli::run(lanyard_e2e::acme::setup(), std::env::args_os())
}
