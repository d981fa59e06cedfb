//! What every process begins with, in processes of their own.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const PROBE: &str = env!("CARGO_BIN_EXE_harden-probe");

/// A user without rights, as whom the probe runs where the tests run as root.
const NOBODY: u32 = 65534;

#[test]
fn other_programs_of_the_user_cannot_look_into_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut begun = Begun::start(folder.path());
    let place = PathBuf::from(format!("/proc/{}", begun.process.id()));
    assert_eq!(std::fs::metadata(place.join("environ")).unwrap().uid(), 0);
    let look = |name: &str| {
        let mut reader = as_nobody(Command::new("head"));
        reader.args(["-c", "1"]).arg(place.join(name)).output().unwrap()
    };
    for secret in ["environ", "mem", "maps"] {
        let output = look(secret);
        assert!(String::from_utf8_lossy(&output.stderr).contains("denied"), "{secret}: {output:?}");
    }
    assert!(look("stat").status.success(), "the reader works");
    begun.end();
}

#[test]
fn other_programs_of_the_user_cannot_trace_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut begun = Begun::start(folder.path());
    let attach = format!(
        "import ctypes; libc = ctypes.CDLL(None, use_errno=True); \
         print(libc.ptrace(16, {}, 0, 0), ctypes.get_errno())",
        begun.process.id()
    );
    let output = as_nobody(Command::new("python3")).args(["-c", &attach]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "-1 1\n", "{output:?}");
    begun.end();
}

#[test]
fn a_crash_leaves_no_core_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut begun = Begun::start(folder.path());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", begun.process.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let numbers: Vec<&str> = core.split_ascii_whitespace().skip(4).take(2).collect();
    assert_eq!(numbers, ["0", "0"]);
    begun.end();
}

#[test]
fn what_held_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut begun = Begun::start(folder.path());
    let names: Vec<&str> = begun.measures.as_array().unwrap().iter().map(name_of).collect();
    assert_eq!(names, ["not-dumpable", "no-core-files"]);
    begun.end();
}

fn name_of(measure: &serde_json::Value) -> &str {
    assert_eq!(measure["holds"], true, "{measure}");
    assert_eq!(measure["why"], serde_json::Value::Null);
    measure["name"].as_str().unwrap()
}

struct Begun {
    process: Child,
    measures: serde_json::Value,
}

impl Begun {
    /// Starts it from a copy that anyone may execute.
    fn start(folder: &Path) -> Self {
        let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
        let program = folder.join("probe");
        std::fs::set_permissions(folder, mode(0o755)).unwrap();
        std::fs::copy(PROBE, &program).unwrap();
        std::fs::set_permissions(&program, mode(0o755)).unwrap();
        let mut command = as_nobody(Command::new(program));
        command.arg("begin").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { process, measures: serde_json::from_str(&line).unwrap() }
    }

    fn end(&mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

fn as_nobody(mut command: Command) -> Command {
    if rustix::process::getuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/");
    command
}
