//! What cannot work says so, with a code and a way out, and nothing is lost.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Command;

use lanyard_e2e::{Answer, Day, Desk, Lanyard, browse, ended, on_desk};

#[test]
fn a_second_broker_names_the_first() {
    on_desk(Desk::Usual, "a_second_broker_names_the_first", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        let first = lanyard.broker_pid();
        let second = lanyard.run(&["broker", "--json"]);
        assert_eq!(second.code, 7);
        let error = &second.json()["error"];
        assert_eq!(error["code"], "cache-unavailable");
        assert!(error["message"].as_str().unwrap().contains(&first.to_string()), "{error}");
        assert_eq!(lanyard.broker_pid(), first);
    });
}

#[test]
fn without_a_keyring_nothing_is_made() {
    on_desk(Desk::NoKeyring, "without_a_keyring_nothing_is_made", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        let answer = lanyard.run(&["status", "--json"]);
        assert_eq!(
            (answer.code, answer.json()["error"]["code"].clone()),
            (7, "keyring-unavailable".into())
        );
        assert!(!lanyard.home().join("cache.db").exists());
    });
}

#[test]
fn a_locked_keyring_is_told_from_none() {
    on_desk(Desk::LockedKeyring, "a_locked_keyring_is_told_from_none", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        let answer = lanyard.run(&["status", "--json"]);
        assert_eq!(
            (answer.code, answer.json()["error"]["code"].clone()),
            (7, "keyring-unavailable".into())
        );
        assert!(!lanyard.home().join("cache.db").exists());
    });
}

#[test]
fn a_cache_whose_key_is_gone_is_left_as_it_is() {
    on_desk(Desk::Usual, "a_cache_whose_key_is_gone_is_left_as_it_is", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        lanyard.run(&["status"]).ok();
        lanyard.end_broker("-TERM");
        let path = lanyard.home().join("cache.db");
        let before = std::fs::read(&path).unwrap();
        let cleared =
            Command::new("secret-tool").args(["clear", "service", "lanyard"]).status().unwrap();
        assert!(cleared.success());
        let answer = lanyard.run(&["status", "--json"]);
        assert_eq!((answer.code, answer.json()["error"]["code"].clone()), (7, "wrong-key".into()));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    });
}

#[test]
fn a_home_that_others_can_read_is_refused_with_the_repair() {
    on_desk(Desk::Usual, "a_home_that_others_can_read_is_refused_with_the_repair", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        std::fs::set_permissions(lanyard.home(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = lanyard.run(&["status", "--json"]);
        assert_eq!(error.code, 7);
        let repair = error.json()["error"]["action"].as_str().unwrap().to_owned();
        let repair = repair.split('`').nth(1).unwrap();
        assert!(Command::new("sh").args(["-c", repair]).status().unwrap().success());
        lanyard.run(&["status"]).ok();
    });
}

#[test]
fn mistakes_in_the_config_name_line_and_key() {
    on_desk(Desk::Usual, "mistakes_in_the_config_name_line_and_key", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        lanyard.run(&["status"]).ok();
        let broken = "[profile.a]\nprovider = \"oidc\"\nisuer = \"https://id.example\"\n";
        std::fs::write(lanyard.home().join("config.toml"), broken).unwrap();
        let refused = |command: &[&str]| {
            let answer = lanyard.run(command);
            let error = answer.json()["error"].clone();
            assert_eq!((answer.code, &error["code"]), (2, &"config-invalid".into()));
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("config.toml:3: profile.a.isuer: unknown key"), "{message}");
        };
        refused(&["token", "a", "--json"]);
        let status = lanyard.run(&["status", "--json"]).ok().json();
        assert_eq!(status["config_problem"]["code"], "config-invalid");
        lanyard.end_broker("-TERM");
        refused(&["status", "--json"]);
        let mut full = lanyard.command(&["man"]);
        let sink = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert_eq!(full.stdout(sink).status().unwrap().code(), Some(1));
    });
}

#[test]
fn a_config_that_others_can_reach_is_refused_with_the_repair() {
    on_desk(Desk::Usual, "a_config_that_others_can_reach_is_refused_with_the_repair", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        let config = lanyard.home().join("config.toml");
        for mode in [0o666, 0o644] {
            std::fs::set_permissions(&config, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = lanyard.run(&["status", "--json"]);
            assert_eq!((error.code, &error.json()["error"]["code"]), (2, &"config-invalid".into()));
        }
        let error = lanyard.run(&["profile", "list", "--json"]);
        assert_eq!(error.code, 2);
        let repair = error.json()["error"]["action"].as_str().unwrap().to_owned();
        let repair = repair.split('`').nth(1).unwrap();
        assert!(repair.starts_with("chmod 600 "), "{repair}");
        assert!(Command::new("sh").args(["-c", repair]).status().unwrap().success());
        lanyard.run(&["status"]).ok();
    });
}

#[test]
fn malformed_command_lines_and_calls_are_usage_errors() {
    on_desk(Desk::Usual, "malformed_command_lines_and_calls_are_usage_errors", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        let lines: [&[&str]; 7] = [
            &["token", "--min-valid", "soon", "--json"],
            &["token", "--min-valid", "-5m", "--json"],
            &["token", "--claims", "[1", "--json"],
            &["token", "--scope", "a", "--resource", "b", "--json"],
            &["token", "nope", "--json"],
            &["profile", "add", "../x", "--provider", "oidc", "--json"],
            &["frobnicate", "--json"],
        ];
        for line in lines {
            let answer = lanyard.run(line);
            assert_eq!(
                (answer.code, &answer.json()["error"]["code"]),
                (2, &"usage".into()),
                "{line:?}"
            );
        }
        let huge = "x".repeat((1 << 20) + 1);
        let calls = [
            ("GET", "/v1/nothing", ""),
            ("PUT", "/v1/status", ""),
            ("POST", "/v1/token", ""),
            ("POST", "/v1/token", "[]"),
            ("POST", "/v1/token", "{\"scopes\":[1]}"),
            ("POST", "/v1/token", "{\"profil\":\"x\"}"),
            ("POST", "/v1/token", "{\"profile\":\"a\",\"profile\":\"b\"}"),
            ("POST", "/v1/token", "\u{0}"),
            ("POST", "/v1/token", huge.as_str()),
            ("POST", "/v1/sign-in/none/return", "{\"url\":\"x\"}"),
            ("DELETE", "/v1/accounts/none", ""),
        ];
        for (method, path, body) in calls {
            let problem = call(&lanyard, method, path, body);
            assert_eq!(problem["code"], "usage", "{method} {path}: {problem}");
        }
        let mut raw = UnixStream::connect(lanyard.home().join("lanyard.sock")).unwrap();
        raw.write_all(b"\x16\x03\x01 this is not HTTP\r\n\r\n").unwrap();
        lanyard.run(&["status"]).ok();
    });
}

#[test]
fn callbacks_that_nobody_asked_for_do_not_disturb_a_sign_in() {
    on_desk(Desk::Usual, "callbacks_that_nobody_asked_for_do_not_disturb_a_sign_in", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        let (mut login, url) = lanyard.begin_login("company");
        let redirect = url.split("redirect_uri=").nth(1).unwrap().split('&').next().unwrap();
        let redirect = redirect.replace("%3A", ":").replace("%2F", "/");
        let state = url.split("state=").nth(1).unwrap().split('&').next().unwrap();
        let good = format!("{redirect}?code=stolen&state={state}");
        let cases: [(&str, &[&str], &str); 9] = [
            (&redirect, &[], "400"),
            (&format!("{redirect}?code=x&state=wrong"), &[], "400"),
            (&format!("{redirect}?code=x&state={state}&state={state}"), &[], "400"),
            (&good, &["-X", "POST"], "405"),
            (&good, &["-H", "Host: evil.example"], "421"),
            (&good, &["-H", "Origin: https://evil.example"], "403"),
            (&good, &["-H", "Sec-Fetch-Mode: no-cors"], "403"),
            (&good, &["-H", "X-Forwarded-For: 10.0.0.1"], "403"),
            (&redirect.replace("/callback", "/other"), &[], "404"),
        ];
        for (address, args, status) in cases {
            assert_eq!(http_status(address, args), status, "{address} {args:?}");
        }
        browse(&url, &["--user", "maria", "--password", "correct-horse"]);
        ended(&mut login).ok();
        assert_eq!(http_status(&good, &[]), "000", "the listener is gone with the sign-in");
    });
}

#[test]
fn a_login_on_a_terminal_opens_the_persons_browser() {
    on_desk(Desk::Usual, "a_login_on_a_terminal_opens_the_persons_browser", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        let browser = lanyard_e2e::project("tests/peers/browser/sign-in.mjs");
        let login = format!("{} login company", lanyard.command(&[]).get_program().display());
        let on_terminal: Answer = Command::new("script")
            .args(["-qec", &login, "/dev/null"])
            .env("LANYARD_HOME", lanyard.home())
            .env("BROWSER", browser)
            .env("SIGN_IN_USER", "maria")
            .env("SIGN_IN_PASSWORD", "correct-horse")
            .output()
            .unwrap()
            .into();
        assert!(on_terminal.ok().out.contains("Signed in to company as maria"));
    });
}

fn call(lanyard: &Lanyard, method: &str, path: &str, body: &str) -> serde_json::Value {
    let file = lanyard.home().join("body");
    std::fs::write(&file, body).unwrap();
    let socket = lanyard.home().join("lanyard.sock");
    let output = Command::new("curl")
        .args(["-sS", "-m", "10", "-X", method, "--unix-socket", socket.to_str().unwrap()])
        .args(["--data-binary", &format!("@{}", file.display()), &format!("http://lanyard{path}")])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{method} {path}: {output:?}"))
}

fn http_status(address: &str, args: &[&str]) -> String {
    let output = Command::new("curl")
        .args(["-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}"])
        .args(args)
        .arg(address)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
