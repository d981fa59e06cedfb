//! What a changed config file may not do by itself: loosen, or send a grant or a token elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::{Approval, Config, ConfigError, Rule, parse};
use crate::descriptor::Descriptor;

/// One place where a changed file takes protection away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loosening {
    /// The key, with its tables: `profile.contoso.authority`.
    pub place: String,
    /// What holds until the person agrees.
    pub was: String,
    /// What the file says.
    pub becomes: String,
}

/// A config file, measured against what the person agreed to.
#[derive(Debug)]
pub struct Guarded {
    /// What holds.
    pub in_force: Config,
    /// What the person agreed to, with everything that the file tightens: to be kept as text.
    pub confirmed: String,
    /// What waits for the person.
    pub loosenings: Vec<Loosening>,
}

/// Measures `file` against `confirmed`, the text that the person agreed to last. `in_use` says
/// whether a profile has accounts: one that has none holds nothing that could go astray.
///
/// # Errors
/// The file has a mistake.
pub fn guard(
    confirmed: &str,
    file: &str,
    in_use: &dyn Fn(&str) -> bool,
    providers: &[&'static Descriptor],
) -> Result<Guarded, ConfigError> {
    let new = parse(file, providers)?;
    let (Ok(old), Ok(old_text), Ok(mut in_force)) =
        (parse(confirmed, providers), document(confirmed), document(file))
    else {
        let confirmed = file.to_owned();
        return Ok(Guarded { in_force: new, confirmed, loosenings: Vec::new() });
    };
    let anybody = old.profiles.keys().any(|name| in_use(name.as_str()));
    let mut loosenings = Vec::new();
    if anybody {
        hold_section(
            &mut in_force,
            &old_text,
            "approval",
            approval(&old.approval, &new.approval),
            &mut loosenings,
        );
        hold_section(
            &mut in_force,
            &old_text,
            "lock",
            lock(old.lock_after, new.lock_after),
            &mut loosenings,
        );
        let network =
            differences("network", table(&old_text, "network"), table(&in_force, "network"));
        hold_section(&mut in_force, &old_text, "network", network, &mut loosenings);
    }
    let mut kept = Vec::new();
    for (name, was) in profiles(&old_text).filter(|(name, _)| in_use(name)) {
        let all = in_force.get_mut("profile").and_then(Item::as_table_like_mut);
        let Some(table) = all.and_then(|all| all.get_mut(name)) else {
            kept.push((name.to_owned(), was.clone()));
            continue;
        };
        let place = format!("profile.{name}");
        let found = differences(&place, was.as_table_like(), table.as_table_like());
        let fewer_scopes = has_no_more_scopes(&old, &new, name);
        let found: Vec<Loosening> =
            found.into_iter().filter(|found| loosens(found, fewer_scopes)).collect();
        if !found.is_empty() {
            *table = was.clone();
            loosenings.extend(found);
        }
    }
    let held = parse(&in_force.to_string(), providers)?;
    Ok(Guarded { in_force: held, confirmed: with_profiles(in_force, kept), loosenings })
}

/// Returns what the person agrees to with `file`: all of it, and the profiles that are gone from it
/// while they have accounts.
///
/// # Errors
/// The file is no TOML.
pub fn agreed(
    confirmed: &str,
    file: &str,
    in_use: &dyn Fn(&str) -> bool,
) -> Result<String, toml_edit::TomlError> {
    let (old, new) = (document(confirmed)?, document(file)?);
    let is_gone = |name: &str| profiles(&new).all(|(known, _)| known != name);
    let gone = profiles(&old).filter(|(name, _)| in_use(name) && is_gone(name));
    let gone = gone.map(|(name, profile)| (name.to_owned(), profile.clone())).collect();
    Ok(with_profiles(new, gone))
}

/// Adds profiles that are gone from the file while they have accounts, so that one that comes back
/// is measured against what it was.
fn with_profiles(mut text: DocumentMut, kept: Vec<(String, Item)>) -> String {
    let all = text.entry("profile").or_insert_with(|| Item::Table(Table::new()));
    if let Some(all) = all.as_table_like_mut() {
        for (name, profile) in kept {
            all.insert(&name, profile);
        }
    }
    text.to_string()
}

fn hold_section(
    in_force: &mut DocumentMut,
    old: &DocumentMut,
    section: &str,
    found: Vec<Loosening>,
    loosenings: &mut Vec<Loosening>,
) {
    if found.is_empty() {
        return;
    }
    match old.get(section) {
        Some(was) => drop(in_force.insert(section, was.clone())),
        None => drop(in_force.remove(section)),
    }
    loosenings.extend(found);
}

fn document(text: &str) -> Result<DocumentMut, toml_edit::TomlError> {
    text.parse()
}

fn table<'a>(document: &'a DocumentMut, section: &str) -> Option<&'a dyn TableLike> {
    document.get(section).and_then(Item::as_table_like)
}

fn profiles(document: &DocumentMut) -> impl Iterator<Item = (&str, &Item)> {
    table(document, "profile").into_iter().flat_map(TableLike::iter)
}

/// Returns every key that differs, also of tables below.
fn differences(
    place: &str,
    old: Option<&dyn TableLike>,
    new: Option<&dyn TableLike>,
) -> Vec<Loosening> {
    let (old, new) = (leaves(place, old), leaves(place, new));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let shown = |value: Option<&String>| value.cloned().unwrap_or_else(|| "not set".to_owned());
    let differ = keys.into_iter().filter(|key| old.get(*key) != new.get(*key));
    differ
        .map(|key| Loosening {
            place: key.clone(),
            was: shown(old.get(key)),
            becomes: shown(new.get(key)),
        })
        .collect()
}

fn leaves(place: &str, table: Option<&dyn TableLike>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (key, item) in table.into_iter().flat_map(TableLike::iter) {
        let place = format!("{place}.{key}");
        match (item.as_table_like(), item.as_value()) {
            (Some(table), _) => found.extend(leaves(&place, Some(table))),
            (None, Some(value)) => drop(found.insert(place, literal(value))),
            (None, None) => {}
        }
    }
    found
}

fn literal(value: &toml_edit::Value) -> String {
    value.clone().decorated("", "").to_string()
}

/// Says whether a difference of a profile needs the person: everything does, but fewer scopes and an
/// end of sharing.
fn loosens(difference: &Loosening, fewer_scopes: bool) -> bool {
    match difference.place.rsplit('.').next().unwrap_or_default() {
        "scopes" => !fewer_scopes,
        "direct" => difference.becomes == "true",
        _ => true,
    }
}

/// Compares what the profiles mean: without the key, the scopes are those of the method.
fn has_no_more_scopes(old: &Config, new: &Config, name: &str) -> bool {
    let scopes = |config: &Config| {
        let found = config.profiles.values().find(|profile| profile.name.as_str() == name);
        found.map(|profile| profile.scopes.clone()).unwrap_or_default()
    };
    let (old, new) = (scopes(old), scopes(new));
    new.iter().all(|scope| old.iter().any(|known| known == scope))
}

fn approval(old: &Approval, new: &Approval) -> Vec<Loosening> {
    let mut found = Vec::new();
    for (key, was, becomes) in
        [("default", old.default, new.default), ("agents", old.agents, new.agents)]
    {
        if becomes < was {
            found.push(Loosening {
                place: format!("approval.{key}"),
                was: was.as_str().to_owned(),
                becomes: becomes.as_str().to_owned(),
            });
        }
    }
    let gone = |program: &&String| !new.agent_programs.contains(program);
    if old.agent_programs.iter().any(|program| gone(&program)) {
        found.push(Loosening {
            place: "approval.agent_programs".to_owned(),
            was: old.agent_programs.join(", "),
            becomes: new.agent_programs.join(", "),
        });
    }
    found
}

fn lock(old: Option<Duration>, new: Option<Duration>) -> Vec<Loosening> {
    let length = |after: Option<Duration>| after.unwrap_or(Duration::MAX);
    if length(new) <= length(old) {
        return Vec::new();
    }
    let shown = |after: Option<Duration>| {
        after.map_or_else(|| "never".to_owned(), |after| format!("{} min", after.as_secs() / 60))
    };
    let (place, was, becomes) = ("lock.after".to_owned(), shown(old), shown(new));
    vec![Loosening { place, was, becomes }]
}

impl Rule {
    /// Returns the word that stands in the config file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
