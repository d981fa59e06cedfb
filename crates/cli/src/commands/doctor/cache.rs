use std::path::Path;
use std::sync::Arc;

use lanyard_cache::{CacheError, ReadOnlyCache, WriterLock, file_key, keyring_state};
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
    vec![size, content(scene, path)]
}

fn content(scene: &Scene, path: &Path) -> Finding {
    let source = scene.config.as_ref().map_or(KeySource::Keyring, |config| config.key_source);
    if WriterLock::is_held(path) {
        return Finding::skipped("cache", "a broker has it open, and would say what is wrong");
    }
    if source != KeySource::Keyring {
        return Finding::skipped(
            "cache",
            format!("its key is not read from a {}", source.as_str()),
        );
    }
    if keyring_state().is_err() {
        return Finding::skipped("cache", "its key cannot be had from the keyring");
    }
    let read = file_key(path).and_then(|key| ReadOnlyCache::open(path, &key)?.health());
    match read {
        Ok(health) if health.damage.is_empty() => {
            Finding::ok("cache", format!("it opens, every page is whole, schema {}", health.schema))
        }
        Ok(health) => Finding::fail("cache", "pages of it are damaged")
            .repair(anew(path))
            .detail(health.damage.join("; ")),
        Err(error) => unusable(path, &error),
    }
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
    format!("restore a backup, or begin anew: `mv '{shown}' '{shown}.old'` and sign in again")
}
