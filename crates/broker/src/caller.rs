//! Who is calling, as the kernel tells it.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use lanyard_core::{COMMAND, Caller, Executable, hex, program_places};
use sha2::{Digest, Sha256};

/// How many ancestors are looked at.
const DEPTH: usize = 16;

/// Shells that only run a command for somebody else when started with `-c`.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "zsh", "fish", "ksh"];

/// Programs that are known by what they run. Digits behind the name are a version.
const INTERPRETERS: [&str; 6] = ["python", "node", "ruby", "perl", "deno", "bun"];

/// One process, as `/proc` shows it.
#[derive(Debug)]
struct Process {
    pid: u32,
    parent: u32,
    session_tty: i64,
    /// Jiffies since boot: with the pid it names one process for ever.
    started: u64,
    executable: Option<PathBuf>,
}

/// Describes the program behind a connection: its peer or, if that is Lanyard's own command line,
/// the nearest ancestor that is neither `lanyard` nor a shell with `-c`.
///
/// A process that ended while it was looked at is unknown: its number may be another's by then.
pub(crate) fn recognise(pid: Option<i32>) -> Caller {
    let pid = pid.and_then(|pid| u32::try_from(pid).ok());
    let Some(first) = pid.and_then(process) else { return Caller::default() };
    let own = program_places(&std::env::current_exe().unwrap_or_default(), COMMAND);
    let is_own =
        |process: &Process| process.executable.as_ref().is_some_and(|path| own.contains(path));
    let ancestors = line(first);
    let is_caller = |process: &&Process| !is_own(process) && !is_command_shell(process);
    let Some(position) = ancestors.iter().position(|process| is_caller(&process)) else {
        return Caller::default();
    };
    let Some((found, parents)) = ancestors.get(position..).and_then(<[Process]>::split_first)
    else {
        return Caller::default();
    };
    let caller = Caller {
        pid: Some(found.pid),
        executable: executable(found),
        script: script(found),
        folder: std::fs::read_link(format!("/proc/{}/cwd", found.pid)).ok(),
        parents: parents.iter().map(name).collect(),
        terminal: (found.session_tty != 0).then(|| found.session_tty.to_string()),
        ..Caller::default()
    };
    let replaced = |path: &PathBuf| path.to_string_lossy().ends_with(" (deleted)");
    if found.executable.as_ref().is_none_or(replaced) {
        return Caller::default();
    }
    let still = process(found.pid).is_some_and(|again| again.started == found.started);
    if still { caller } else { Caller::default() }
}

/// Returns the executable as it was when the process began to run it, also if another file is at its
/// path by now.
fn executable(process: &Process) -> Option<Executable> {
    let path = process.executable.clone()?;
    let mut file = File::open(format!("/proc/{}/exe", process.pid)).ok()?;
    let found = file.metadata().ok()?;
    let mut digest = Sha256::new();
    std::io::copy(&mut file, &mut digest).ok()?;
    let (device, inode) = (found.dev(), found.ino());
    Some(Executable { path, device, inode, digest: hex(&digest.finalize()) })
}

/// Returns the process and its ancestors, nearest first.
fn line(first: Process) -> Vec<Process> {
    let mut line = vec![first];
    while let Some(parent) =
        line.last().filter(|last| last.parent > 1).and_then(|last| process(last.parent))
    {
        line.push(parent);
        if line.len() == DEPTH {
            break;
        }
    }
    line
}

fn process(pid: u32) -> Option<Process> {
    let mut stat = [0; 1024];
    let mut file = File::open(format!("/proc/{pid}/stat")).ok()?;
    let length = file.read(&mut stat).ok()?;
    let stat = String::from_utf8_lossy(stat.get(..length)?);
    let (parent, session_tty, started) = parse_stat(&stat)?;
    let executable = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
    Some(Process { pid, parent, session_tty, started, executable })
}

/// Returns parent, terminal and start time of a `/proc/PID/stat` line (proc(5), fields 4, 7 and
/// 22). The program's name is in brackets and may hold brackets and blanks itself.
fn parse_stat(stat: &str) -> Option<(u32, i64, u64)> {
    let fields: Vec<&str> = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace().collect();
    Some((
        fields.get(1)?.parse().ok()?,
        fields.get(4)?.parse().ok()?,
        fields.get(19)?.parse().ok()?,
    ))
}

/// A shell that was given a command: `-c`, also within a cluster such as `-lc`.
fn is_command_shell(process: &Process) -> bool {
    let is_command = |option: &String| !option.starts_with("--") && option.ends_with('c');
    let arguments = arguments(process);
    let mut options = arguments.iter().skip(1).take_while(|argument| argument.starts_with('-'));
    SHELLS.contains(&name(process).as_str()) && options.any(is_command)
}

/// Returns the script of an interpreter: its first argument, if that is a file, or the module behind
/// `-m`. Code on the command line is no name: it could hold a secret.
fn script(process: &Process) -> Option<String> {
    let name = name(process);
    let interpreter = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if !INTERPRETERS.contains(&interpreter) && !SHELLS.contains(&interpreter) {
        return None;
    }
    let arguments = arguments(process);
    let (option, rest) = arguments.get(1..)?.split_first()?;
    if option == "-m" {
        let is_module =
            |text: &&String| text.chars().all(|c| c.is_alphanumeric() || "._".contains(c));
        return rest.first().filter(is_module).cloned();
    }
    let file = Path::new(&format!("/proc/{}/cwd", process.pid)).join(option);
    (!option.starts_with('-') && file.is_file()).then(|| option.clone())
}

fn arguments(process: &Process) -> Vec<String> {
    let line = std::fs::read(format!("/proc/{}/cmdline", process.pid)).unwrap_or_default();
    let words = line.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

fn name(process: &Process) -> String {
    let file = process.executable.as_deref().and_then(Path::file_name);
    file.map_or_else(|| "unknown".to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_blanks_does_not_shift_the_fields() {
        let stat = "7 (a) b (c) S 5 7 7 34816 7 0 0 0 0 0 0 0 0 0 20 0 1 0 991 0 0";
        assert_eq!(parse_stat(stat), Some((5, 34816, 991)));
        assert_eq!(parse_stat("7 (a"), None);
        assert_eq!(parse_stat(""), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_child_is_recognised_with_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        let mut child =
            std::process::Command::new("sleep").arg("30").current_dir(&dir).spawn().unwrap();
        let caller = recognise(i32::try_from(child.id()).ok());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(caller.name(), "sleep");
        assert_eq!(caller.folder.as_deref(), Some(dir.path().canonicalize().unwrap().as_path()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interpreter_is_known_by_its_script() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("agent.sh"), "read -r _\n").unwrap();
        let mut command = std::process::Command::new("bash");
        command.arg("agent.sh").current_dir(&dir).stdin(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        runs(child.id(), "bash");
        let caller = recognise(i32::try_from(child.id()).ok());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(caller.name(), "bash agent.sh");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn code_on_the_command_line_names_nobody() {
        let mut command = std::process::Command::new("perl");
        command.args(["-e", "<STDIN>; # SECRET"]).stdin(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        runs(child.id(), "perl");
        let caller = recognise(i32::try_from(child.id()).ok());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(caller.name(), "perl");
    }

    #[test]
    fn a_process_that_is_gone_is_unknown() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).ok();
        child.wait().unwrap();
        assert_eq!(recognise(pid), Caller::default());
        assert_eq!(recognise(None).name(), "unknown program");
    }

    /// Waits until the child runs its program, and no longer the test's own.
    fn runs(pid: u32, program: &str) {
        for _ in 0..500 {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
            if line.starts_with(program.as_bytes()) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("{program} did not start");
    }
}
