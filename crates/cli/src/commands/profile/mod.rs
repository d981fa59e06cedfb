mod remove;
mod show;

use lanyard_core::config::{self, ConfigError, EditError};
use lanyard_core::descriptor::{Descriptor, Method};
use lanyard_core::{Code, Failure, ProfileName};

use super::Context;
use crate::args::ProfileCommand;
use crate::{config_file, output};

/// What a person who switches `direct` on has to know.
const DIRECT: &str = "lanyard: this profile is direct: programs of yours may read its valid access tokens from \
    the cache file, past approvals, lock and the audit trail";

pub(crate) async fn run(context: &Context, command: ProfileCommand) -> Result<(), Failure> {
    let name = match command {
        ProfileCommand::List => return show::list(context),
        ProfileCommand::Show { name, schema: true } => return show::schema(context, &name),
        ProfileCommand::Show { name, schema: false } => return show::show(context, &name),
        ProfileCommand::Add { name, provider, method, set } => {
            add(context, &name, provider, method, set)?;
            name
        }
        ProfileCommand::Edit { name, set, unset } => {
            let keys: Vec<_> =
                set.into_iter().chain(unset.into_iter().map(|key| (key, String::new()))).collect();
            if keys.is_empty() {
                return Err(usage("nothing to change", "give --set KEY=VALUE or --unset KEY"));
            }
            edit(context, |text, known| {
                config::set_keys(text, &parse_name(&name)?, &keys, known).map_err(Into::into)
            })?;
            name
        }
        ProfileCommand::Remove { name } => {
            remove::remove(context, &name).await?;
            name
        }
    };
    tell_broker(context).await;
    warn_of_direct(context, &name)
}

/// Says what `direct` gives away, wherever a profile has it after a change.
fn warn_of_direct(context: &Context, name: &str) -> Result<(), Failure> {
    let config = config_file::load(&context.setup.home()?.config, context.setup.descriptors)?;
    if config.profiles.values().any(|profile| profile.name.as_str() == name && profile.direct) {
        output::note(DIRECT);
    }
    Ok(())
}

/// Adds a profile; asks a person at a terminal for the required keys that were not given.
fn add(
    context: &Context,
    name: &str,
    provider: Option<String>,
    method: Option<String>,
    set: Vec<(String, String)>,
) -> Result<(), Failure> {
    let name = parse_name(name)?;
    let known = context.setup.descriptors;
    let ids: Vec<&str> = known.iter().map(|descriptor| descriptor.id).collect();
    let provider = match provider {
        Some(provider) => provider,
        None if output::can_ask() => output::ask(&format!("Provider ({}): ", ids.join(", "))),
        None => {
            return Err(usage("which provider?", &format!("give --provider {}", ids.join("|"))));
        }
    };
    let descriptor: &Descriptor =
        known.iter().find(|descriptor| descriptor.id == provider).ok_or_else(|| {
            usage(
                &format!("there is no provider \"{provider}\""),
                &format!("use one of: {}", ids.join(", ")),
            )
        })?;
    let mut keys = vec![("provider".to_owned(), provider)];
    let chosen = descriptor.method(method.as_deref()).or_else(|| descriptor.method(None));
    keys.extend(method.map(|method| ("method".to_owned(), method)));
    keys.extend(set);
    if let Some(method) = chosen.filter(|_| output::can_ask()) {
        ask_missing(method, &mut keys);
    }
    edit(context, |text, known| config::add_profile(text, &name, &keys, known).map_err(Into::into))
}

fn ask_missing(method: &Method, keys: &mut Vec<(String, String)>) {
    for field in method.fields.iter().filter(|field| field.required) {
        if !keys.iter().any(|(key, _)| key == field.key) {
            let value = output::ask(&format!(
                "{} ({}, such as {}): ",
                field.label, field.help, field.example
            ));
            keys.push((field.key.to_owned(), value));
        }
    }
}

/// Why an edit was not made, on its way to a failure that names the file.
enum EditProblem {
    Edit(EditError),
    Failure(Failure),
}

impl From<EditError> for EditProblem {
    fn from(error: EditError) -> Self {
        Self::Edit(error)
    }
}

impl From<Failure> for EditProblem {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

fn edit(
    context: &Context,
    change: impl FnOnce(&str, &[&'static Descriptor]) -> Result<String, EditProblem>,
) -> Result<(), Failure> {
    let path = context.setup.home()?.config;
    let text = config_file::read(&path)?;
    let in_file = |error: &ConfigError| error.to_failure(&path.display().to_string());
    config::parse(&text, context.setup.descriptors).map_err(|error| in_file(&error))?;
    match change(&text, context.setup.descriptors) {
        Ok(changed) => config_file::write(&path, &changed),
        Err(EditProblem::Failure(failure)) => Err(failure),
        Err(EditProblem::Edit(EditError::Invalid(error))) => {
            Err(hint(&error, context.setup.descriptors).unwrap_or_else(|| in_file(&error)))
        }
        Err(EditProblem::Edit(error)) => {
            Err(usage(&error.to_string(), "see `lanyard profile list`"))
        }
    }
}

/// Returns what is said of a key of a profile: what stands on the command line is wrong then, or
/// missing there, and the file was not changed.
fn hint(error: &ConfigError, known: &[&'static Descriptor]) -> Option<Failure> {
    let (_, key) = error.key.strip_prefix("profile.")?.rsplit_once('.')?;
    let methods = known.iter().flat_map(|descriptor| descriptor.methods);
    let field = methods.flat_map(|method| method.fields).find(|field| field.key == key)?;
    let message = format!("{}: {}", error.key, error.problem);
    let action = format!("expected {}; write --set '{key}={}'", error.expected, field.example);
    Some(Failure::new(Code::ConfigInvalid, message).action(action))
}

/// Has a running broker look at the file, so that tray and window show the change at once.
async fn tell_broker(context: &Context) {
    if let Ok(client) = context.client() {
        drop(client.without_start().status().await);
    }
}

fn parse_name(name: &str) -> Result<ProfileName, Failure> {
    name.parse().map_err(|error: lanyard_core::InvalidName| {
        usage(&error.to_string(), "choose another name")
    })
}

fn usage(message: &str, action: &str) -> Failure {
    Failure::new(Code::Usage, message).action(action)
}
