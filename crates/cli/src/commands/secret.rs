use std::io::{IsTerminal, Read};

use lanyard_cache::{KeyringProblem, StoredSecret};
use lanyard_core::config::{SecretRef, Value};
use lanyard_core::{Code, Failure};
use serde_json::json;
use zeroize::Zeroizing;

use super::Context;
use crate::args::SecretCommand;
use crate::{config_file, output, table};

/// Longest secret that is stored, in bytes.
const LONGEST: u64 = 64 << 10;

pub(crate) fn run(context: &Context, command: SecretCommand) -> Result<(), Failure> {
    match command {
        SecretCommand::Set { name } => set(&name),
        SecretCommand::List => list(context),
        SecretCommand::Remove { name } => {
            match StoredSecret::of_config(&name).remove().map_err(unusable)? {
                true => Ok(()),
                false => Err(Failure::new(Code::Usage, format!("there is no secret \"{name}\""))
                    .action("see `lanyard secret list`")),
            }
        }
    }
}

fn set(name: &str) -> Result<(), Failure> {
    let secret = read_secret(name)?;
    if secret.is_empty() {
        return Err(
            Failure::new(Code::Usage, "the secret is empty").action("give it on standard input")
        );
    }
    StoredSecret::of_config(name).write(&secret).map_err(unusable)
}

fn read_secret(name: &str) -> Result<Zeroizing<String>, Failure> {
    let unread = |error: std::io::Error| {
        Failure::new(Code::Usage, "the secret could not be read").detail(error.to_string())
    };
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("Secret \"{name}\": "))
            .map(Zeroizing::new)
            .map_err(unread);
    }
    let mut text = Zeroizing::new(String::new());
    std::io::stdin().take(LONGEST).read_to_string(&mut text).map_err(unread)?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Lists the names that the config refers to: a keyring cannot be searched everywhere.
fn list(context: &Context) -> Result<(), Failure> {
    let config = config_file::load(&context.setup.home()?.config, context.setup.descriptors)?;
    let mut found = Vec::new();
    for profile in config.profiles.values() {
        for value in profile.values.values() {
            if let Value::Secret(SecretRef::Keyring(name)) = value {
                let stored = StoredSecret::of_config(name).read().map_err(unusable)?.is_some();
                found.push((name.clone(), profile.name.to_string(), stored));
            }
        }
    }
    if context.json {
        let entry = |(name, profile, stored): &(String, String, bool)| json!({"name": name, "profile": profile, "stored": stored});
        output::answer_json(&found.iter().map(entry).collect::<Vec<_>>());
        return Ok(());
    }
    if found.is_empty() {
        output::note("No profile refers to a secret.");
        return Ok(());
    }
    let row = |(name, profile, stored): &(String, String, bool)| {
        let state = if *stored { "stored" } else { "missing" };
        vec![name.clone(), profile.clone(), state.to_owned()]
    };
    let rows: Vec<Vec<String>> = found.iter().map(row).collect();
    output::answer(&table::table(&["NAME", "PROFILE", "STATE"], &rows));
    Ok(())
}

fn unusable(problem: KeyringProblem) -> Failure {
    lanyard_cache::CacheError::Keyring(problem).to_failure()
}
