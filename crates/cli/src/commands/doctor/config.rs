use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use lanyard_cache::{StoredSecret, keyring_state};
use lanyard_core::config::{Config, Profile, SecretRef, Value};
use tokio::task::spawn_blocking;

use super::finding::Finding;
use super::scene::Scene;
use crate::config_file;

pub(super) async fn check(scene: Arc<Scene>) -> Vec<Finding> {
    let mut findings = vec![access(&scene.home.config), content(&scene)];
    findings.extend(chosen(&scene));
    let secrets = spawn_blocking(move || scene.config.as_ref().map(secrets).unwrap_or_default());
    findings.extend(secrets.await.unwrap_or_default());
    findings
}

fn access(path: &Path) -> Finding {
    match config_file::refuse_exposed(path) {
        Err(failure) => Finding::of_failure("config access", failure),
        Ok(()) if path.exists() => Finding::ok("config access", "this user's alone"),
        Ok(()) => Finding::skipped("config access", "there is no file yet"),
    }
}

fn content(scene: &Scene) -> Finding {
    let shown = scene.home.config.display();
    match &scene.config {
        Err(failure) => Finding::of_failure("config", failure.clone()),
        Ok(config) if config.profiles.is_empty() => {
            Finding::warn("config", format!("{shown} has no profile: nobody can sign in"))
                .repair("lanyard profile add NAME")
        }
        Ok(config) => Finding::ok("config", format!("{} in {shown}", profiles(config))),
    }
}

fn profiles(config: &Config) -> String {
    match config.profiles.len() {
        1 => "1 profile".to_owned(),
        many => format!("{many} profiles"),
    }
}

/// Looks at the profile that `LANYARD_PROFILE` names; `default_profile` is checked with the file.
fn chosen(scene: &Scene) -> Option<Finding> {
    let (name, config) = (scene.setup.profile.as_deref()?, scene.config.as_ref().ok()?);
    if config.profiles.keys().any(|known| known.as_str() == name) {
        return Some(Finding::ok("LANYARD_PROFILE", format!("names the profile \"{name}\"")));
    }
    let what = format!("names a profile \"{name}\", which the config file does not have");
    Some(Finding::fail("LANYARD_PROFILE", what).repair("unset LANYARD_PROFILE"))
}

fn secrets(config: &Config) -> Vec<Finding> {
    config.profiles.values().flat_map(secrets_of).collect()
}

fn secrets_of(profile: &Profile) -> Vec<Finding> {
    let reference = |(key, value): (&&str, &Value)| match value {
        Value::Secret(reference) => Some(secret(profile.name.as_str(), key, reference)),
        Value::Text(_) | Value::Url(_) | Value::Flag(_) | Value::Texts(_) | Value::Ports(_) => None,
    };
    profile.values.iter().filter_map(reference).collect()
}

fn secret(profile: &str, key: &str, reference: &SecretRef) -> Finding {
    let name = format!("secret of {profile}");
    match reference {
        SecretRef::Keyring(entry) => in_keyring(name, entry),
        SecretRef::File(path) => in_file(name, Path::new(path)),
        SecretRef::Env(variable) => {
            let what = format!(
                "stands in {variable} of the calling program, which the broker does not see"
            );
            Finding::fail(name, what).repair(format!(
                "lanyard secret set {profile} && lanyard profile edit {profile} --set '{key}={{ keyring = \"{profile}\" }}'"
            ))
        }
    }
}

fn in_keyring(name: String, entry: &str) -> Finding {
    if keyring_state().is_err() {
        return Finding::skipped(name, "the keyring cannot be asked for it; see below");
    }
    match StoredSecret::of_config(entry).read() {
        Ok(Some(_)) => Finding::ok(name, format!("the keyring holds \"{entry}\"")),
        Ok(None) => Finding::fail(name, format!("the keyring holds no secret \"{entry}\""))
            .repair(format!("lanyard secret set {entry}")),
        Err(problem) => Finding::fail(name, format!("the keyring did not give it: {problem}"))
            .repair("see what is said of the keyring below"),
    }
}

fn in_file(name: String, path: &Path) -> Finding {
    let shown = path.display();
    if let Err(error) = std::fs::File::open(path) {
        return Finding::fail(name, format!("{shown} cannot be read: {}", error.kind()))
            .repair(format!("put the secret into '{shown}', mode 600"));
    }
    let wide = std::fs::metadata(path).is_ok_and(|file| file.mode() & 0o077 != 0);
    if wide {
        return Finding::warn(name, format!("{shown} can be read by other users"))
            .repair(format!("chmod 600 '{shown}'"));
    }
    Finding::ok(name, format!("in {shown}"))
}
