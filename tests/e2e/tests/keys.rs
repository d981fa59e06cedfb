//! The cache's keys in a real keyring.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lanyard_e2e::{Answer, Desk, Lanyard, on_desk};
use serde_json::{Value, json};

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

#[test]
fn beside_a_running_broker_the_person_agrees_to_new_keys_and_copies() {
    on_desk(
        Desk::Usual,
        "beside_a_running_broker_the_person_agrees_to_new_keys_and_copies",
        |folder| {
            let lanyard = Lanyard::at(&folder, "");
            lanyard.run(&["status"]).ok();
            let _person = Watching::of(&lanyard);
            let old = keyring("file-key", &lanyard);
            let (prompt, done) = agreed(&lanyard, "rekey", "");
            assert_eq!(prompt["act"], "rekey");
            assert_eq!(done.ok().json(), json!({"rekeyed": true, "key": "keyring"}));
            assert_ne!(keyring("file-key", &lanyard), old);

            let file = folder.join("backup");
            let backup = format!("backup {} --passphrase-stdin", file.display());
            let (prompt, done) = agreed(&lanyard, &backup, "b\n");
            assert_eq!(prompt["act"], "backup");
            assert_eq!(done.ok().json(), json!({"backup": file}));
            let mode = std::os::unix::fs::PermissionsExt::mode;
            assert_eq!(mode(&std::fs::metadata(&file).unwrap().permissions()) & 0o777, 0o600);
            let left = std::fs::read_dir(lanyard.home()).unwrap();
            let mut left = left.map(|file| file.unwrap().file_name().into_string().unwrap());
            assert!(left.all(|name| !name.contains("backup")), "it was moved");
            let again = started(&lanyard, &backup, "b\n").wait_with_output().unwrap();
            assert_eq!(again.status.code(), Some(2), "it overwrites nothing");

            let handed = "rekey --to passphrase --passphrase-stdin";
            let (prompt, done) = agreed(&lanyard, handed, "secret\n");
            assert_eq!(prompt["act"], "keys-to-passphrase");
            assert_eq!(done.ok().json(), json!({"rekeyed": false, "key": "passphrase"}));
            assert!(keyring("file-key", &lanyard).is_empty());
            let status = lanyard.run(&["status", "--json"]).ok().json();
            assert_eq!(status["broker"]["key"], "passphrase");
            lanyard.run(&["lock"]).ok();
            let locked = started(&lanyard, "rekey", "").wait_with_output().unwrap();
            assert_eq!(locked.status.code(), Some(8), "nobody is asked while it is locked");
            let body = |passphrase| json!({"passphrase": passphrase}).to_string();
            let (status, _) = lanyard.as_anybody("POST", "/v1/unlock", &body("wrong"));
            assert_ne!(status, 200);
            let (_, unlocked) = lanyard.as_anybody("POST", "/v1/unlock", &body("secret"));
            assert_eq!(unlocked, json!({"locked": false}));
            lanyard.end_broker("-TERM");
            lanyard.run(&["status"]).ok();
            let (_, unlocked) = lanyard.as_anybody("POST", "/v1/unlock", &body("secret"));
            assert_eq!(unlocked, json!({"locked": false}), "the config names it");
        },
    );
}

#[test]
fn what_the_person_refuses_is_not_done_and_what_they_do_is_not_asked() {
    on_desk(
        Desk::Usual,
        "what_the_person_refuses_is_not_done_and_what_they_do_is_not_asked",
        |folder| {
            let lanyard = Lanyard::at(&folder, "");
            lanyard.run(&["status"]).ok();
            let _person = Watching::of(&lanyard);
            let before = keyring("file-key", &lanyard);
            let asking = started(&lanyard, "rekey --to keyfile", "");
            let prompt = waiting(&lanyard);
            assert_eq!(prompt["act"], "keys-to-keyfile");
            lanyard.answer("refuse");
            assert_eq!(asking.wait_with_output().unwrap().status.code(), Some(5));
            assert_eq!(keyring("file-key", &lanyard), before);
            assert!(!lanyard.home().join("cache.keyfile").exists());
            let body = "{\"to\":\"nobody\"}";
            assert_eq!(lanyard.as_anybody("POST", "/v1/cache/rekey", body).0, 400);

            let done = lanyard.as_person("POST", "/v1/cache/rekey", "{}");
            assert_eq!(done, json!({"rekeyed": true, "key": "keyring"}), "the person is not asked");
        },
    );
}

#[test]
fn the_broker_locks_with_the_desktops_session() {
    on_desk(Desk::Usual, "the_broker_locks_with_the_desktops_session", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        lanyard.run(&["status"]).ok();
        let locked = (0..100).any(|_| {
            let mut lock = Command::new("dbus-send");
            lock.args(["--session", "--type=signal", "/org/gnome/ScreenSaver"]);
            lock.args(["org.gnome.ScreenSaver.ActiveChanged", "boolean:true"]);
            assert!(lock.status().unwrap().success());
            std::thread::sleep(Duration::from_millis(100));
            lanyard.run(&["status", "--json"]).ok().json()["broker"]["locked"] == true
        });
        assert!(locked, "it is heard within ten seconds");
    });
}

/// Says that the person sees what is asked.
struct Watching(Child);

impl Watching {
    fn of(lanyard: &Lanyard) -> Self {
        let mut curl = Command::new("curl");
        curl.args(["-sN", "--unix-socket"]).arg(lanyard.home().join("person.sock"));
        curl.arg("http://lanyard/v1/events?shown=true");
        let mut curl = curl.stdout(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(curl.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        assert!(first.starts_with("data:"), "{first}");
        Self(curl)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Runs a command that the person allows, and returns the question and what came of it.
fn agreed(lanyard: &Lanyard, command: &str, input: &str) -> (Value, Answer) {
    let asking = started(lanyard, command, input);
    let prompt = waiting(lanyard);
    lanyard.answer("allow");
    (prompt, asking.wait_with_output().unwrap().into())
}

/// Starts a command that has no terminal.
fn started(lanyard: &Lanyard, command: &str, input: &str) -> Child {
    let args: Vec<&str> = ["cache"].into_iter().chain(command.split(' ')).collect();
    let mut asking = lanyard.command(&args);
    asking.arg("--json").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut asking = asking.spawn().unwrap();
    asking.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    asking
}

/// Returns the question that the person is asked, within ten seconds.
fn waiting(lanyard: &Lanyard) -> Value {
    for _ in 0..200 {
        if let Some(prompt) = lanyard.as_person("GET", "/v1/prompts", "").get(0) {
            return prompt.clone();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nobody is asked");
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
