//! The program `lanyard`: command line, broker and tray. The only place that assembles config,
//! providers and cache into an engine and a broker.

mod args;
mod browser;
mod commands;
mod config_file;
pub mod docs;
mod environment;
mod examples;
mod hardening;
mod output;
mod process_end;
mod secrets;
mod serve;
mod session;
mod table;
#[cfg(feature = "test-prompter")]
mod test_prompter;
mod vault;

use std::ffi::OsString;
use std::process::ExitCode;

pub use args::DaemonCommand;
pub use commands::Context;
pub use environment::{Daemon, Providers, Setup};

/// Runs the program with these arguments and returns its exit code.
pub fn run(setup: Setup, args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let json = args.iter().any(|arg| arg == "--json");
    match args::parse(&setup, args) {
        Ok(cli) => commands::run(setup, cli),
        Err(error) => output::usage_error(&error, json),
    }
}
