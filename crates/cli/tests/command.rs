//! What the command says without a broker: help, manual pages, edits and refusals.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const LANYARD: &str = env!("CARGO_BIN_EXE_lanyard");

const COMPANY: [&str; 9] = [
    "profile",
    "add",
    "company",
    "--provider",
    "oidc",
    "--set",
    "issuer=https://id.example.com",
    "--set",
    "client_id=lanyard",
];

#[test]
fn a_commands_manual_page_holds_its_options_and_examples() {
    let home = Home::new();
    let page = home.run(&["man", "token"]);
    assert_eq!(page.code, 0, "{page:?}");
    for text in ["lanyard\\-token", "min\\-valid", "resource", "lanyard token company"] {
        assert!(page.out.contains(text), "{text}: {}", page.out);
    }
    assert!(home.run(&["man", "profile", "add"]).out.contains("KEY=VALUE"));
    assert!(home.run(&["man"]).out.contains("lanyard\\-token(1)"));
    let unknown = home.run(&["man", "nope"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
}

#[test]
fn a_value_of_the_wrong_type_is_answered_with_the_right_form() {
    let home = Home::new();
    assert_eq!(home.run(&COMPANY).code, 0);
    let wrong = home.run(&["profile", "edit", "company", "--set", "redirect_ports=8400"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("write --set 'redirect_ports=[8400]'"), "{}", wrong.err);
}

#[test]
fn a_required_key_that_is_missing_is_answered_with_its_option() {
    let home = Home::new();
    let missing = home.run(&["profile", "add", "company", "--provider", "oidc"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("--set 'issuer=https://id.example.com'"), "{}", missing.err);
    assert!(!missing.err.contains("config.toml:1"), "no line of the file is to blame");
}

#[test]
fn a_removed_profile_says_what_stays_and_that_the_default_is_gone() {
    let home = Home::new();
    assert_eq!(home.run(&COMPANY).code, 0);
    let config = home.path().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("default_profile = \"company\"\n{text}")).unwrap();
    let removed = home.run(&["profile", "remove", "company"]);
    assert_eq!((removed.code, removed.out.as_str()), (0, ""));
    assert!(removed.err.contains("was the default profile"), "{}", removed.err);
    assert!(removed.err.contains("lanyard logout ACCOUNT"), "{}", removed.err);
}

#[test]
fn a_secret_without_a_name_is_refused() {
    let answer = Home::new().run(&["secret", "set", ""]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("<NAME>"), "{}", answer.err);
}

#[test]
fn a_missing_daemon_names_the_places_that_were_looked_at() {
    let home = Home::new();
    let alone = home.path().join("lanyard");
    std::fs::copy(LANYARD, &alone).unwrap();
    for command in ["broker", "status"] {
        let answer = home.run_program(&alone, &[command]);
        assert_eq!(answer.code, 1, "{answer:?}");
        let beside = home.path().join("lanyard-daemon").display().to_string();
        assert!(answer.err.contains(&beside), "{}", answer.err);
        assert!(answer.err.contains("/usr/lib/lanyard/lanyard-daemon"), "{}", answer.err);
        assert!(!answer.err.contains("lanyard broker"), "{}", answer.err);
    }
}

#[test]
fn help_ends_with_examples() {
    let home = Home::new();
    for command in [&["--help"][..], &["login", "--help"], &["profile", "add", "--help"]] {
        let help = home.run(command).out;
        assert!(help.contains("\nExamples:\n  lanyard "), "{command:?}: {help}");
    }
}

struct Home(tempfile::TempDir);

#[derive(Debug)]
struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    fn run(&self, args: &[&str]) -> Answer {
        self.run_program(Path::new(LANYARD), args)
    }

    fn run_program(&self, program: &Path, args: &[&str]) -> Answer {
        let mut command = Command::new(program);
        command.args(args).env_clear().env("LANYARD_HOME", self.path()).stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Answer { code, out: text(output.stdout), err: text(output.stderr) }
    }
}
