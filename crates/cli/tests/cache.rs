//! `lanyard cache` on a terminal, without one, and beside a broker.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lanyard_cache::{AuditFilter, Cache, KeyHolder, WriterLock, keyfile_path};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_lanyard-daemon");
const KEYFILE: &str = "# mine\n[cache]\nkey = \"keyfile\"\n";

#[test]
fn without_a_terminal_nothing_that_reveals_or_loosens_is_done() {
    let home = Home::new(KEYFILE);
    home.make_cache();
    let before = home.files();
    for command in [
        &["rekey"][..],
        &["rekey", "--to", "keyring"],
        &["backup", "b"],
        &["restore", "b"],
        &["reset"],
    ] {
        let (code, answer) = home.alone(command);
        assert_eq!((code, &answer["error"]["code"]), (5, &"refused".into()), "{command:?}");
        assert_eq!(home.files(), before, "{command:?}");
    }
}

#[test]
fn another_word_than_the_one_that_is_asked_for_changes_nothing() {
    let home = Home::new(KEYFILE);
    home.make_cache();
    let before = home.files();
    let said = home.typed("reset --json", "yes\n");
    assert!(said.contains("\"refused\""), "{said}");
    assert_eq!(home.files(), before);
}

#[test]
fn info_says_what_is_there_and_who_holds_the_keys() {
    let home = Home::new(KEYFILE);
    let (code, answer) = home.alone(&["info"]);
    assert_eq!(
        (code, &answer["bytes"], &answer["held_by"]),
        (0, &Value::Null, &Value::Array(vec![]))
    );
    home.make_cache();
    let (code, answer) = home.alone(&["info"]);
    assert_eq!(code, 0);
    assert_eq!(answer["held_by"], serde_json::json!(["keyfile"]));
    assert_eq!(answer["content"]["schema"], 2);
    assert_eq!(answer["content"]["damage"], serde_json::json!([]));
    assert_eq!(answer["problem"], Value::Null);
}

#[test]
fn info_names_what_is_damaged_and_the_way_out() {
    let home = Home::new(KEYFILE);
    home.make_cache();
    let mut bytes = std::fs::read(home.cache()).unwrap();
    bytes[5000] ^= 1;
    std::fs::write(home.cache(), bytes).unwrap();
    let (code, answer) = home.alone(&["info"]);
    assert_eq!(code, 0);
    assert!(answer["content"]["damage"][0].as_str().unwrap().ends_with("page 2"), "{answer}");
}

#[test]
fn beside_a_broker_only_info_works() {
    let home = Home::new(KEYFILE);
    home.make_cache();
    let _lock = WriterLock::take(&home.cache()).unwrap();
    for command in [&["rekey"][..], &["backup", "b"], &["restore", "b"], &["reset"]] {
        let (code, answer) = home.alone(command);
        assert_eq!((code, &answer["error"]["code"]), (7, &"cache-unavailable".into()));
        let pid = std::process::id().to_string();
        assert!(answer["error"]["message"].as_str().unwrap().contains(&pid), "{answer}");
    }
    assert_eq!(home.alone(&["info"]).1["content"]["accounts"], 0);
}

#[test]
fn the_keys_are_changed_and_the_audit_trail_says_so() {
    let home = Home::new(KEYFILE);
    home.make_cache();
    let before = std::fs::read(keyfile_path(&home.cache())).unwrap();
    let said = home.typed("rekey --json", "rekey\n");
    assert!(said.contains("\"rekeyed\": true"), "{said}");
    assert_ne!(std::fs::read(keyfile_path(&home.cache())).unwrap(), before);
    let row = home.open().newest_audit(&AuditFilter::newest(1)).unwrap().remove(0);
    assert_eq!((row.action, row.detail.as_deref()), ("cache", Some("rekey")));
}

#[test]
fn keys_go_to_a_passphrase_and_back_and_the_config_follows() {
    let home = Home::new(KEYFILE);
    home.make_cache();
    let said = home.typed("rekey --to passphrase --json", "passphrase\nsecret\nsecret\n");
    assert!(said.contains("\"key\": \"passphrase\""), "{said}");
    assert_eq!(home.config(), KEYFILE.replace("keyfile", "passphrase"));
    assert!(!keyfile_path(&home.cache()).exists());

    let (_, answer) = home.alone(&["info"]);
    assert_eq!(answer["problem"]["code"], "locked");
    assert_eq!(answer["held_by"], serde_json::json!(["passphrase"]));
    let piped = home.piped(&["info", "--passphrase-stdin", "--json"], "secret\n");
    assert!(piped.contains("\"accounts\": 0"), "{piped}");
    let piped = home.piped(&["info", "--passphrase-stdin", "--json"], "wrong\n");
    assert!(piped.contains("\"wrong-key\""), "{piped}");

    let said = home.typed("rekey --to keyfile --json", "keyfile\nwrong\n");
    assert!(said.contains("\"wrong-key\""), "{said}");
    let said = home.typed("rekey --to keyfile --json", "keyfile\nsecret\n");
    assert!(said.contains("\"key\": \"keyfile\""), "{said}");
    assert_eq!(home.config(), KEYFILE);
    assert!(home.open().accounts().unwrap().is_empty());
}

#[test]
fn two_passphrases_that_differ_are_none() {
    let home = Home::new(KEYFILE);
    home.make_cache();
    let before = home.files();
    let said = home.typed("rekey --to passphrase --json", "passphrase\nsecret\nsecrte\n");
    assert!(said.contains("\"usage\""), "{said}");
    assert_eq!(home.files(), before);
    assert_eq!(home.config(), KEYFILE);
}

#[test]
fn a_backup_comes_back_after_a_reset() {
    let home = Home::new(KEYFILE);
    home.make_cache();
    let file = home.0.path().join("backup");
    let command = format!("backup --json '{}'", file.display());
    let said = home.typed(&command, "backup\nb\nb\n");
    assert!(said.contains("\"backup\""), "{said}");
    let said = home.typed(&command, "backup\nb\nb\n");
    assert!(said.contains("exists already"), "{said}");

    let said = home.typed("reset --forget-keys --json", "reset\nforget\n");
    assert!(said.contains("\"keys_forgotten\": true"), "{said}");
    assert!(!home.cache().exists() && !keyfile_path(&home.cache()).exists());

    let said = home.typed(&format!("restore --json '{}'", file.display()), "restore\nwrong\n");
    assert!(said.contains("\"wrong-key\"") && !home.cache().exists(), "{said}");
    let said = home.typed(&format!("restore --json '{}'", file.display()), "restore\nb\n");
    assert!(said.contains("\"restored\""), "{said}");
    assert_eq!(home.open().find_setting("mark").unwrap().as_deref(), Some("1"));
}

struct Home(tempfile::TempDir);

impl Home {
    fn new(config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        lanyard_cache::private_folder(&dir.path().join("home")).unwrap();
        let path = dir.path().join("home/config.toml");
        std::fs::write(&path, config).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        Self(dir)
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("home")
    }

    fn cache(&self) -> PathBuf {
        self.folder().join("cache.db")
    }

    fn config(&self) -> String {
        std::fs::read_to_string(self.folder().join("config.toml")).unwrap()
    }

    fn open(&self) -> Cache {
        let holder = KeyHolder::Keyfile(keyfile_path(&self.cache()));
        Cache::open(&self.cache(), holder.unlock(&self.cache()).unwrap()).unwrap()
    }

    fn make_cache(&self) {
        self.open().put_setting("mark", "1").unwrap();
    }

    /// Returns every file with its content, but the lock's.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = std::fs::read_dir(self.folder()).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> = files
            .filter(|path| path.extension().is_none_or(|end| end != "lock"))
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    }

    /// Runs a command that has no terminal.
    fn alone(&self, args: &[&str]) -> (i32, Value) {
        let mut command = Command::new("setsid");
        command.args(["--wait", PROGRAM, "cache"]).args(args).arg("--json");
        let output = self.in_home(&mut command).stdin(Stdio::null()).output().unwrap();
        let answer = serde_json::from_slice(&output.stdout);
        (output.status.code().unwrap(), answer.unwrap_or_else(|_| panic!("{output:?}")))
    }

    /// Runs a command on a terminal of its own, on which `input` is typed.
    fn typed(&self, command: &str, input: &str) -> String {
        let mut script = Command::new("script");
        script.args(["-qec", &format!("{PROGRAM} cache {command}"), "/dev/null"]);
        self.fed(&mut script, input)
    }

    /// Runs a command that reads `input`.
    fn piped(&self, args: &[&str], input: &str) -> String {
        self.fed(Command::new(PROGRAM).arg("cache").args(args), input)
    }

    fn fed(&self, command: &mut Command, input: &str) -> String {
        let command = self.in_home(command).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        String::from_utf8_lossy(&child.wait_with_output().unwrap().stdout).into_owned()
    }

    fn in_home<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let home: &Path = &self.folder();
        command.env("LANYARD_HOME", home).env_remove("DBUS_SESSION_BUS_ADDRESS").current_dir(home)
    }
}
