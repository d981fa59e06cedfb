//! The cache's keys in a real keyring.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::io::Write;
use std::process::{Command, Stdio};

use lanyard_e2e::{Desk, Lanyard, on_desk};
use serde_json::json;

#[test]
fn keys_leave_the_keyring_for_a_passphrase_and_come_back() {
    on_desk(Desk::Usual, "keys_leave_the_keyring_for_a_passphrase_and_come_back", |folder| {
        let lanyard = with_cache(&folder);
        typed(&lanyard, "rekey", "rekey\n");
        holds(&lanyard, "keyring");
        typed(&lanyard, "rekey --to passphrase", "passphrase\nsecret\nsecret\n");
        assert!(keyring("file-key", &lanyard).is_empty());
        let answer = lanyard.run(&["cache", "info", "--json"]).ok().json();
        assert_eq!(answer["held_by"], json!(["passphrase"]));
        typed(&lanyard, "rekey --to keyring", "keyring\nsecret\n");
        holds(&lanyard, "keyring");
        lanyard.run(&["status"]).ok();
    });
}

#[test]
fn a_key_that_was_kept_without_a_salt_opens_its_file_and_gets_one() {
    on_desk(
        Desk::Usual,
        "a_key_that_was_kept_without_a_salt_opens_its_file_and_gets_one",
        |folder| {
            let lanyard = with_cache(&folder);
            for kind in ["file-key", "grant-key"] {
                let value = keyring(kind, &lanyard);
                let key = value.split_once(':').unwrap().1.to_owned();
                store(kind, &lanyard, &key);
                assert_eq!(keyring(kind, &lanyard), key);
            }
            holds(&lanyard, "keyring");
            assert!(keyring("file-key", &lanyard).contains(':'), "the salt is noted");
            lanyard.run(&["status"]).ok();
        },
    );
}

/// Returns a home whose broker made a cache and ended.
fn with_cache(folder: &std::path::Path) -> Lanyard {
    let lanyard = Lanyard::at(folder, "");
    lanyard.run(&["status"]).ok();
    lanyard.end_broker("-TERM");
    lanyard
}

fn holds(lanyard: &Lanyard, holder: &str) {
    let answer = lanyard.run(&["cache", "info", "--json"]).ok().json();
    assert_eq!(answer["held_by"], json!([holder]), "{answer}");
    assert_eq!(answer["content"]["accounts"], 0, "{answer}");
}

/// Runs a command on a terminal of its own, on which `input` is typed.
fn typed(lanyard: &Lanyard, command: &str, input: &str) {
    let plain = lanyard.command(&[]);
    let program = plain.get_program().to_string_lossy();
    let mut script = Command::new("script");
    script.args(["-qec", &format!("{program} cache {command}"), "/dev/null"]);
    script.env("LANYARD_HOME", lanyard.home()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn attributes(kind: &str, lanyard: &Lanyard) -> [String; 4] {
    let entry = format!("{kind}:{}", lanyard.home().join("cache.db").display());
    ["service".to_owned(), "lanyard".to_owned(), "username".to_owned(), entry]
}

fn keyring(kind: &str, lanyard: &Lanyard) -> String {
    let mut tool = Command::new("secret-tool");
    let output = tool.arg("lookup").args(attributes(kind, lanyard)).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Puts a value in the place of the entry that is there.
fn store(kind: &str, lanyard: &Lanyard, value: &str) {
    let clear = Command::new("secret-tool").arg("clear").args(attributes(kind, lanyard)).status();
    assert!(clear.unwrap().success());
    let mut tool = Command::new("secret-tool");
    tool.args(["store", "--label", "lanyard"]).args(attributes(kind, lanyard));
    let mut child = tool.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}
