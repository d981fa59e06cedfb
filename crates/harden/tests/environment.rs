//! The restart without what loads code, in processes of their own.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::path::{Path, PathBuf};
use std::process::Command;

const PROBE: &str = env!("CARGO_BIN_EXE_harden-probe");

/// A library that says in which process it was loaded.
const MARKER: &str = "
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
__attribute__((constructor)) static void loaded(void) {
    FILE *marker = fopen(getenv(\"MARKER\"), \"a\");
    if (marker) { fprintf(marker, \"%d\\n\", getpid()); fclose(marker); }
}
";

#[test]
fn a_preloaded_library_is_gone_after_the_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (library, marker) = (library(folder.path()), folder.path().join("marker"));
    let mut command = Command::new(PROBE);
    command.arg("clean").env("LD_PRELOAD", &library).env("MARKER", &marker);
    let said = output(&mut command);
    let loads = std::fs::read_to_string(&marker).unwrap();
    assert_eq!(loads.lines().count(), 1, "it was loaded before the restart, and never again");
    assert!(said.contains("/harden-probe"), "the maps are those of the program: {said}");
    assert!(!said.contains("marker.so"), "{said}");
    assert!(!said.contains("LD_PRELOAD") && !said.contains("MARKER"), "{said}");
}

#[test]
fn arguments_and_name_outlive_the_restart() {
    let mut command = Command::new(PROBE);
    command.args(["clean", "two words", "", "--flag=ü"]).env("GTK_MODULES", "evil");
    let said = output(&mut command);
    let mut lines = said.lines();
    let args = lines.next().unwrap();
    assert!(args.ends_with("\"clean\", \"two words\", \"\", \"--flag=ü\"]"), "{args}");
    assert_eq!(lines.next(), Some("harden-probe"));
}

#[test]
fn allowed_variables_stay_and_need_no_restart() {
    let mut command = Command::new(PROBE);
    command
        .arg("clean")
        .env_clear()
        .env("HOME", "/root")
        .env("LC_ALL", "C")
        .env("LANYARD_HOME", "/x");
    let said = output(&mut command);
    assert_eq!(said.lines().nth(2), Some(r#"["HOME", "LANYARD_HOME", "LC_ALL"]"#));
}

#[test]
fn a_socket_meant_for_another_process_is_forgotten() {
    let mut command = Command::new(PROBE);
    command.arg("clean").env_clear().env("LISTEN_PID", "1").env("LISTEN_FDS", "1").env("TZ", "UTC");
    assert_eq!(output(&mut command).lines().nth(2), Some(r#"["TZ"]"#));
}

#[test]
fn a_socket_meant_for_this_process_is_kept() {
    let script = "LISTEN_PID=$$ LISTEN_FDS=1 EVIL=1 exec \"$0\" clean";
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, PROBE]).env_clear();
    let names = output(&mut command).lines().nth(2).unwrap().to_owned();
    assert!(names.contains("LISTEN_PID") && names.contains("LISTEN_FDS"), "{names}");
    assert!(!names.contains("EVIL"), "{names}");
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn library(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("marker.c"), folder.join("marker.so"));
    std::fs::write(&source, MARKER).unwrap();
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
    assert!(cc.status().unwrap().success());
    library
}
