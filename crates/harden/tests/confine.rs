//! Confinement, in processes of their own.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::path::Path;
use std::process::Command;

use lanyard_harden::{facts, outside};
use serde_json::Value;

const PROBE: &str = env!("CARGO_BIN_EXE_harden-probe");

/// What a confined process is let do, and what it is told of the rest.
const EXPECTED: &[&str] = &[
    "exec: permission denied",
    "exec on a thread: permission denied",
    "exec outside: permission denied",
    "ptrace: permission denied",
    "ptrace outside: permission denied",
    "unshare: permission denied",
    "clone with a namespace: permission denied",
    "io_uring: permission denied",
    "keyctl: permission denied",
    "write inside: yes",
    "rename inside: yes",
    "socket inside: yes",
    "link inside: permission denied",
    "write beyond: permission denied",
    "cut beyond: permission denied",
    "remove beyond: permission denied",
    "write through a link: permission denied",
    "read beyond: yes",
    "write to /dev/null: yes",
    "listen: yes",
    "threads and timers: yes",
];

#[test]
fn a_confined_process_starts_nothing_and_writes_in_its_folder_only() {
    let (inside, beyond) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(beyond.path().join("there"), "before").unwrap();
    let way_out = inside.path().join("way-out");
    std::os::unix::fs::symlink(beyond.path().join("there"), way_out).unwrap();
    let (measures, said) = probe(&["confined", path(inside.path()), path(beyond.path())]);
    let told = facts();
    assert!(holds(&measures, "no-new-privileges"));
    assert_eq!(holds(&measures, "seccomp"), told.seccomp, "{measures}");
    assert_eq!(holds(&measures, "landlock"), told.landlock_abi.is_some(), "{measures}");
    // A kernel that has but one of them is told apart by its measures above.
    if told.seccomp && told.landlock_abi.is_some_and(|version| version >= 3) {
        assert_eq!(said, EXPECTED);
        assert_eq!(std::fs::read_to_string(beyond.path().join("there")).unwrap(), "before");
    }
}

#[test]
fn what_landlock_does_not_have_is_said_and_the_rest_reaches_older_threads() {
    let inside = tempfile::tempdir().unwrap();
    let (measures, said) = probe(&["confined-with-threads", path(inside.path())]);
    assert!(!holds(&measures, "landlock"));
    assert!(measures.to_string().contains("before threads are started"), "{measures}");
    if holds(&measures, "seccomp") {
        assert_eq!(said, ["exec on an older thread: permission denied"]);
    }
}

#[test]
fn who_calls_is_seen_from_outside() {
    let mut other = Command::new("sleep").arg("60").spawn().unwrap();
    let (measures, said) = probe(&["confined-outside", &other.id().to_string()]);
    other.kill().unwrap();
    other.wait().unwrap();
    if holds(&measures, "landlock") {
        assert_eq!(said[0], "look within: permission denied");
    }
    assert!(said[1].starts_with('/'), "{said:?}");
}

#[test]
fn a_process_that_is_not_confined_is_outside() {
    let here = std::thread::current().id();
    assert_eq!(outside(move || std::thread::current().id()), here);
}

fn probe(args: &[&str]) -> (Value, Vec<String>) {
    let output = Command::new(PROBE).args(args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut said = text.lines().map(str::to_owned);
    (serde_json::from_str(&said.next().unwrap()).unwrap(), said.collect())
}

fn holds(measures: &Value, name: &str) -> bool {
    let measures = measures.as_array().unwrap();
    let measure = measures.iter().find(|measure| measure["name"] == name).unwrap();
    measure["holds"].as_bool().unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
