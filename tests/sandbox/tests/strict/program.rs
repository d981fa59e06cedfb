//! The program around the library.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

#[test]
fn it_says_where_it_is_and_stops_when_asked() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.toml");
        let mut program = start(&["--config-out", config.to_str().unwrap()]);
        let mut stdout = BufReader::new(program.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let places: Value = serde_json::from_str(&line).unwrap();
        let issuer = places["oidc_issuer"].as_str().unwrap();
        assert_eq!(issuer, format!("{}/oidc", places["origin"].as_str().unwrap()));
        assert!(std::fs::read_to_string(&config).unwrap().contains(issuer));

        kill_process(Pid::from_child(&program), signal).unwrap();
        assert!(program.wait().unwrap().success());
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_lanyard-sandbox"))
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}
