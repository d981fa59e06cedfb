//! The broker as other programs meet it.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::process::{Command, Stdio};

use lanyard_e2e::{Desk, Lanyard, on_desk, program};

/// Listens as systemd does, and hands the socket over as descriptor 3.
const ACTIVATE: &str = "
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
os.dup2(os.dup(listener.fileno()), 3)
os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], [sys.argv[2], 'broker'])
";

#[test]
fn a_socket_that_systemd_made_is_served() {
    on_desk(Desk::Usual, "a_socket_that_systemd_made_is_served", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        let socket = lanyard.home().join("lanyard.sock");
        let mut activated = Command::new("python3");
        activated.args(["-c", ACTIVATE]).arg(&socket).arg(program("lanyard"));
        let mut broker =
            activated.env("LANYARD_HOME", lanyard.home()).stderr(Stdio::null()).spawn().unwrap();
        while !answers(&socket) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(lanyard.broker_pid().unsigned_abs(), broker.id());
        lanyard.end_broker("-TERM");
        assert!(broker.wait().unwrap().success());
        assert!(socket.exists(), "the socket is systemd's to remove");
    });
}

#[test]
fn every_described_path_is_served() {
    on_desk(Desk::Usual, "every_described_path_is_served", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        lanyard.run(&["status"]).ok();
        let served = curl(&lanyard, "GET", "/v1/openapi.json");
        let document: serde_json::Value = serde_json::from_str(&served).unwrap();
        let mut checked = 0;
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let path = path.replace("{id}", "none");
                let answer = curl(&lanyard, &method.to_uppercase(), &path);
                assert!(
                    !answer.contains(&format!("there is no {} ", method.to_uppercase())),
                    "{method} {path}: {answer}"
                );
                checked += 1;
            }
        }
        assert!(checked > 10);
    });
}

#[test]
fn the_broker_writes_no_core_file() {
    on_desk(Desk::Usual, "the_broker_writes_no_core_file", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        let limits =
            std::fs::read_to_string(format!("/proc/{}/limits", lanyard.broker_pid())).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_ascii_whitespace().nth(4), Some("0"), "{core}");
    });
}

#[test]
fn two_programs_that_need_a_broker_at_once_get_the_same_one() {
    on_desk(Desk::Usual, "two_programs_that_need_a_broker_at_once_get_the_same_one", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        let start = || {
            let mut command = lanyard.command(&["status", "--json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let programs: Vec<_> = (0..10).map(|_| start()).collect();
        let pids: Vec<serde_json::Value> = programs
            .into_iter()
            .map(|program| {
                lanyard_e2e::Answer::from(program.wait_with_output().unwrap()).ok().json()
            })
            .map(|status| status["broker"]["pid"].clone())
            .collect();
        assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    });
}

fn answers(socket: &std::path::Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

fn curl(lanyard: &Lanyard, method: &str, path: &str) -> String {
    let socket = lanyard.home().join("lanyard.sock");
    let output = Command::new("curl")
        .args(["-sS", "-m", "2", "-X", method, "--unix-socket", socket.to_str().unwrap()])
        .args(["-d", "{}", &format!("http://lanyard{path}")])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}
