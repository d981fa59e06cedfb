//! `lanyard cache`: who holds the keys, new keys, backups.

pub(crate) mod args;
mod info;
mod person;
mod place;
mod rekey;
mod running;

use std::path::{Path, PathBuf};

use lanyard_core::{Code, Failure};
use serde_json::json;

use self::args::CacheCommand;
use self::person::{Secrets, confirm};
use self::place::{Place, failure, note};
use self::running::Running;
use super::Context;

pub(crate) fn run(context: &Context, command: &CacheCommand) -> Result<(), Failure> {
    drop(lanyard_harden::begin());
    let place = Place::of(context)?;
    match command {
        CacheCommand::Info(args) => {
            info::run(&place, args.into());
            Ok(())
        }
        CacheCommand::Rekey(args) => rekey::run(&place, args),
        CacheCommand::Backup { file, secrets } => backup(&place, file, secrets.into()),
        CacheCommand::Restore { file, secrets } => restore(&place, file, secrets.into()),
        CacheCommand::Reset { forget_keys } => reset(&place, *forget_keys),
    }
}

fn backup(place: &Place<'_>, file: &Path, secrets: Secrets) -> Result<(), Failure> {
    match Running::find(place)? {
        Some(broker) => broker.backup(file, secrets)?,
        None => backup_here(place, file, secrets)?,
    }
    place.answer(&format!("The backup is {}.", file.display()), &json!({"backup": file}));
    Ok(())
}

fn backup_here(place: &Place<'_>, file: &Path, secrets: Secrets) -> Result<(), Failure> {
    let _lock = place.lock()?;
    if file.exists() {
        return Err(there_already(file));
    }
    confirm("A backup lets whoever has it and its passphrase be you everywhere.", "backup")?;
    let mut cache = place.open(&place.holder(secrets)?)?;
    cache.backup(file, &secrets.ask_new("the backup")?).map_err(failure)?;
    note(&mut cache, "backup")
}

fn there_already(file: &Path) -> Failure {
    let message = format!("{} exists already", file.display());
    Failure::new(Code::Usage, message).action("name another file")
}

fn restore(place: &Place<'_>, file: &Path, secrets: Secrets) -> Result<(), Failure> {
    let _lock = place.lock()?;
    confirm("The backup takes the place of the cache, which is kept aside.", "restore")?;
    let passphrase = secrets.ask("the backup")?;
    let holder = place.holder(secrets)?;
    let cache = &place.home.cache;
    let kept = lanyard_cache::restore(cache, file, &passphrase, &holder).map_err(failure)?;
    note(&mut place.open(&holder)?, "restore")?;
    let text = format!("The cache is that of {}.{}", file.display(), aside(kept.as_deref()));
    place.answer(&text, &json!({"restored": file, "kept": kept}));
    Ok(())
}

fn reset(place: &Place<'_>, forget_keys: bool) -> Result<(), Failure> {
    let _lock = place.lock()?;
    let cache = &place.home.cache;
    confirm("Every sign-in is over for Lanyard. The cache is kept aside.", "reset")?;
    if forget_keys {
        confirm("Without its keys, what is kept aside can never be opened again.", "forget")?;
    }
    let kept: Option<PathBuf> = lanyard_cache::reset(cache).map_err(failure)?;
    if forget_keys {
        let (source, keyfile) = (place.config.key_source, &place.keyfile);
        lanyard_cache::forget_keys(cache, source, keyfile).map_err(failure)?;
    }
    let text = match &kept {
        Some(_) => format!("The next sign-in begins anew.{}", aside(kept.as_deref())),
        None => "There was no cache.".to_owned(),
    };
    place.answer(&text, &json!({"kept": kept, "keys_forgotten": forget_keys}));
    Ok(())
}

fn aside(kept: Option<&Path>) -> String {
    kept.map(|kept| format!(" What was there is {}.", kept.display())).unwrap_or_default()
}
