use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{Answer, Lanyard};

/// Longest that a command may take on its terminal, in seconds.
const LONGEST: &str = "60";

/// Runs a command on a terminal of its own, on which `input` is typed: in a shell script, which is
/// then the caller. Whoever runs the tests may be an agent; the terminal has nobody above it. What is
/// shown is in `out`.
///
/// # Panics
/// If the command does not end.
pub fn on_terminal(lanyard: &Lanyard, command: &str, input: &str) -> Answer {
    let program = lanyard.command(&[]).get_program().to_string_lossy().into_owned();
    let file = lanyard.home().join("typed.sh");
    let text = format!("{program} {command}\necho \"exit $?\"\n");
    std::fs::write(&file, text).expect("the folder is writable");
    let shell = format!("sh {}", file.display());
    let mut script = Command::new("setsid");
    script.args(["--fork", "timeout", LONGEST, "script", "-qc", &shell, "/dev/null"]);
    script.env("LANYARD_HOME", lanyard.home()).env("SHELL", "/bin/sh");
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut script = script.spawn().expect("setsid is there");
    let mut stdin = script.stdin.take().expect("it is piped");
    let mut stdout = script.stdout.take().expect("it is piped");
    for line in input.split_inclusive('\n') {
        // A passphrase that is typed before the program asks for it is shown and thrown away.
        std::thread::sleep(Duration::from_millis(700));
        if stdin.write_all(line.as_bytes()).is_err() {
            break;
        }
    }
    let mut out = String::new();
    stdout.read_to_string(&mut out).expect("it is text");
    drop(stdin);
    assert!(script.wait().expect("it ends").success());
    let code = out.trim_end().rsplit_once("exit ").and_then(|(_, code)| code.parse().ok());
    Answer { code: code.unwrap_or(-1), out, err: String::new() }
}
