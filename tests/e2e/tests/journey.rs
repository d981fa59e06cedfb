//! Sign in once in the browser, and every program gets its token from the cache.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::path::Path;
use std::process::Command;

use lanyard_e2e::{Answer, Day, Desk, Lanyard, on_desk, program};
use lanyard_sandbox::FaultSet;

#[test]
fn a_whole_day_with_both_providers() {
    on_desk(Desk::Usual, "a_whole_day_with_both_providers", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;

        assert_eq!(lanyard.run(&["token", "company"]).code, 3);
        day.sign_in_to_company();
        day.sign_in_to_contoso();

        let status = lanyard.run(&["status", "--json"]).ok().json();
        assert_eq!(status["accounts"].as_array().unwrap().len(), 2);
        assert_eq!(status["accounts"][0]["state"], "ok");
        assert_eq!(status["broker"]["key"], "keyring");
        let table = lanyard.run(&["status"]).ok().out;
        assert!(table.contains("maria.klein@contoso.com"), "{table}");

        let json = lanyard.run(&["token", "company", "--json"]).ok().json();
        let token = lanyard.run(&["token", "company"]).ok().out;
        assert_eq!(json["token"], token.trim());
        assert_eq!((&json["type"], &json["source"]), (&"Bearer".into(), &"cache".into()));
        let header = lanyard.run(&["header"]).ok().out;
        assert_eq!(header, format!("Authorization: Bearer {token}"));
        assert_eq!(by_curl(lanyard)["token"], token.trim());
        assert!(example(lanyard).out.contains("characters"));

        let forced = lanyard.run(&["token", "--force", "--json"]).ok().json();
        assert_eq!(forced["source"], "provider");
        assert_ne!(forced["token"], token.trim());
        let guest = ["token", "contoso", "--tenant", "fabrikam.onmicrosoft.com", "--json"];
        assert_eq!(lanyard.run(&guest).ok().json()["source"], "provider");
        assert_eq!(lanyard.run(&guest).ok().json()["source"], "cache");

        let log = lanyard.as_person("GET", "/v1/audit", "").to_string();
        assert!(log.contains("sign-in") && log.contains("refresh"), "{log}");
        let out = lanyard.run(&["logout", "--all", "--json"]).ok().json();
        let revoked: Vec<bool> = out["signed_out"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["revoked"].as_bool().unwrap())
            .collect();
        assert_eq!(revoked, [true, false], "Entra offers no revocation");
        assert_eq!(lanyard.run(&["token", "company"]).code, 3);
    });
}

#[test]
fn no_secret_and_no_user_name_leaks() {
    on_desk(Desk::Usual, "no_secret_and_no_user_name_leaks", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        day.sign_in_to_company();
        day.sign_in_to_contoso();
        lanyard.run(&["token", "company", "--force"]).ok();
        let mut said = vec![lanyard.run(&["status", "--json"]), lanyard.run(&["log", "--json"])];
        day.sandbox.faults().set(FaultSet { invalid_grant: true, ..FaultSet::default() });
        said.push(lanyard.run(&["token", "company", "--force", "--json"]));
        said.push(lanyard.run(&["doctor", "--json"]));
        let pid = lanyard.broker_pid();
        let secrets = day.sandbox.issued_secrets();
        assert!(secrets.len() > 10, "the journey issued secrets");

        for Answer { out, err, .. } in &said {
            assert_without(&secrets, format!("{out}{err}").as_bytes(), Path::new("an answer"));
        }
        for name in ["cmdline", "environ"] {
            let path = format!("/proc/{pid}/{name}");
            assert_without(&secrets, &std::fs::read(&path).unwrap_or_default(), Path::new(&path));
        }
        let log = std::fs::read_to_string(lanyard.home().join("log/broker.log")).unwrap();
        assert!(log.contains("TRACE") && log.lines().count() > 20, "the log holds all levels");
        let mut names = secrets;
        for path in files(lanyard.home()) {
            if path.ends_with("broker.log") {
                assert_without(&names, &std::fs::read(&path).unwrap(), &path);
            }
        }
        names.extend(["maria.klein@contoso.com".to_owned(), "Maria Klein".to_owned()]);
        for path in files(lanyard.home()) {
            if !path.ends_with("broker.log") && !path.ends_with("config.toml") {
                assert_without(&names, &std::fs::read(&path).unwrap_or_default(), &path);
            }
        }
    });
}

#[test]
fn the_broker_comes_back_with_everything_that_it_knew() {
    on_desk(Desk::Usual, "the_broker_comes_back_with_everything_that_it_knew", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        day.sign_in_to_company();
        for signal in ["-TERM", "-KILL"] {
            let (before, token) = (lanyard.broker_pid(), lanyard.run(&["token"]).ok().out);
            lanyard.end_broker(signal);
            assert_eq!(lanyard.run(&["token"]).ok().out, token);
            assert_ne!(lanyard.broker_pid(), before);
            assert_ne!(lanyard.run(&["token", "--force"]).ok().out, token);
        }
    });
}

#[test]
fn a_direct_account_is_read_without_a_broker() {
    on_desk(Desk::Usual, "a_direct_account_is_read_without_a_broker", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        day.sign_in_to_company();
        lanyard.end_broker("-TERM");
        assert_ne!(direct(lanyard, &folder).code, 0, "an account that is not shared stays closed");

        lanyard.run(&["status"]).ok();
        lanyard.run(&["profile", "edit", "company", "--set", "direct=true"]).ok();
        let changes = lanyard.answer("allow")["changes"].take();
        assert_eq!(changes[0]["place"], "profile.company.direct", "{changes}");
        lanyard.end_broker("-TERM");
        let answer = direct(lanyard, &folder);
        assert!(answer.out.contains("characters"), "{answer:?}");
    });
}

/// Runs the example with `direct` where no broker can be found.
fn direct(lanyard: &Lanyard, folder: &Path) -> Answer {
    let alone = folder.join("alone");
    std::fs::create_dir_all(&alone).unwrap();
    let copy = alone.join("token");
    std::fs::copy(program("rust-program"), &copy).unwrap();
    let mut command = Command::new(copy);
    command.args(["openid", "profile", "offline_access"]).env("PATH", "/nowhere");
    command.env("LANYARD_HOME", lanyard.home()).output().unwrap().into()
}

/// Runs the Rust example beside the command line. Two accounts are one too many for it, so Contoso
/// is signed out and in again around it.
fn example(lanyard: &Lanyard) -> Answer {
    let run = || -> Answer {
        let mut command = Command::new(program("rust-program"));
        command.args(["openid", "profile", "offline_access"]);
        command.env("LANYARD_HOME", lanyard.home()).output().unwrap().into()
    };
    let ambiguous = run();
    assert!(ambiguous.err.contains("multiple accounts"), "{ambiguous:?}");
    lanyard.run(&["logout", "contoso"]).ok();
    let answer = run().ok();
    lanyard.sign_in("contoso", "maria.klein@contoso.com", "correct-horse").ok();
    answer
}

fn by_curl(lanyard: &Lanyard) -> serde_json::Value {
    let socket = lanyard.home().join("lanyard.sock");
    let output = Command::new("curl")
        .args([
            "-sS",
            "-m",
            "10",
            "--unix-socket",
            socket.to_str().unwrap(),
            "http://lanyard/v1/token",
        ])
        .args(["-d", "{\"profile\":\"company\"}"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_status_is_shown_anew_at_each_change() {
    on_desk(Desk::Usual, "the_status_is_shown_anew_at_each_change", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        let mut watch = lanyard.command(&["status", "--watch"]);
        let mut watch = watch.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut lines =
            std::io::BufRead::lines(std::io::BufReader::new(watch.stdout.take().unwrap()));
        let mut until = |text: &str| lines.any(|line| line.unwrap().contains(text));
        assert!(until("lanyard profile add"));
        let issuer = "issuer=https://id.example.com";
        lanyard
            .run(&[
                "profile",
                "add",
                "work",
                "--provider",
                "oidc",
                "--set",
                issuer,
                "--set",
                "client_id=x",
            ])
            .ok();
        assert!(until("lanyard login work"));
        lanyard.end_broker("-TERM");
        assert!(watch.wait().unwrap().success());
    });
}

#[test]
fn completions_and_the_manual_page_know_every_command() {
    let dir = tempfile::tempdir().unwrap();
    let lanyard = Lanyard::at(dir.path(), "");
    let page = lanyard.run(&["man"]).ok().out;
    let completions: Vec<String> =
        ["bash", "zsh", "fish"].map(|shell| lanyard.run(&["completions", shell]).ok().out).into();
    for command in
        ["login", "logout", "status", "token", "header", "profile", "secret", "log", "doctor"]
    {
        assert!(page.contains(command), "{command} is not on the manual page");
        assert!(
            completions.iter().all(|script| script.contains(command)),
            "{command} is not completed"
        );
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn assert_without(secrets: &[String], bytes: &[u8], place: &Path) {
    for secret in secrets {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{} holds a secret: {}…", place.display(), &secret[..secret.len().min(12)]);
    }
}
