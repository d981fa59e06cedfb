//! The commands, a file for each.

mod approvals;
mod asking;
mod broker;
pub(crate) mod cache;
pub(crate) mod daemon;
mod device;
mod doctor;
mod lock;
mod log;
mod login;
mod logout;
mod profile;
mod secret;
mod status;
mod token;
mod tray;

use std::os::unix::process::CommandExt;
use std::process::ExitCode;

use lanyard_client::Client;
use lanyard_core::{Code, DAEMON, Failure, program_missing, program_places};

use crate::args::{Cli, Command};
use crate::environment::Daemon;
use crate::{Setup, args, output};

/// What every command gets.
#[derive(Debug)]
pub struct Context {
    pub(crate) setup: Setup,
    pub(crate) json: bool,
}

impl Context {
    /// Returns a client that starts the broker where there is none.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(Client::new(self.setup.home()?))
    }
}

pub(crate) fn run(setup: Setup, cli: Cli) -> ExitCode {
    let context = Context { setup, json: cli.json };
    let done = match cli.command {
        Command::Daemon(command) => {
            return match context.setup.daemon {
                Daemon::Here { providers, run } => run(&context, providers, command),
                Daemon::Beside => beside(context.json),
            };
        }
        Command::Completions { shell } => {
            completions(&context, shell);
            Ok(())
        }
        Command::Man { command } => man(&context, &command),
        Command::Login(args) => match wait_for(login::run(&context, args)) {
            Ok(code) => return code,
            Err(failure) => Err(failure),
        },
        Command::Logout(args) => wait_for(logout::run(&context, args)),
        Command::Status(args) => wait_for(status::run(&context, &args)),
        Command::Token(args) => wait_for(token::run(&context, args)),
        Command::Header(args) => wait_for(token::header(&context, args)),
        Command::Profile(command) => wait_for(profile::run(&context, command)),
        Command::Approvals(command) => wait_for(approvals::run(&context, command)),
        Command::Lock => wait_for(lock::lock(&context)),
        Command::Unlock(args) => wait_for(lock::unlock(&context, &args)),
        Command::Log(args) => wait_for(log::run(&context, &args)),
    };
    ended(&context, done)
}

fn ended(context: &Context, done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output::failure(&failure, context.json),
    }
}

/// Goes on as the program that owns keys, cache and providers, with the same arguments.
fn beside(json: bool) -> ExitCode {
    let own = std::env::current_exe().unwrap_or_default();
    let Some(program) = program_places(&own, DAEMON).into_iter().find(|path| path.is_file()) else {
        return output::failure(&program_missing(&own, DAEMON), json);
    };
    let error = std::process::Command::new(&program).args(std::env::args_os().skip(1)).exec();
    let message = format!("could not start {}", program.display());
    let failure =
        Failure::new(Code::Failed, message).action("check its mode, or install Lanyard anew");
    output::failure(&failure.detail(error.to_string()), json)
}

fn wait_for<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(Code::Failed, error.to_string()))?.block_on(command)
}

fn completions(context: &Context, shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(&context.setup), "lanyard", &mut script);
    output::answer(String::from_utf8_lossy(&script).trim_end());
}

/// Prints the page of a command, found by its words; without any, the program's own.
fn man(context: &Context, words: &[String]) -> Result<(), Failure> {
    let mut command = args::command(&context.setup);
    command.build();
    for word in words {
        let found = command.find_subcommand(word).filter(|found| !found.is_hide_set()).cloned();
        command = found.ok_or_else(|| {
            let message = format!("there is no command \"{}\"", words.join(" "));
            Failure::new(Code::Usage, message).action("see `lanyard --help`")
        })?;
    }
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
    output::answer(String::from_utf8_lossy(&page).trim_end());
    Ok(())
}

/// Begins a session of its own, so that the terminal's signals do not end it.
fn leave_terminal() {
    if let Err(error) = rustix::process::setsid() {
        tracing::debug!(%error, "this process leads a group already");
    }
}
