//! The launcher, in processes of their own.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

const PROBE: &str = env!("CARGO_BIN_EXE_harden-probe");

/// Prints a process's environment, descriptors, session and folder into its channel.
const LOOK: &str = "exec >&3; tr '\\0' '\\n' </proc/$$/environ; cut -d' ' -f6 /proc/$$/stat; \
                    readlink /proc/$$/cwd; for fd in /proc/$$/fd/*; do echo ${fd##*/} \
                    $(readlink $fd); done";

#[test]
fn a_started_program_has_what_it_was_given_and_nothing_else() {
    let output = probe(&["launch", "/bin/sh", "-c", LOOK]);
    let mut said = output.lines();
    let pid = said.next().unwrap();
    assert_eq!(said.next(), Some("COLOUR=blue = green"));
    assert_eq!(said.next(), Some(pid), "it leads a session of its own");
    assert_eq!(said.next(), Some("/"));
    let descriptors: Vec<&str> = said.collect();
    assert_eq!(descriptors[0], "0 /dev/null");
    assert!(descriptors[1].starts_with("1 socket:"), "sh moved it there: {descriptors:?}");
    assert_eq!(descriptors[2], "2 /dev/null");
    assert!(descriptors[3].starts_with("3 socket:"), "{descriptors:?}");
    assert!(descriptors.len() <= 5, "sh may keep a copy of 1: {descriptors:?}");
}

#[test]
fn what_is_no_absolute_program_is_refused_and_the_launcher_goes_on() {
    let output = probe(&["launch-badly"]);
    let refusals: Vec<&str> = output.lines().collect();
    let expected = [
        "sh is not an absolute path",
        "/bin/../no/such/program is not a program",
        "/ is not a program",
        "Permission denied (os error 13)",
        "/bin/sh cannot be started: a variable's name is empty or has a '='",
        "nul byte found in provided data",
        "arguments and environment are too large to hand over",
        "process 1 was not started here, or has ended",
    ];
    assert_eq!(refusals, expected);
}

#[test]
fn a_stopped_program_is_seen_to_end_and_cannot_be_stopped_again() {
    let output = probe(&["launch-and-stop"]);
    let (ended, again) = output.split_once('\n').unwrap();
    assert_eq!(ended, "ended \"\"");
    assert!(again.contains("was not started here, or has ended"), "{again}");
}

#[test]
fn a_process_with_threads_forks_no_launcher() {
    let output = probe(&["launch-with-threads"]);
    assert!(output.contains("before threads are started"), "{output}");
}

#[test]
fn a_broker_that_is_killed_takes_its_launcher_along() {
    let (mut broker, mut said) = spawn(&["launch", "/bin/sh", "-c", "echo up >&3; exec cat <&3"]);
    let started = said.next().unwrap().unwrap();
    assert_eq!(said.next().unwrap().unwrap(), "up");
    let launcher = parent_of(&started);
    assert_eq!(parent_of(&launcher), broker.id().to_string());
    broker.kill().unwrap();
    broker.wait().unwrap();
    eventually("the launcher ends", || is_gone(&launcher));
    eventually("what it started sees the end of its channel", || is_gone(&started));
}

#[test]
fn a_launcher_holds_no_descriptor_of_the_broker_and_leads_a_session() {
    let (mut broker, mut said) = spawn(&["launch", "/bin/sh", "-c", "echo up >&3; exec cat <&3"]);
    let launcher = parent_of(&said.next().unwrap().unwrap());
    assert_eq!(said.next().unwrap().unwrap(), "up");
    let names = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
    let descriptors = std::fs::read_dir(format!("/proc/{launcher}/fd")).unwrap().map(names);
    let handles = descriptors.filter(|name| {
        let target = std::fs::read_link(format!("/proc/{launcher}/fd/{}", name.display()));
        !target.unwrap().starts_with("/dev/null")
    });
    assert_eq!(handles.count(), 2, "its socket, and the handle of the one program");
    assert_eq!(field(&launcher, 5), launcher);
    let limits = std::fs::read_to_string(format!("/proc/{launcher}/limits")).unwrap();
    assert!(
        limits.lines().any(|line| line.starts_with("Max core file size        0 ")),
        "{limits}"
    );
    broker.kill().unwrap();
    broker.wait().unwrap();
}

fn probe(args: &[&str]) -> String {
    let output = Command::new(PROBE).args(args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn spawn(args: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(PROBE).args(args).stdout(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, said)
}

fn parent_of(pid: &str) -> String {
    field(pid, 3)
}

/// Returns a field of `/proc/PID/stat`, counted from 0, of a process whose name has no space.
fn field(pid: &str, index: usize) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.split(' ').nth(index).unwrap().to_owned()
}

fn is_gone(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what}: not within five seconds");
}
