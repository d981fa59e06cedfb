//! The command line.

use std::ffi::OsString;

use clap::builder::PossibleValuesParser;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use jiff::SignedDuration;

use crate::Setup;

/// Sign in once; every program gets its token from the shared cache
#[derive(Debug, Parser)]
#[command(name = "lanyard", version, propagate_version = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in through a profile
    Login(LoginArgs),
    /// Sign out: end the grant at the provider, then forget it
    Logout(LogoutArgs),
    /// Show accounts, their state and their expiries
    Status(StatusArgs),
    /// Print a token
    Token(TokenArgs),
    /// Print an authorization header, for `curl -H @-`
    Header(HeaderArgs),
    /// List, show and change profiles
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Show who got which token
    Log(LogArgs),
    #[command(flatten)]
    Daemon(DaemonCommand),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// The commands that own keys, cache or providers.
#[derive(Debug, Subcommand)]
pub enum DaemonCommand {
    /// Keep the secrets that profiles refer to in the OS keyring
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Say what is wrong and how to repair it
    Doctor,
    /// Run the broker in the foreground
    Broker(BrokerArgs),
    /// Run the tray in the foreground
    Tray(TrayArgs),
}

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// Profile to sign in through
    pub(crate) profile: Option<String>,
    /// User name that the provider's page should suggest
    #[arg(long)]
    pub(crate) username: Option<String>,
    /// Tenant to sign in to
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
    /// Profile, account id or user name
    #[arg(conflicts_with = "all")]
    pub(crate) target: Option<String>,
    /// Sign out of every account
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Keep showing it, anew at each change
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Profile to get the token through
    pub(crate) profile: Option<String>,
    /// Issuer of the token, in place of a profile
    #[arg(long, value_name = "URL", conflicts_with = "profile")]
    pub(crate) issuer: Option<String>,
    /// Account id or user name
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// Tenant
    #[arg(long)]
    pub(crate) tenant: Option<String>,
    /// Scope, repeatable
    #[arg(long, conflicts_with = "resource")]
    pub(crate) scope: Vec<String>,
    /// Resource indicator, in place of scopes
    #[arg(long)]
    pub(crate) resource: Option<String>,
    /// Print the ID token
    #[arg(long)]
    pub(crate) id_token: bool,
    /// Shortest validity, such as 5m
    #[arg(long, value_parser = duration)]
    pub(crate) min_valid: Option<SignedDuration>,
    /// Ask the provider although a fresh token is at hand
    #[arg(long)]
    pub(crate) force: bool,
    /// Claims challenge, as JSON
    #[arg(long, value_parser = claims)]
    pub(crate) claims: Option<String>,
    /// Longest wait for the person, such as 2m
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
    /// List the profiles
    List,
    /// Show a profile, or with --schema every key of a provider
    Show {
        /// Profile, or provider with --schema
        name: String,
        /// Show every key of every method
        #[arg(long)]
        schema: bool,
    },
    /// Add a profile
    Add {
        /// Name of the new profile
        name: String,
        /// Identity provider
        #[arg(long)]
        provider: Option<String>,
        /// Way to sign in
        #[arg(long)]
        method: Option<String>,
        /// Key and value, repeatable
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
        set: Vec<(String, String)>,
    },
    /// Change keys of a profile
    Edit {
        /// Name of the profile
        name: String,
        /// Key and value, repeatable
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
    Set {
        /// Name that profiles refer to
        name: String,
    },
    /// List the secrets that profiles refer to
    List,
    /// Remove a secret
    Remove {
        /// Name that profiles refer to
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Number of entries
    #[arg(long, short = 'n', default_value_t = 50)]
    pub(crate) lines: usize,
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
