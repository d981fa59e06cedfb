//! A bug report in one file: what is in it is shown before it is written.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use lanyard_api::StatusReply;
use lanyard_core::config::{Config, Profile, SecretRef, Value};
use lanyard_core::{Code, Failure};
use serde_json::json;

use super::broker;
use super::finding::Finding;
use super::scene::Scene;
use super::scrub::{Kind, Scrub};
use super::show;
use crate::commands::Context;
use crate::output;

/// How many lines of the log's end are taken.
const LOG_LINES: usize = 200;

/// Levels at which the log holds no names.
const LEVELS: [&str; 3] = ["INFO", "WARN", "ERROR"];

/// Shows the report, asks where somebody can answer, writes it, and lists what it holds.
pub(super) fn write(
    context: &Context,
    scene: &Scene,
    findings: &[Finding],
    file: &Path,
    with_names: bool,
) -> Result<(), Failure> {
    let mut scrub = Scrub::new(with_names);
    learn(&mut scrub, scene);
    let parts = [
        ("versions", versions(scene)),
        ("findings", show::text(findings)),
        ("config", scene.config.as_ref().map_or_else(ToString::to_string, config)),
        ("log", log(scene)),
    ]
    .map(|(name, text)| (name, scrub.text(&text)));
    let report = parts.iter().map(|(name, text)| format!("== {name}\n{text}\n"));
    let report = report.collect::<Vec<_>>().join("\n");
    output::note(&report);
    if output::can_ask() && !output::agrees(&format!("Write this to {}? [y/N] ", file.display())) {
        return Err(Failure::new(Code::Refused, "nothing was written"));
    }
    save(file, &report)?;
    listed(context, file, &parts, report.len());
    Ok(())
}

fn save(file: &Path, report: &str) -> Result<(), Failure> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    made.and_then(|mut file| file.write_all(report.as_bytes())).map_err(|error| {
        let shown = file.display();
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return Failure::new(Code::Usage, format!("there is a file {shown} already"))
                .action("name a new one: what stands there is left as it is");
        }
        Failure::new(Code::Failed, format!("could not write {shown}"))
            .action("name a file in a folder of yours")
            .detail(error.to_string())
    })
}

fn listed(context: &Context, file: &Path, parts: &[(&str, String)], size: usize) {
    if context.json {
        let part =
            |(name, text): &(&str, String)| json!({"part": name, "lines": text.lines().count()});
        let parts: Vec<_> = parts.iter().map(part).collect();
        return output::answer_json(&json!({"file": file, "bytes": size, "parts": parts}));
    }
    let part = |(name, text): &(&str, String)| format!("  {name}: {} lines", text.lines().count());
    let parts: Vec<String> = parts.iter().map(part).collect();
    let head = format!("{} ({size} bytes, for this user alone) holds", file.display());
    output::answer(&format!("{head}\n{}", parts.join("\n")));
}

fn versions(scene: &Scene) -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let release = read("/etc/os-release");
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let desktop = scene.text("XDG_CURRENT_DESKTOP").unwrap_or("none");
    let session = scene.text("XDG_SESSION_TYPE").unwrap_or("unknown");
    format!(
        "lanyard {}\nsystem {}\nkernel {}\ndesktop {desktop}, session {session}",
        env!("CARGO_PKG_VERSION"),
        name.unwrap_or("unknown").trim_matches('"'),
        read("/proc/sys/kernel/osrelease").trim(),
    )
}

/// Notes every name that is known here: the person, the machine, the accounts and the providers.
fn learn(scrub: &mut Scrub, scene: &Scene) {
    for variable in ["USER", "LOGNAME"] {
        scrub.know(Kind::User, scene.text(variable).unwrap_or_default());
    }
    let home = scene.text("HOME").unwrap_or_default();
    scrub.know(Kind::User, home.rsplit('/').next().unwrap_or_default());
    let machine = rustix::system::uname();
    scrub.know(Kind::Host, &machine.nodename().to_string_lossy());
    if let Ok(config) = &scene.config {
        learn_config(scrub, config);
    }
    if let Ok(status) = broker::status(scene) {
        learn_accounts(scrub, &status);
    }
}

fn learn_config(scrub: &mut Scrub, config: &Config) {
    let network = &config.network;
    let hosts = network.no_proxy.iter().flat_map(|hosts| hosts.split(','));
    let proxy = network.proxy.iter().map(|proxy| host_of(proxy));
    for host in hosts.chain(proxy) {
        scrub.know(Kind::Host, host.trim_start_matches('.'));
    }
    for profile in config.profiles.values() {
        for (key, value) in &profile.values {
            learn_value(scrub, *key == profile.provider.client_key, key, value);
        }
        for url in profile.endpoints.values() {
            scrub.know(Kind::Host, host_of(url.as_str()));
        }
    }
}

fn learn_value(scrub: &mut Scrub, is_client: bool, key: &str, value: &Value) {
    match value {
        Value::Url(url) => scrub.know(Kind::Host, host_of(url.as_str())),
        Value::Text(text) if is_client => scrub.know(Kind::Client, text),
        Value::Text(text) if !key.starts_with("redirect_") => scrub.know(Kind::Tenant, text),
        Value::Secret(SecretRef::Keyring(name) | SecretRef::Env(name)) => {
            scrub.know(Kind::Secret, name);
        }
        Value::Secret(SecretRef::File(_))
        | Value::Text(_)
        | Value::Flag(_)
        | Value::Texts(_)
        | Value::Ports(_) => {}
    }
}

fn learn_accounts(scrub: &mut Scrub, status: &StatusReply) {
    for account in &status.accounts {
        scrub.know(Kind::User, &account.username);
        scrub.know(Kind::User, account.display_name.as_deref().unwrap_or_default());
        for tenant in [&account.tenant, &account.tenant_name].into_iter().flatten() {
            scrub.know(Kind::Tenant, tenant);
        }
    }
}

/// Returns the host in an address: behind the scheme and a user's name, before port and path.
fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.rsplit_once(':').map_or(host, |(host, _)| host)
}

/// Returns what the config says, without the names of secrets.
fn config(config: &Config) -> String {
    let network = &config.network;
    let mut lines = vec![format!("cache.key = {}", config.key_source.as_str())];
    let settings =
        [("proxy", &network.proxy), ("no_proxy", &network.no_proxy), ("ca_file", &network.ca_file)];
    for (key, value) in settings {
        lines.extend(value.as_ref().map(|value| format!("network.{key} = {value}")));
    }
    lines.extend(config.profiles.values().flat_map(profile));
    lines.join("\n")
}

fn profile(profile: &Profile) -> Vec<String> {
    let mut lines = vec![
        format!("profile {}:", profile.name),
        format!("provider = {}, method = {}", profile.provider.id, profile.method.id),
        format!("scopes = {}, direct = {}", profile.scopes, profile.direct),
    ];
    lines.extend(profile.values.iter().map(|(key, value)| format!("{key} = {}", shown(value))));
    let endpoint =
        |(key, url): (&&str, &lanyard_core::WebUrl)| format!("endpoints.{key} = {}", url.as_str());
    lines.extend(profile.endpoints.iter().map(endpoint));
    lines
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Url(url) => url.as_str().to_owned(),
        Value::Flag(flag) => flag.to_string(),
        Value::Texts(texts) => texts.join(", "),
        Value::Ports(ports) => format!("{ports:?}"),
        Value::Secret(_) => "a reference to a secret".to_owned(),
    }
}

/// Returns the log's end, at levels that hold no names.
fn log(scene: &Scene) -> String {
    let text = std::fs::read(scene.home.logs.join("broker.log")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let told =
        |line: &&str| line.split_whitespace().nth(1).is_some_and(|level| LEVELS.contains(&level));
    let lines: Vec<&str> = text.lines().filter(told).collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_in_an_address() {
        assert_eq!(host_of("http://m:pw@proxy.corp:3128/x"), "proxy.corp");
        assert_eq!(host_of("https://id.example.com"), "id.example.com");
        assert_eq!(host_of("proxy"), "proxy");
    }

    #[test]
    fn a_file_that_is_there_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("report");
        save(&file, "one").unwrap();
        assert_eq!(save(&file, "two").unwrap_err().code, Code::Usage);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "one");
    }
}
