//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use jiff::SignedDuration;

pub(crate) use crate::commands::cache::args::CacheCommand;
use crate::{Setup, examples};

/// Sign in once; every program gets its token from the shared cache
#[derive(Debug, Parser)]
#[command(name = "lanyard", version, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = examples::MAIN)]
pub(crate) struct Cli {
    /// Print the answer, or the error, as JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in through a profile, on the provider's own page in the browser
    #[command(after_help = examples::LOGIN)]
    Login(LoginArgs),
    /// Sign out: end the grant at the provider, then forget it
    #[command(after_help = examples::LOGOUT)]
    Logout(LogoutArgs),
    /// Show accounts, their state and their expiries
    #[command(after_help = examples::STATUS)]
    Status(StatusArgs),
    /// Print a token, from the cache or fresh from the provider
    #[command(after_help = examples::TOKEN)]
    Token(TokenArgs),
    /// Print an authorization header, for `curl -H @-`
    #[command(after_help = examples::HEADER)]
    Header(HeaderArgs),
    /// List, show and change profiles
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Show who got which token, newest first
    Log(LogArgs),
    /// List and revoke what was allowed to programs
    #[command(subcommand)]
    Approvals(ApprovalsCommand),
    /// Lock: keys and tokens leave memory, and every request waits outside
    Lock,
    /// End the lock
    Unlock(UnlockArgs),
    #[command(flatten)]
    Daemon(DaemonCommand),
    /// Print the completions for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// Shell to complete for
        shell: Shell,
    },
    /// Print the manual page of the program, or of one command
    #[command(after_help = examples::MAN)]
    Man {
        /// Command, such as `token` or `profile add`; none for the program's own page
        command: Vec<String>,
    },
}

/// The commands that own keys, cache or providers.
#[derive(Debug, Subcommand)]
pub enum DaemonCommand {
    /// Keep the secrets that profiles refer to in the OS keyring
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Look after the encrypted cache and its keys
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Say what is wrong and how to repair it
    #[command(after_help = examples::DOCTOR)]
    Doctor(DoctorArgs),
    /// Run the broker in the foreground
    Broker(BrokerArgs),
    /// Run the tray in the foreground
    Tray(TrayArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApprovalsCommand {
    /// List them, newest first
    List,
    /// Revoke one, so that its question is asked again
    Revoke {
        /// Its number in the list
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct UnlockArgs {
    /// Read the passphrase from standard input
    #[arg(long)]
    pub(crate) passphrase_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// Profile to sign in through; none for `LANYARD_PROFILE`, the default one, or the only one
    pub(crate) profile: Option<String>,
    /// User name that the provider's page should suggest
    #[arg(long)]
    pub(crate) username: Option<String>,
    /// Tenant to sign in to, by domain or id, where the provider has tenants
    #[arg(long)]
    pub(crate) tenant: Option<String>,
    /// Print the page's address, and take the return address on standard input
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Show a code to enter in a browser on any machine, where the provider offers that
    #[arg(long, conflicts_with = "no_browser")]
    pub(crate) device: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    /// Profile, account id or user name; none where only one account is signed in
    #[arg(conflicts_with = "all")]
    pub(crate) target: Option<String>,
    /// Sign out of every account
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Keep showing it, anew at each change, until Ctrl-C
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Profile to get the token through; none for `LANYARD_PROFILE`, the default one, or the only one
    pub(crate) profile: Option<String>,
    /// Issuer of the token, in place of a profile
    #[arg(long, value_name = "URL", conflicts_with = "profile")]
    pub(crate) issuer: Option<String>,
    /// Account id or user name, where a profile has several
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// Another tenant of the same sign-in, by domain or id
    #[arg(long)]
    pub(crate) tenant: Option<String>,
    /// Scope, in place of the profile's; repeatable
    #[arg(long, conflicts_with = "resource")]
    pub(crate) scope: Vec<String>,
    /// Resource that the token is for, in place of scopes
    #[arg(long)]
    pub(crate) resource: Option<String>,
    /// Print the ID token instead of the access token
    #[arg(long)]
    pub(crate) id_token: bool,
    /// Shortest validity that will do, such as 5m
    #[arg(long, value_parser = duration)]
    pub(crate) min_valid: Option<SignedDuration>,
    /// Ask the provider although a fresh token is at hand
    #[arg(long)]
    pub(crate) force: bool,
    /// Claims challenge of an API, as a JSON object
    #[arg(long, value_parser = claims)]
    pub(crate) claims: Option<String>,
    /// Longest wait for a person to sign in elsewhere, such as 2m
    #[arg(long, value_parser = duration)]
    pub(crate) wait: Option<SignedDuration>,
}

#[derive(Debug, Args)]
pub(crate) struct HeaderArgs {
    #[command(flatten)]
    pub(crate) token: TokenArgs,
    /// Request that the token is for: also prints its proof, for profiles with dpop = true
    #[arg(long, num_args = 2, value_names = ["METHOD", "URL"])]
    pub(crate) dpop: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// List the profiles of the config file
    List,
    /// Show a profile, or with --schema every key of a provider
    Show {
        /// Profile, or provider with --schema
        name: String,
        /// Show every key of every method
        #[arg(long)]
        schema: bool,
    },
    /// Add a profile; at a terminal, what is missing is asked for
    #[command(after_help = examples::PROFILE_ADD)]
    Add {
        /// Name of the new profile: letters, digits, `-`, `_` and `.`
        name: String,
        /// Identity provider
        #[arg(long)]
        provider: Option<String>,
        /// Way to sign in; none for the provider's usual one
        #[arg(long)]
        method: Option<String>,
        /// Key and value, repeatable; `lanyard profile show PROVIDER --schema` lists the keys
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
        set: Vec<(String, String)>,
    },
    /// Change keys of a profile; the file's comments stay
    #[command(after_help = examples::PROFILE_EDIT)]
    Edit {
        /// Name of the profile
        name: String,
        /// Key and its new value, repeatable
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
        set: Vec<(String, String)>,
        /// Key to remove, repeatable
        #[arg(long, value_name = "KEY")]
        unset: Vec<String>,
    },
    /// Remove a profile; its accounts stay until they are signed out
    Remove {
        /// Name of the profile
        name: String,
    },
}

/// What is done with a secret.
#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Store a secret: from standard input, or asked for without echo
    #[command(after_help = examples::SECRET_SET)]
    Set {
        /// Name that profiles refer to by { keyring = "NAME" }
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
    },
    /// List the secrets that profiles refer to, and whether each is stored
    List,
    /// Remove a secret from the keyring
    Remove {
        /// Name that profiles refer to by { keyring = "NAME" }
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Number of entries, counted from the newest
    #[arg(long, short = 'n', default_value_t = 50)]
    pub(crate) lines: usize,
    /// Say whether the trail is whole, entry by entry, in place of showing it
    #[arg(long)]
    pub(crate) verify: bool,
}

/// What doctor does with its findings.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// File to write a bug report to; it is shown before it is written
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
    /// Keep hosts and user names in the bug report
    #[arg(long, requires = "bundle")]
    pub(crate) with_names: bool,
}

/// How the broker is run.
#[derive(Debug, Args)]
pub struct BrokerArgs {
    /// Leave the terminal, and say on standard output when it listens
    #[arg(long, hide = true)]
    pub(crate) background: bool,
}

/// How the tray is run.
#[derive(Debug, Args)]
pub struct TrayArgs {
    /// Be the tray that the broker started
    #[arg(long, hide = true)]
    pub(crate) answers: bool,
    /// Leave the terminal
    #[arg(long, hide = true)]
    pub(crate) background: bool,
}

/// Reads the command line. The providers' names come from their descriptions.
pub(crate) fn parse(setup: &Setup, args: Vec<OsString>) -> Result<Cli, clap::Error> {
    let matches = command(setup).try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches)
}

/// Returns the command line's description, for help, completions and the manual page.
pub(crate) fn command(setup: &Setup) -> clap::Command {
    let ids: Vec<&'static str> = setup.descriptors.iter().map(|descriptor| descriptor.id).collect();
    let provider = |arg: clap::Arg| arg.value_parser(PossibleValuesParser::new(ids));
    Cli::command().mut_subcommand("profile", |profile| {
        profile.mut_subcommand("add", |add| add.mut_arg("provider", provider))
    })
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    let parsed: Option<SignedDuration> = text.parse().ok();
    let sensible =
        |duration: &SignedDuration| !duration.is_negative() && duration.as_hours() <= 24 * 365;
    parsed.filter(sensible).ok_or_else(|| "give a duration such as 90s, 5m or 1h".to_owned())
}

fn claims(text: &str) -> Result<String, String> {
    let parsed: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(text);
    parsed.map(|_| text.to_owned()).map_err(|_| "give a JSON object".to_owned())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("give KEY=VALUE")?;
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if key.is_empty() || !key.chars().all(letters) {
        return Err("the key is not one".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_option_has_a_line_of_help_without_a_full_stop() {
        let mut open = vec![Cli::command()];
        while let Some(command) = open.pop() {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let name = command.get_name();
            assert!(about.len() > 10 && !about.ends_with('.'), "{name}: {about}");
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                let id = argument.get_id();
                assert!(help.len() > 10 && !help.ends_with('.'), "{name} {id}: {help}");
            }
            open.extend(command.get_subcommands().cloned());
        }
    }
}
