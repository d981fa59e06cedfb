use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::{Config, ConfigError, KeySource, parse};
use crate::ProfileName;
use crate::descriptor::Descriptor;

/// Why an edit was not made; the text is as before.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The file, or what it would become, has a mistake.
    #[error(transparent)]
    Invalid(#[from] ConfigError),
    /// There is a profile of that name.
    #[error("there is a profile \"{0}\" already")]
    Exists(ProfileName),
    /// There is no profile of that name.
    #[error("there is no profile \"{0}\"")]
    Missing(ProfileName),
}

/// Returns `source` with a new profile at its end.
///
/// # Errors
/// The profile exists, or the result would not be valid.
pub fn add_profile(
    source: &str,
    name: &ProfileName,
    keys: &[(String, String)],
    providers: &[&'static Descriptor],
) -> Result<String, EditError> {
    let config = parse(source, providers)?;
    if config.profiles.contains_key(name) {
        return Err(EditError::Exists(name.clone()));
    }
    edit(source, providers, |profiles, tail| {
        let mut table = Table::new();
        for (key, text) in keys {
            put(&mut table, key, text);
        }
        if !tail.is_empty() {
            table.decor_mut().set_prefix(format!("{}\n", std::mem::take(tail)));
        }
        profiles.insert(name.as_str(), Item::Table(table));
    })
}

/// Returns `source` with keys of a profile changed; an empty text removes the key.
///
/// # Errors
/// There is no such profile, or the result would not be valid.
pub fn set_keys(
    source: &str,
    name: &ProfileName,
    keys: &[(String, String)],
    providers: &[&'static Descriptor],
) -> Result<String, EditError> {
    known(&parse(source, providers)?, name)?;
    edit(source, providers, |profiles, _| {
        let Some(table) = profiles.get_mut(name.as_str()).and_then(Item::as_table_mut) else {
            return;
        };
        for (key, text) in keys {
            put(table, key, text);
        }
    })
}

/// Returns `source` without a profile; `default_profile` goes with it where it names it.
///
/// # Errors
/// There is no such profile.
pub fn remove_profile(
    source: &str,
    name: &ProfileName,
    providers: &[&'static Descriptor],
) -> Result<String, EditError> {
    let config = parse(source, providers)?;
    known(&config, name)?;
    let mut document = document(source)?;
    if config.default_profile.as_ref() == Some(name) {
        document.remove("default_profile");
    }
    if let Some(profiles) = document.get_mut("profile").and_then(Item::as_table_mut) {
        profiles.remove(name.as_str());
    }
    checked(&document, providers)
}

/// Returns `source` with another source of the cache's keys. `keyfile` names the file of
/// [`KeySource::Keyfile`] where it is not the one beside the cache.
///
/// # Errors
/// The file, or the result, would not be valid.
pub fn set_key_source(
    source: &str,
    key_source: KeySource,
    keyfile: Option<&str>,
    providers: &[&'static Descriptor],
) -> Result<String, EditError> {
    parse(source, providers)?;
    let mut document = document(source)?;
    if !document.contains_table("cache") && !document.contains_key("cache") {
        let mut table = Table::new();
        let tail = document.trailing().as_str().unwrap_or_default().to_owned();
        if !tail.is_empty() {
            table.decor_mut().set_prefix(format!("{tail}\n"));
            document.set_trailing("");
        }
        document.insert("cache", Item::Table(table));
    }
    if let Some(cache) = document.get_mut("cache").and_then(Item::as_table_like_mut) {
        put_text(cache, "key", key_source.as_str());
        match keyfile {
            Some(path) => put_text(cache, "keyfile", path),
            None => drop(cache.remove("keyfile")),
        }
    }
    checked(&document, providers)
}

/// Writes a text; the comment behind the old one stays.
fn put_text(table: &mut dyn TableLike, key: &str, text: &str) {
    let mut new = toml_edit::Value::from(text);
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *new.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        Some(item) => *item = Item::Value(new),
        None => drop(table.insert(key, Item::Value(new))),
    }
}

fn known(config: &Config, name: &ProfileName) -> Result<(), EditError> {
    match config.profiles.contains_key(name) {
        true => Ok(()),
        false => Err(EditError::Missing(name.clone())),
    }
}

/// Changes the profiles. `tail` is the text behind the last table: what is added goes behind it.
fn edit(
    source: &str,
    providers: &[&'static Descriptor],
    change: impl FnOnce(&mut Table, &mut String),
) -> Result<String, EditError> {
    let mut document = document(source)?;
    let mut tail = document.trailing().as_str().unwrap_or_default().to_owned();
    let profiles = document.entry("profile").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    if let Some(profiles) = profiles.as_table_mut() {
        change(profiles, &mut tail);
    }
    document.set_trailing(tail);
    checked(&document, providers)
}

fn document(source: &str) -> Result<DocumentMut, EditError> {
    let mut document: DocumentMut = source.parse().map_err(|_| {
        let (problem, expected) = ("not TOML".to_owned(), "TOML".to_owned());
        EditError::Invalid(ConfigError { line: 1, key: "config".to_owned(), problem, expected })
    })?;
    if let Some(profiles) = document.get_mut("profile") {
        unfold(profiles);
        let each = profiles.as_table_mut().into_iter().flat_map(Table::iter_mut);
        each.for_each(|(_, profile)| unfold(profile));
    }
    Ok(document)
}

/// Makes an inline table a table, so that there is one form to edit.
fn unfold(item: &mut Item) {
    *item = std::mem::take(item).into_table().map_or_else(|other| other, Item::Table);
}

fn checked(document: &DocumentMut, providers: &[&'static Descriptor]) -> Result<String, EditError> {
    let text = document.to_string();
    parse(&text, providers)?;
    Ok(text)
}

/// Writes `text` as TOML where it reads as a TOML value that is no bare word, else as a string.
/// A dotted key goes into a table below.
fn put(table: &mut Table, key: &str, text: &str) {
    if let Some((first, rest)) = key.split_once('.') {
        let child = table.entry(first).or_insert_with(|| Item::Table(Table::new()));
        if let Some(child) = child.as_table_mut() {
            put(child, rest, text);
        }
        return;
    }
    if text.is_empty() {
        table.remove(key);
        return;
    }
    let parsed: Option<toml_edit::Value> = text.parse().ok();
    let structured = parsed.filter(|v| v.is_array() || v.is_inline_table() || v.is_bool());
    let new = structured.map_or_else(|| value(text), value);
    match table.get_mut(key) {
        Some(item) => *item = new,
        None => drop(table.insert(key, new)),
    }
}
