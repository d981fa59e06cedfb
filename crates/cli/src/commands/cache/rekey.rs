use std::path::PathBuf;

use lanyard_api::RekeyReply;
use lanyard_cache::{KeyHolder, holders_of, rewrap};
use lanyard_core::config::KeySource;
use lanyard_core::{Code, Failure};
use serde_json::json;

use super::args::RekeyArgs;
use super::person::{Secrets, confirm};
use super::place::{Place, failure, note};
use super::running::Running;
use crate::config_file;
use crate::vault::NotDone;

pub(super) fn run(place: &Place<'_>, args: &RekeyArgs) -> Result<(), Failure> {
    let secrets = Secrets::from(&args.secrets);
    let to = KeySource::ALL.into_iter().find(|source| Some(source.as_str()) == args.to.as_deref());
    let reply = match (Running::find(place)?, to) {
        (Some(_), _) if args.keyfile.is_some() => return Err(out_of_reach(place)),
        (Some(broker), to) => broker.rekey(to, secrets)?,
        (None, None) => new_keys(place, secrets)?,
        (None, Some(to)) => hand_over(place, to, args, secrets)?,
    };
    let text = match reply.rekeyed {
        true => "The cache has new keys.".to_owned(),
        false => format!("The keys are held by: {}.", reply.key),
    };
    place.answer(&text, &json!(reply));
    Ok(())
}

fn new_keys(place: &Place<'_>, secrets: Secrets) -> Result<RekeyReply, Failure> {
    let _lock = place.lock()?;
    confirm(
        "The cache gets new keys. Copies of the old file still open with the old ones.",
        "rekey",
    )?;
    let holder = place.holder(secrets)?;
    let mut cache = place.open(&holder)?;
    cache.rekey(&holder).map_err(failure)?;
    note(&mut cache, "rekey")?;
    Ok(RekeyReply { rekeyed: true, key: holder.source().as_str().to_owned() })
}

fn hand_over(
    place: &Place<'_>,
    to: KeySource,
    args: &RekeyArgs,
    secrets: Secrets,
) -> Result<RekeyReply, Failure> {
    let keyfile = new_keyfile(args, to)?;
    let _lock = place.lock()?;
    confirm(warning(to), to.as_str())?;
    if place.home.cache.exists() {
        let from = place.holder_of(origin(place, to), secrets)?;
        let target = target(place, to, keyfile.clone(), secrets)?;
        let noted = || note_in_config(place, to, keyfile.as_ref()).map_err(NotDone);
        rewrap(&place.home.cache, &from, &target, noted).map_err(|NotDone(failure)| failure)?;
        note(&mut place.open(&target)?, &format!("keys to {}", to.as_str()))?;
    } else {
        note_in_config(place, to, keyfile.as_ref())?;
    }
    Ok(RekeyReply { rekeyed: false, key: to.as_str().to_owned() })
}

/// The broker is confined to its own folders.
fn out_of_reach(place: &Place<'_>) -> Failure {
    let message = "a running broker does not write a keyfile elsewhere";
    place.lock().err().unwrap_or_else(|| Failure::new(Code::CacheUnavailable, message))
}

fn new_keyfile(args: &RekeyArgs, to: KeySource) -> Result<Option<PathBuf>, Failure> {
    let Some(path) = &args.keyfile else { return Ok(None) };
    if to != KeySource::Keyfile {
        return Err(Failure::new(Code::Usage, "--keyfile goes with --to keyfile alone")
            .action("leave it out"));
    }
    let absolute = std::path::absolute(path);
    absolute.map(Some).map_err(|error| {
        Failure::new(Code::Usage, "the keyfile's path is none").detail(error.to_string())
    })
}

fn warning(to: KeySource) -> &'static str {
    match to {
        KeySource::Keyring => "The keys go to the OS keyring: open while you are signed in.",
        KeySource::Passphrase => {
            "A passphrase wraps the keys. Whoever forgets it has to sign in everywhere anew."
        }
        KeySource::Keyfile => {
            "The keys go into a file in the clear: whoever reads it reads the cache."
        }
    }
}

/// Returns who hands the keys over: whoever the config names, or what a change that was stopped left.
fn origin(place: &Place<'_>, to: KeySource) -> KeySource {
    let named = place.config.key_source;
    let present = holders_of(&place.home.cache, &place.keyfile);
    let other = |source: &&KeySource| **source != to;
    match present.iter().find(other) {
        _ if named != to => named,
        Some(left) => *left,
        None => named,
    }
}

fn target(
    place: &Place<'_>,
    to: KeySource,
    keyfile: Option<PathBuf>,
    secrets: Secrets,
) -> Result<KeyHolder, Failure> {
    match to {
        KeySource::Keyring => Ok(KeyHolder::Keyring),
        KeySource::Passphrase => secrets.ask_new("the cache").map(KeyHolder::Passphrase),
        KeySource::Keyfile => {
            Ok(KeyHolder::Keyfile(keyfile.unwrap_or_else(|| place.keyfile.clone())))
        }
    }
}

/// Writes the new holder into the config file.
fn note_in_config(
    place: &Place<'_>,
    to: KeySource,
    keyfile: Option<&PathBuf>,
) -> Result<(), Failure> {
    let kept = place.config.keyfile.as_ref().filter(|_| to == KeySource::Keyfile);
    let keyfile = keyfile.or(kept).map(PathBuf::as_path);
    let descriptors = place.context.setup.descriptors;
    config_file::note_key_source(&place.home.config, to, keyfile, descriptors)
}
