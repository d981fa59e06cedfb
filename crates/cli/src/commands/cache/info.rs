use lanyard_cache::{CacheFacts, ReadOnlyCache, holders_of, size};
use lanyard_core::config::KeySource;
use lanyard_core::{Code, Failure};
use serde_json::{Value, json};

use super::person::Secrets;
use super::place::{Place, failure};
use crate::output;

pub(super) fn run(place: &Place<'_>, secrets: Secrets) {
    let path = &place.home.cache;
    let (named, held) = (place.config.key_source, holders_of(path, &place.keyfile));
    let held: Vec<&str> = held.into_iter().map(KeySource::as_str).collect();
    let facts = if path.exists() { facts(place, secrets).map(Some) } else { Ok(None) };
    let (facts, problem) = match facts {
        Ok(facts) => (facts, None),
        Err(failure) => (None, Some(failure)),
    };
    let size = path.exists().then(|| size(path));
    let bytes = size.map_or("there is none yet".to_owned(), |bytes| format!("{bytes} bytes"));
    let holders = if held.is_empty() { "nobody".to_owned() } else { held.join(", ") };
    let lines = [
        format!("file     {}", path.display()),
        format!("size     {bytes}"),
        format!("key      {} (as the config says)", named.as_str()),
        format!("held by  {holders}"),
    ];
    let told =
        lines.into_iter().chain(facts.iter().flat_map(told)).chain(problem.iter().flat_map(wrong));
    let json = json!({
        "cache": path,
        "bytes": size,
        "key": named.as_str(),
        "held_by": held,
        "content": facts.as_ref().map(content),
        "problem": problem,
    });
    place.answer(&told.collect::<Vec<_>>().join("\n"), &json);
}

/// Looks inside. A passphrase is asked for where somebody is there to give it.
fn facts(place: &Place<'_>, secrets: Secrets) -> Result<CacheFacts, Failure> {
    let asked = matches!(secrets, Secrets::Stdin) || output::can_ask();
    if place.config.key_source == KeySource::Passphrase && !asked {
        return Err(Failure::new(Code::Locked, "a passphrase wraps the keys")
            .action("give it with --passphrase-stdin to look inside"));
    }
    let (path, holder) = (&place.home.cache, place.holder(secrets)?);
    let keys = holder.unlock(path).map_err(failure)?;
    let cache = ReadOnlyCache::open(path, &keys.file).map_err(failure)?;
    cache.facts().map_err(failure)
}

fn told(facts: &CacheFacts) -> Vec<String> {
    let CacheFacts { schema, accounts, grants, tokens, approvals, audit_entries, damage } = facts;
    let mut lines = vec![
        format!("schema   {schema}"),
        format!(
            "content  {accounts} accounts, {grants} grants, {tokens} tokens, {approvals} approvals, {audit_entries} audit entries"
        ),
    ];
    match damage.is_empty() {
        true => lines.push("pages    all are whole".to_owned()),
        false => lines.extend(damage.iter().map(|page| format!("damaged  {page}"))),
    }
    if !damage.is_empty() {
        lines.push("         restore a backup with `lanyard cache restore FILE`".to_owned());
    }
    lines
}

fn content(facts: &CacheFacts) -> Value {
    let CacheFacts { schema, accounts, grants, tokens, approvals, audit_entries, damage } = facts;
    json!({
        "schema": schema, "accounts": accounts, "grants": grants, "tokens": tokens,
        "approvals": approvals, "audit_entries": audit_entries, "damage": damage,
    })
}

fn wrong(failure: &Failure) -> Vec<String> {
    let action = failure.action.iter().map(|action| format!("         {action}"));
    std::iter::once(format!("problem  {}", failure.message)).chain(action).collect()
}
