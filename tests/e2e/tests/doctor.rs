//! `lanyard doctor`: each thing that can be wrong is made so, and found with its repair.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::fs::Permissions;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use lanyard_e2e::{Answer, Day, Desk, Lanyard, on_desk};
use serde_json::Value;

#[test]
fn a_machine_that_is_well_has_nothing_that_fails() {
    on_desk(Desk::WithPanel, "a_machine_that_is_well_has_nothing_that_fails", |folder| {
        let day = Day::begin(&folder);
        day.sign_in_to_company();
        let report = Report::of(&day.lanyard.run(&["doctor", "--json"]).ok());
        let well = ["config", "access", "keyring", "keyring password", "keyring entry", "broker"];
        for name in well.into_iter().chain(["provider", "clock", "tray host", "notifications"]) {
            assert_eq!(report.state(name), "ok", "{report:?}");
        }
        assert_eq!(report.state("cache"), "skipped");
        day.lanyard.end_broker("-TERM");
        let report = Report::of(&day.lanyard.run(&["doctor", "--json"]).ok());
        assert_eq!(report.state("cache"), "ok", "{report:?}");
        let shown = day.lanyard.run(&["doctor"]).ok().out;
        assert!(shown.contains("\nkeyring\n  ok    keyring "), "{shown}");
        assert!(shown.lines().last().unwrap().starts_with("0 failed, "), "{shown}");
    });
}

#[test]
fn without_a_keyring_doctor_names_one() {
    on_desk(Desk::NoKeyring, "without_a_keyring_doctor_names_one", |folder| {
        let report = failing(&Lanyard::at(&folder, ""));
        assert_eq!(report.state("keyring"), "fail");
        assert!(report.repair("keyring").contains("gnome-keyring"), "{report:?}");
    });
}

#[test]
fn a_locked_keyring_is_found_without_a_prompt() {
    on_desk(Desk::LockedKeyring, "a_locked_keyring_is_found_without_a_prompt", |folder| {
        let report = failing(&Lanyard::at(&folder, ""));
        assert_eq!(report.of_name("keyring")["what"], "it is locked");
        assert!(report.repair("keyring").contains("seahorse"), "{report:?}");
    });
}

#[test]
fn a_keyring_without_a_password_or_without_the_key_is_found() {
    on_desk(Desk::Usual, "a_keyring_without_a_password_or_without_the_key_is_found", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        lanyard.run(&["status"]).ok();
        lanyard.end_broker("-TERM");
        clear_keys();
        let file = folder.join("home/.local/share/keyrings/login.keyring");
        std::fs::write(file, "[keyring]\ndisplay-name=Login\n").unwrap();
        let report = failing(&lanyard);
        assert_eq!(report.state("keyring password"), "warn");
        assert_eq!(report.state("keyring entry"), "fail");
        assert_eq!(report.state("cache"), "fail");
        assert!(report.repair("keyring entry").contains("mv '"), "{report:?}");
    });
}

#[test]
fn what_a_desktop_lacks_is_worth_a_look_and_fails_nothing() {
    on_desk(Desk::Usual, "what_a_desktop_lacks_is_worth_a_look_and_fails_nothing", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        end_notifications();
        let mut doctor = lanyard.command(&["doctor", "--json"]);
        doctor.env_remove("DISPLAY").env("BROWSER", "no-such-browser %s");
        let report = Report::of(&Answer::from(doctor.output().unwrap()).ok());
        for name in ["display", "browser", "tray host", "notifications", "config"] {
            assert_eq!(report.state(name), "warn", "{report:?}");
            assert_ne!(report.repair(name), "");
        }
        let mut doctor = lanyard.command(&["doctor", "--json"]);
        let report = Report::of(&doctor.env("PATH", &folder).output().unwrap().into());
        assert!(report.repair("browser").contains("xdg-utils"), "{report:?}");
        let mut doctor = lanyard.command(&["doctor", "--json"]);
        doctor.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        let report = Report::of(&doctor.output().unwrap().into());
        assert_eq!((report.state("session bus"), report.state("keyring")), ("warn", "fail"));
    });
}

#[test]
fn faults_of_the_config_are_found_each_with_its_command() {
    on_desk(Desk::Usual, "faults_of_the_config_are_found_each_with_its_command", |folder| {
        let mut config = String::new();
        let references =
            ["{ keyring = \"acme\" }", "{ env = \"ACME\" }", "{ file = \"/nowhere\" }"];
        for (n, reference) in references.into_iter().enumerate() {
            config += &oidc(&format!("p{n}"), "https://127.0.0.1:1");
            config += &["client_secret = ", reference, "\n"].concat();
        }
        let lanyard = Lanyard::at(&folder, &config);
        let mut doctor = lanyard.command(&["doctor", "--json"]);
        doctor.env("LANYARD_PROFILE", "nope").env("SSL_CERT_FILE", "/nowhere");
        let report = Report::of(&doctor.output().unwrap().into());
        for name in
            ["secret of p0", "secret of p1", "secret of p2", "LANYARD_PROFILE", "authorities"]
        {
            assert_eq!(report.state(name), "fail", "{report:?}");
        }
        assert_eq!(report.repair("secret of p0"), "lanyard secret set acme");
        assert!(report.repair("secret of p1").starts_with("lanyard secret set p1 && "));

        let path = lanyard.home().join("config.toml");
        std::fs::write(&path, "default_profile = 7\n").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        std::fs::set_permissions(lanyard.home(), Permissions::from_mode(0o755)).unwrap();
        let report = failing(&lanyard);
        let repair = report.repair("config access");
        assert!(
            Command::new("sh")
                .args(["-c", repair.split('`').nth(1).unwrap()])
                .status()
                .unwrap()
                .success()
        );
        let report = failing(&lanyard);
        assert_eq!((report.state("config access"), report.state("config")), ("ok", "fail"));
        assert!(report.of_name("config")["what"].as_str().unwrap().contains("config.toml:1"));
    });
}

#[test]
fn a_folder_that_others_can_enter_is_found() {
    on_desk(Desk::Usual, "a_folder_that_others_can_enter_is_found", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        std::fs::set_permissions(lanyard.home(), Permissions::from_mode(0o750)).unwrap();
        let report = failing(&lanyard);
        assert_eq!(report.repair("folder"), format!("chmod 700 '{}'", lanyard.home().display()));
    });
}

#[test]
fn why_a_provider_cannot_be_reached_is_told_apart() {
    on_desk(Desk::Usual, "why_a_provider_cannot_be_reached_is_told_apart", |folder| {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (garbage, silent, late) = (serve("no TLS here\r\n"), serve(""), serve(ANOTHER_DAY));
        let config = oidc("name", "https://no-such-host.invalid")
            + &oidc("refused", &format!("https://127.0.0.1:{closed}"))
            + &oidc("tls", &format!("https://127.0.0.1:{garbage}"))
            + &oidc("silent", &format!("http://127.0.0.1:{silent}"))
            + &oidc("late", &format!("http://127.0.0.1:{late}"));
        let report = failing(&Lanyard::at(&folder, &config));
        let what = |profile: &str| {
            let of = format!("({profile})");
            report
                .0
                .iter()
                .find_map(|it| it["what"].as_str().filter(|what| what.contains(&of)))
                .unwrap()
        };
        assert!(what("name").ends_with("its name cannot be resolved"), "{report:?}");
        assert!(what("refused").ends_with("the connection was refused"), "{report:?}");
        assert!(what("tls").contains("TLS failed"), "{report:?}");
        assert!(what("silent").ends_with("it did not answer in time"), "{report:?}");
        let clock = report.of_name("clock");
        assert_eq!(clock["state"], "warn", "{clock}");
        assert!(clock["what"].as_str().unwrap().contains("tokens seem expired"), "{clock}");
    });
}

#[test]
fn damage_and_a_broker_that_is_deaf_are_found() {
    on_desk(Desk::Usual, "damage_and_a_broker_that_is_deaf_are_found", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        lanyard.run(&["status"]).ok();
        lanyard.end_broker("-TERM");
        let cache = lanyard.home().join("cache.db");
        let mut bytes = std::fs::read(&cache).unwrap();
        let place = bytes.len() - 100;
        bytes[place] ^= 1;
        std::fs::write(&cache, bytes).unwrap();
        let listener = UnixListener::bind(lanyard.home().join("lanyard.sock")).unwrap();
        std::fs::set_permissions(
            lanyard.home().join("lanyard.sock"),
            Permissions::from_mode(0o600),
        )
        .unwrap();
        let report = failing(&lanyard);
        assert_eq!((report.state("cache"), report.state("broker")), ("fail", "fail"), "{report:?}");
        drop(listener);
    });
}

#[test]
fn a_bug_report_holds_no_token_no_user_and_no_host() {
    on_desk(Desk::Usual, "a_bug_report_holds_no_token_no_user_and_no_host", |folder| {
        let day = Day::begin(&folder);
        let (lanyard, report) = (&day.lanyard, folder.join("report.txt"));
        day.sign_in_to_company();
        day.sign_in_to_contoso();
        let config = lanyard.home().join("config.toml");
        let more =
            oidc("acme", "https://id.acme-corp.test") + "client_secret = { keyring = \"hush\" }\n";
        std::fs::OpenOptions::new()
            .append(true)
            .open(config)
            .unwrap()
            .write_all(more.as_bytes())
            .unwrap();
        let path = report.to_str().unwrap();
        let mut doctor = lanyard.command(&["doctor", "--bundle", path]);
        let answer = Answer::from(doctor.env("USER", "omar-login").output().unwrap()).ok();
        assert_eq!(std::fs::metadata(&report).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&report).unwrap();
        assert!(answer.err.contains(&text), "what is written was shown before");
        for part in ["versions", "findings", "config", "log"] {
            assert!(text.contains(&format!("== {part}\n")), "{text}");
            assert!(answer.out.contains(&format!("  {part}: ")), "{answer:?}");
        }
        assert!(text.contains("INFO") && !text.contains("TRACE"), "{text}");
        let mut gone = day.sandbox.issued_secrets();
        let names =
            ["maria", "Klein", "omar-login", "acme-corp", "onmicrosoft", "contoso.com", "hush"];
        gone.extend(names.map(str::to_owned));
        for secret in gone {
            assert!(!text.contains(&secret), "it holds {secret}: {text}");
        }
        let again = lanyard.run(&["doctor", "--bundle", path, "--json"]);
        assert_eq!((again.code, std::fs::read_to_string(&report).unwrap()), (2, text));
        let open = folder.join("open.txt");
        lanyard.run(&["doctor", "--with-names", "--bundle", open.to_str().unwrap()]).ok();
        let open = std::fs::read_to_string(open).unwrap();
        assert!(open.contains("id.acme-corp.test"), "{open}");
    });
}

const ANOTHER_DAY: &str =
    "HTTP/1.1 200 OK\r\nDate: Sun, 01 Jan 2023 00:00:00 GMT\r\nContent-Length: 2\r\n\r\n{}";

/// Answers the first request with this text; with none, it stays silent.
fn serve(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 1024];
        let _ = stream.read(&mut asked);
        if answer.is_empty() {
            let _ = stream.read(&mut asked);
        }
        let _ = stream.write_all(answer.as_bytes());
    });
    port
}

fn oidc(name: &str, issuer: &str) -> String {
    format!("\n[profile.{name}]\nprovider = \"oidc\"\nissuer = \"{issuer}\"\nclient_id = \"x\"\n")
}

fn failing(lanyard: &Lanyard) -> Report {
    let answer = lanyard.run(&["doctor", "--json"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    Report::of(&answer)
}

fn clear_keys() {
    let cleared = Command::new("secret-tool").args(["clear", "service", "lanyard"]).status();
    assert!(cleared.unwrap().success());
}

/// Ends the desktop's notification daemon, by the process id that the bus knows.
fn end_notifications() {
    let asked = Command::new("gdbus")
        .args(["call", "--session", "--dest", "org.freedesktop.DBus"])
        .args(["--object-path", "/org/freedesktop/DBus", "--method"])
        .args(["org.freedesktop.DBus.GetConnectionUnixProcessID", "org.freedesktop.Notifications"])
        .output()
        .unwrap();
    let answer = String::from_utf8(asked.stdout).unwrap();
    let pid: String =
        answer.trim_start_matches("(uint32 ").chars().take_while(char::is_ascii_digit).collect();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success(), "{answer}");
    let gone = || !Path::new(&format!("/proc/{pid}/exe")).exists();
    lanyard_e2e::eventually("the end of the notification daemon", gone);
}

/// What doctor found.
#[derive(Debug)]
struct Report(Vec<Value>);

impl Report {
    fn of(answer: &Answer) -> Self {
        Self(serde_json::from_value(answer.json()).unwrap())
    }

    fn of_name(&self, name: &str) -> &Value {
        self.0.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{name}: {self:?}"))
    }

    fn state(&self, name: &str) -> &str {
        self.of_name(name)["state"].as_str().unwrap()
    }

    fn repair(&self, name: &str) -> &str {
        self.of_name(name)["repair"].as_str().unwrap_or_default()
    }
}
