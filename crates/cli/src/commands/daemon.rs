//! The commands that own keys, cache or providers. They are reached only through
//! [`Setup::with_daemon`], so that the program without it does not link what they need.
//!
//! [`Setup::with_daemon`]: crate::Setup::with_daemon

use std::process::ExitCode;

use super::{Context, broker, cache, doctor, ended, secret, tray};
use crate::args::DaemonCommand;
use crate::environment::Providers;

pub(crate) fn run(context: &Context, providers: Providers, command: DaemonCommand) -> ExitCode {
    let done = match command {
        DaemonCommand::Broker(args) => return broker::run(context, providers, &args),
        DaemonCommand::Doctor(args) => return doctor::run(context, providers, &args),
        DaemonCommand::Tray(args) => tray::run(context, &args),
        DaemonCommand::Cache(command) => cache::run(context, &command),
        DaemonCommand::Secret(command) => secret::run(context, command),
    };
    ended(context, done)
}
