//! The program `lanyard`, that people and scripts type. It links neither database nor providers.

use std::process::ExitCode;

fn main() -> ExitCode {
    lanyard_cli::run(lanyard_cli::Setup::of_process(), std::env::args_os())
}
