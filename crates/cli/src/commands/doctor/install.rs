//! The programs: which are installed, and whether they fit together.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lanyard_core::{COMMAND, DAEMON, program_places};
use tokio::process::Command;

use super::finding::Finding;
use super::programs::{on_path, says};
use super::scene::Scene;

const WINDOW: &str = "lanyard-app";
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) async fn check(scene: Arc<Scene>) -> Vec<Finding> {
    let own = std::env::current_exe().unwrap_or_default();
    let (command, daemon, window) = tokio::join!(
        program(&own, COMMAND),
        program(&own, DAEMON),
        program(&own, WINDOW) //
    );
    vec![command, daemon, window, first_on_path(&scene, &own)]
}

/// Looks at the program that would be taken, seen from this one.
async fn program(own: &Path, name: &'static str) -> Finding {
    let places = program_places(own, name);
    let Some(found) = places.iter().find(|path| path.is_file()) else {
        return missing(name, &places);
    };
    let shown = found.display();
    match version(found).await {
        Some(version) if version == VERSION => {
            Finding::ok(name, format!("version {version}, {shown}"))
        }
        Some(version) => {
            Finding::fail(name, format!("version {version} at {shown}, and this is {VERSION}"))
                .repair("install all programs of Lanyard from one package")
        }
        None => Finding::warn(name, format!("{shown} does not say its version; this is {VERSION}"))
            .repair("install all programs of Lanyard from one package"),
    }
}

fn missing(name: &'static str, places: &[PathBuf]) -> Finding {
    if name == WINDOW {
        return Finding::skipped(name, "not installed; everything works from a terminal");
    }
    let looked: Vec<String> = places.iter().map(|path| path.display().to_string()).collect();
    Finding::fail(name, "not found")
        .repair("put it beside the other programs, or install Lanyard anew")
        .detail(format!("looked at {}", looked.join(", ")))
}

/// Asks a program for its version. Without an environment: a window that does not know the question
/// finds no display, and ends.
async fn version(program: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.arg("--version").env_clear();
    says(command).await?.split_whitespace().last().map(str::to_owned)
}

fn first_on_path(scene: &Scene, own: &Path) -> Finding {
    let ours = program_places(own, COMMAND).into_iter().find(|path| path.is_file());
    let found = on_path(scene, COMMAND);
    judge_path(ours.as_deref(), &found)
}

fn judge_path(ours: Option<&Path>, found: &[PathBuf]) -> Finding {
    let (Some(ours), Some(first)) = (ours, found.first()) else {
        return Finding::ok("PATH", "holds no `lanyard`; it is run by its path");
    };
    let folder = ours.parent().unwrap_or(Path::new("/")).display();
    if !is_same(ours, first) {
        return Finding::warn(
            "PATH",
            format!("shows {} first, another one than this", first.display()),
        )
        .repair(format!("export PATH='{folder}':\"$PATH\"    # or remove {}", first.display()));
    }
    match found.iter().find(|other| !is_same(ours, other)) {
        Some(other) => Finding::warn("PATH", format!("holds another one too: {}", other.display()))
            .repair(format!("rm '{}'    # if nobody needs it", other.display())),
        None => Finding::ok("PATH", format!("shows {}", first.display())),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    let id = |path: &Path| std::fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    id(one) == id(other)
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn another_lanyard_on_the_path_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let [ours, other] = ["ours", "other"].map(|name| dir.path().join(name));
        std::fs::write(&ours, "1").unwrap();
        std::fs::write(&other, "2").unwrap();
        let state = |found: &[PathBuf]| judge_path(Some(&ours), found).state;
        assert_eq!(state(std::slice::from_ref(&ours)), State::Ok);
        assert_eq!(state(&[other.clone(), ours.clone()]), State::Warn);
        assert_eq!(state(&[ours.clone(), other]), State::Warn);
        assert_eq!(state(&[]), State::Ok);
    }

    #[test]
    fn a_daemon_that_is_missing_fails_and_a_window_does_not() {
        let places = [PathBuf::from("/opt/a/x")];
        let daemon = missing(DAEMON, &places);
        assert_eq!(daemon.state, State::Fail);
        assert!(daemon.detail.unwrap().contains("/opt/a/x"));
        assert_eq!(missing(WINDOW, &places).state, State::Skipped);
    }

    #[tokio::test]
    async fn a_program_of_another_version_is_told() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (own, daemon) = (dir.path().join("lanyard"), dir.path().join(DAEMON));
        std::fs::write(&daemon, "#!/bin/sh\necho lanyard 0.0.1\n").unwrap();
        std::fs::set_permissions(&daemon, std::fs::Permissions::from_mode(0o755)).unwrap();
        let finding = program(&own, DAEMON).await;
        assert_eq!(finding.state, State::Fail);
        assert!(finding.what.contains("version 0.0.1"), "{}", finding.what);
    }
}
