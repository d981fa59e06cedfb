use std::collections::BTreeMap;
use std::path::PathBuf;

use toml_edit::Document;

use super::read::Place;
use super::{Approval, Config, ConfigError, KeySource, Network, Profile};
use crate::descriptor::{Descriptor, Method};
use crate::{ProfileName, Scopes};

/// Largest config file that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// Keys that a profile of every provider may have.
const COMMON: [&str; 5] = ["provider", "method", "scopes", "direct", "endpoints"];

/// Reads the config file's text.
///
/// # Errors
/// Names the line, the key and what was expected: for text that is no TOML, for unknown keys,
/// wrong types, missing keys and values that cannot be together.
pub fn parse(source: &str, providers: &[&'static Descriptor]) -> Result<Config, ConfigError> {
    if source.len() > LARGEST {
        return Err(whole_file(1, "the file is too large", "at most 1 MiB"));
    }
    let document = Document::parse(source).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let line = source.get(..offset).map_or(1, |before| before.matches('\n').count() + 1);
        let problem = error.message().lines().next().unwrap_or("not TOML").to_owned();
        whole_file(line, &problem, "TOML")
    })?;
    let root = Place { source, name: String::new(), table: document.as_table() };
    let known = ["default_profile", "cache", "approval", "lock", "notify", "network", "profile"];
    root.only(&known)?;
    let profiles = profiles(&root, providers)?;
    let default_profile = default_profile(&root, &profiles)?;
    let defaults = Config::default();
    let (key_source, keyfile) = key_source(&root)?;
    Ok(Config {
        default_profile,
        key_source,
        keyfile,
        approval: approval(&root)?,
        lock_after: lock_after(&root, defaults.lock_after)?,
        notify_before: notify_before(&root)?.unwrap_or(defaults.notify_before),
        network: network(&root)?,
        profiles,
    })
}

fn whole_file(line: usize, problem: &str, expected: &str) -> ConfigError {
    let (problem, expected) = (problem.to_owned(), expected.to_owned());
    ConfigError { line, key: "config".to_owned(), problem, expected }
}

fn default_profile(
    root: &Place<'_>,
    profiles: &BTreeMap<ProfileName, Profile>,
) -> Result<Option<ProfileName>, ConfigError> {
    let Some(text) = root.text("default_profile")? else { return Ok(None) };
    let known = profiles.keys().find(|name| name.as_str() == text).cloned();
    let names: Vec<&str> = profiles.keys().map(ProfileName::as_str).collect();
    let expected = format!("one of the file's profiles: {}", names.join(", "));
    known
        .map(Some)
        .ok_or_else(|| root.error("default_profile", "there is no such profile", &expected))
}

fn key_source(root: &Place<'_>) -> Result<(KeySource, Option<PathBuf>), ConfigError> {
    let Some(cache) = root.child("cache")? else { return Ok((KeySource::Keyring, None)) };
    cache.only(&["key", "keyfile"])?;
    let text = cache.text("key")?.unwrap_or_else(|| KeySource::Keyring.as_str().to_owned());
    let source = KeySource::ALL.into_iter().find(|source| source.as_str() == text);
    let source = source.ok_or_else(|| {
        cache.error("key", "unknown value", "\"keyring\", \"passphrase\" or \"keyfile\"")
    })?;
    let keyfile = cache.text("keyfile")?.map(PathBuf::from);
    match &keyfile {
        Some(_) if source != KeySource::Keyfile => {
            Err(cache.error("keyfile", "is not used with this key", "key = \"keyfile\""))
        }
        Some(path) if !path.is_absolute() => {
            Err(cache.error("keyfile", "not an absolute path", "a path that starts with /"))
        }
        Some(_) | None => Ok((source, keyfile)),
    }
}

fn approval(root: &Place<'_>) -> Result<Approval, ConfigError> {
    let mut approval = Approval::default();
    let Some(table) = root.child("approval")? else { return Ok(approval) };
    table.only(&["default", "agents", "agent_programs"])?;
    approval.default = table.rule("default")?.unwrap_or(approval.default);
    approval.agents = table.rule("agents")?.unwrap_or(approval.agents);
    approval.agent_programs = table.texts("agent_programs")?.unwrap_or_default();
    Ok(approval)
}

fn lock_after(
    root: &Place<'_>,
    default: Option<std::time::Duration>,
) -> Result<Option<std::time::Duration>, ConfigError> {
    let Some(table) = root.child("lock")? else { return Ok(default) };
    table.only(&["after"])?;
    if table.text("after")?.as_deref() == Some("never") {
        return Ok(None);
    }
    Ok(table.duration("after")?.or(default))
}

fn notify_before(root: &Place<'_>) -> Result<Option<std::time::Duration>, ConfigError> {
    let Some(table) = root.child("notify")? else { return Ok(None) };
    table.only(&["before"])?;
    table.duration("before")
}

fn network(root: &Place<'_>) -> Result<Network, ConfigError> {
    let Some(table) = root.child("network")? else { return Ok(Network::default()) };
    table.only(&["proxy", "no_proxy", "ca_file"])?;
    Ok(Network {
        proxy: table.text("proxy")?,
        no_proxy: table.text("no_proxy")?,
        ca_file: table.text("ca_file")?,
    })
}

fn profiles(
    root: &Place<'_>,
    providers: &[&'static Descriptor],
) -> Result<BTreeMap<ProfileName, Profile>, ConfigError> {
    let Some(table) = root.child("profile")? else { return Ok(BTreeMap::new()) };
    let mut profiles = BTreeMap::new();
    for (key, _) in table.table.iter() {
        let name: ProfileName = key.parse().map_err(|error: crate::InvalidName| {
            table.error(key, "not a profile name", &error.to_string())
        })?;
        if let Some(place) = table.child(key)? {
            profiles.insert(name.clone(), profile(name, &place, providers)?);
        }
    }
    Ok(profiles)
}

fn profile(
    name: ProfileName,
    place: &Place<'_>,
    providers: &[&'static Descriptor],
) -> Result<Profile, ConfigError> {
    let ids: Vec<&str> = providers.iter().map(|provider| provider.id).collect();
    let expected = format!("one of {}", ids.join(", "));
    let id = place.text("provider")?;
    let id = id.ok_or_else(|| place.error("provider", "missing", &expected))?;
    let provider = providers.iter().find(|provider| provider.id == id);
    let provider: &'static Descriptor =
        provider.ok_or_else(|| place.error("provider", "unknown provider", &expected))?;
    let method = method(place, provider)?;
    let known: Vec<&str> = COMMON.into_iter().chain(method.fields.iter().map(|f| f.key)).collect();
    place.only(&known)?;
    let mut values = BTreeMap::new();
    for field in method.fields {
        match place.field(field)? {
            Some(value) => drop(values.insert(field.key, value)),
            None if field.required => {
                return Err(place.error(field.key, "missing", field.kind.expected()));
            }
            None => {}
        }
    }
    let endpoints = endpoints(place, provider)?;
    let (scopes, direct) = (scopes(place, method)?, place.flag("direct")?.unwrap_or(false));
    let profile = Profile { name, provider, method, scopes, direct, endpoints, values };
    if direct && profile.binds_tokens() {
        let problem = "programs that read the file cannot prove that they hold a token's key";
        return Err(place.error("direct", problem, "false, or no dpop"));
    }
    Ok(profile)
}

fn method(
    place: &Place<'_>,
    provider: &'static Descriptor,
) -> Result<&'static Method, ConfigError> {
    let id = place.text("method")?;
    provider.method(id.as_deref()).ok_or_else(|| {
        let ids: Vec<&str> = provider.methods.iter().map(|method| method.id).collect();
        place.error("method", "unknown method", &format!("one of {}", ids.join(", ")))
    })
}

fn scopes(place: &Place<'_>, method: &Method) -> Result<Scopes, ConfigError> {
    let Some(texts) = place.texts("scopes")? else {
        return Ok(method.default_scopes.iter().collect());
    };
    match texts.iter().find(|scope| !Scopes::is_scope(scope)) {
        Some(_) => Err(place.error("scopes", "not a scope", "scopes without blanks or quotes")),
        None => Ok(texts.iter().collect()),
    }
}

fn endpoints(
    place: &Place<'_>,
    provider: &'static Descriptor,
) -> Result<BTreeMap<&'static str, crate::WebUrl>, ConfigError> {
    let Some(table) = place.child("endpoints")? else { return Ok(BTreeMap::new()) };
    table.only(provider.endpoints)?;
    let mut endpoints = BTreeMap::new();
    for key in provider.endpoints {
        if let Some(url) = table.url(key)? {
            endpoints.insert(*key, url);
        }
    }
    Ok(endpoints)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
