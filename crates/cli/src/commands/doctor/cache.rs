use std::path::Path;
use std::sync::Arc;

use lanyard_cache::{CacheError, CacheFacts, KeyHolder, ReadOnlyCache, WriterLock, keyring_state};
use lanyard_core::config::KeySource;
use tokio::task::spawn_blocking;

use super::finding::Finding;
use super::scene::Scene;

pub(super) async fn check(scene: Arc<Scene>) -> Vec<Finding> {
    spawn_blocking(move || findings(&scene)).await.unwrap_or_default()
}

fn findings(scene: &Scene) -> Vec<Finding> {
    let path = &scene.home.cache;
    let Ok(file) = std::fs::metadata(path) else {
        return vec![Finding::ok("cache", "none yet; it is made at the first use")];
    };
    let size = Finding::ok("cache size", format!("{} KiB in {}", file.len() >> 10, path.display()));
    let mut findings = vec![size, content(scene, path)];
    if scene.config.as_ref().is_ok_and(|config| config.key_source == KeySource::Keyfile) {
        findings.push(
            Finding::warn("cache key", "a keyfile: whoever can read your files can read the cache")
                .repair("`lanyard cache rekey --to keyring`, or `--to passphrase`"),
        );
    }
    findings
}

fn content(scene: &Scene, path: &Path) -> Finding {
    let source = scene.config.as_ref().map_or(KeySource::Keyring, |config| config.key_source);
    if WriterLock::is_held(path) {
        return Finding::skipped("cache", "a broker has it open, and would say what is wrong");
    }
    if source == KeySource::Passphrase {
        return Finding::skipped("cache", "only its passphrase opens it: see `lanyard cache info`");
    }
    if source == KeySource::Keyring && keyring_state().is_err() {
        return Finding::skipped("cache", "its key cannot be had from the keyring");
    }
    match facts(scene, path) {
        Ok(facts) if facts.damage.is_empty() => {
            Finding::ok("cache", format!("it opens, every page is whole, schema {}", facts.schema))
        }
        Ok(facts) => Finding::fail("cache", "pages of it are damaged")
            .repair(anew(path))
            .detail(facts.damage.join("; ")),
        Err(error) => unusable(path, &error),
    }
}

fn facts(scene: &Scene, path: &Path) -> Result<CacheFacts, CacheError> {
    let config = scene.config.clone().unwrap_or_default();
    let keys = KeyHolder::of_config(&config, path)?.unlock(path)?;
    ReadOnlyCache::open(path, &keys.file)?.facts()
}

fn unusable(path: &Path, error: &CacheError) -> Finding {
    let finding = Finding::of_failure("cache", error.to_failure());
    if matches!(error, CacheError::WrongKey(_)) {
        let other = "if the file came from another machine, bring its keyring along";
        return finding.repair(format!("{other}; else {}", anew(path)));
    }
    if matches!(error, CacheError::Database(_)) { finding.repair(anew(path)) } else { finding }
}

fn anew(path: &Path) -> String {
    let shown = path.display();
    format!(
        "`lanyard cache restore FILE` a backup, or `lanyard cache reset`; {shown} is kept aside"
    )
}
