use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use lanyard_core::config::KeySource;

/// What is done with the cache.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Show the cache, who holds its keys, and whether it is whole
    Info(SecretArgs),
    /// Give the cache new keys; with --to, hand its keys over
    Rekey(RekeyArgs),
    /// Write a backup that a passphrase opens
    Backup {
        /// File to write
        file: PathBuf,
        #[command(flatten)]
        secrets: SecretArgs,
    },
    /// Put a backup in the place of the cache
    Restore {
        /// Backup to read
        file: PathBuf,
        #[command(flatten)]
        secrets: SecretArgs,
    },
    /// Move the cache aside and begin anew
    Reset {
        /// Forget the keys too: what was moved aside can then never be opened
        #[arg(long)]
        forget_keys: bool,
    },
}

/// How the keys are changed.
#[derive(Debug, Args)]
pub struct RekeyArgs {
    /// Holder that gets the keys
    #[arg(long, value_parser = PossibleValuesParser::new(KeySource::ALL.map(KeySource::as_str)))]
    pub(super) to: Option<String>,
    /// File for the keys, with `--to keyfile`
    #[arg(long, value_name = "PATH", requires = "to")]
    pub(super) keyfile: Option<PathBuf>,
    #[command(flatten)]
    pub(super) secrets: SecretArgs,
}

/// How passphrases are given.
#[derive(Debug, Args)]
pub struct SecretArgs {
    /// Read passphrases from standard input, a line for each, in the order of the questions
    #[arg(long)]
    pub(super) passphrase_stdin: bool,
}
