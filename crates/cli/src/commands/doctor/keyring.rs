use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use lanyard_core::config::KeySource;
use zbus::Connection;
use zbus::zvariant::OwnedObjectPath;

use super::bus;
use super::finding::Finding;
use super::programs::install_command;
use super::scene::Scene;

const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";

/// How gnome-keyring begins a file that it encrypted with the keyring's password.
const ENCRYPTED: &[u8] = b"GnomeKeyring\n\r";

/// How it begins the file of a keyring without a password.
const IN_THE_CLEAR: &[u8] = b"[";

pub(super) async fn check(scene: Arc<Scene>) -> Vec<Finding> {
    let source = scene.config.as_ref().map_or(KeySource::Keyring, |config| config.key_source);
    let mut findings: Vec<Finding> = key_source(source).into_iter().collect();
    match look(&scene, source).await {
        Ok(more) => findings.extend(more),
        Err(finding) if source == KeySource::Keyring => findings.push(finding),
        Err(finding) => findings.push(Finding::skipped(
            "keyring",
            format!("{}; the cache's key does not come from it", finding.what),
        )),
    }
    findings
}

fn key_source(source: KeySource) -> Option<Finding> {
    match source {
        KeySource::Keyring => None,
        KeySource::Passphrase => {
            Some(Finding::ok("key source", "a passphrase, which is asked for after each start"))
        }
        KeySource::Keyfile => {
            let what = "a file: whoever can read it, or a backup of it, opens the cache";
            let repair =
                "set cache.key to \"keyring\" or \"passphrase\", if one of them can be had";
            Some(Finding::warn("key source", what).repair(repair))
        }
    }
}

async fn look(scene: &Scene, source: KeySource) -> Result<Vec<Finding>, Finding> {
    let bus = bus::session().await.map_err(|problem| {
        Finding::fail("keyring", "there is no session bus to reach it by")
            .repair("sign in to a desktop; without one: `dbus-run-session -- bash`")
            .detail(problem)
    })?;
    let collection = collection(scene, &bus).await?;
    let program = bus::owner(&bus, SERVICE).await.unwrap_or_else(|| "Secret Service".to_owned());
    let mut findings = vec![
        Finding::ok("keyring", format!("{program} is there, and unlocked")),
        password(scene, collection.as_str(), &program),
    ];
    if source == KeySource::Keyring {
        findings.push(entry(scene, &bus).await.unwrap_or_else(|error| {
            Finding::fail("keyring entry", "the keyring could not be searched")
                .repair("restart the keyring, or sign in to the desktop anew")
                .detail(error.to_string())
        }));
    }
    Ok(findings)
}

/// Returns the default collection, if it is there and unlocked.
async fn collection(scene: &Scene, bus: &Connection) -> Result<OwnedObjectPath, Finding> {
    let absent = |error: zbus::Error| {
        Finding::fail("keyring", "no Secret Service answers on the session bus")
            .repair(format!(
                "{}, then sign in to the desktop anew (KWallet and KeePassXC will do as well)",
                install_command(scene, "gnome-keyring")
            ))
            .detail(error.to_string())
    };
    let service =
        bus::proxy(bus, SERVICE, ROOT, "org.freedesktop.Secret.Service").await.map_err(absent)?;
    let path: OwnedObjectPath = service.call("ReadAlias", &"default").await.map_err(absent)?;
    if path.as_str() == "/" {
        return Err(Finding::fail("keyring", "it has no default collection").repair(
            "in Passwords and Keys (`seahorse`): +, Password keyring, then \"Set as default\"",
        ));
    }
    let interface = "org.freedesktop.Secret.Collection";
    let proxy = bus::proxy(bus, SERVICE, path.as_str(), interface).await.map_err(absent)?;
    match proxy.get_property::<bool>("Locked").await.map_err(absent)? {
        false => Ok(path),
        true => Err(Finding::fail("keyring", "it is locked").repair(
            "run `lanyard status` and answer its dialog, or unlock it in Passwords and Keys (`seahorse`)",
        )),
    }
}

/// Says whether the collection has a password, as far as its file tells: an unlocked one does not say
/// it over the bus.
fn password(scene: &Scene, collection: &str, program: &str) -> Finding {
    let file = scene.folder("XDG_DATA_HOME", ".local/share").map(|data| {
        let name = collection.rsplit('/').next().unwrap_or_default();
        data.join("keyrings").join(format!("{name}.keyring"))
    });
    let start = file.filter(|_| program.starts_with("gnome-keyring")).and_then(|file| start(&file));
    judge_password(start.as_deref(), program)
}

fn judge_password(start: Option<&[u8]>, program: &str) -> Finding {
    let name = "keyring password";
    match start {
        Some(start) if start.starts_with(ENCRYPTED) => {
            Finding::ok(name, "the keyring's file is encrypted")
        }
        Some(start) if start.starts_with(IN_THE_CLEAR) => {
            Finding::warn(name, "the keyring has none: its file holds the cache's key in the clear")
                .repair(
                    "in Passwords and Keys (`seahorse`): right-click the keyring, Change Password",
                )
        }
        Some(_) | None => Finding::skipped(
            name,
            format!("whether {program} protects its store by a password cannot be told from here"),
        ),
    }
}

fn start(file: &Path) -> Option<Vec<u8>> {
    let mut start = Vec::new();
    std::fs::File::open(file).ok()?.take(16).read_to_end(&mut start).ok()?;
    Some(start)
}

/// Looks for the cache's key, without reading it.
async fn entry(scene: &Scene, bus: &Connection) -> zbus::Result<Finding> {
    let name = format!("file-key:{}", scene.home.cache.display());
    let wanted = HashMap::from([("service", "lanyard"), ("username", name.as_str())]);
    let service = bus::proxy(bus, SERVICE, ROOT, "org.freedesktop.Secret.Service").await?;
    let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
        service.call("SearchItems", &wanted).await?;
    let stored = std::fs::metadata(&scene.home.cache).is_ok_and(|file| file.len() > 0);
    let shown = scene.home.cache.display();
    Ok(match (open.len() + locked.len(), stored) {
        (0, false) => Finding::ok("keyring entry", "no key yet; it is made with the cache"),
        (0, true) => Finding::fail("keyring entry", format!("there is no key for {shown}"))
            .repair(format!("restore the keyring, or begin anew: `mv '{shown}' '{shown}.old'`")),
        _ => Finding::ok("keyring entry", "the cache's key is there"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn only_what_a_file_shows_is_said_of_the_password() {
        let state = |start: Option<&[u8]>| judge_password(start, "x").state;
        assert_eq!(state(Some(b"GnomeKeyring\n\r\0\n\0\0")), State::Ok);
        assert_eq!(state(Some(b"[keyring]\ndispla")), State::Warn);
        assert_eq!(state(Some(b"")), State::Skipped);
        assert_eq!(state(None), State::Skipped);
    }

    #[test]
    fn a_keyfile_is_worth_a_look() {
        assert_eq!(key_source(KeySource::Keyfile).unwrap().state, State::Warn);
        assert_eq!(key_source(KeySource::Passphrase).unwrap().state, State::Ok);
        assert!(key_source(KeySource::Keyring).is_none());
    }
}
