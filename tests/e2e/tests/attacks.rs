//! What a program of the user tries, to get what the person did not allow. `docs/threat-model.md`
//! lists each with its test.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use lanyard_e2e::screen::windows;
use lanyard_e2e::{
    Answer, Day, Desk, Lanyard, Listening, Panel, eventually, on_desk, on_terminal, variables,
    views,
};
use serde_json::{Value, json};

/// What no profile of the day lists.
const SCOPES: [&str; 5] = ["Mail.Read", "Mail.Send", "User.Read", "Files.Read", "Chat.Read"];

#[test]
fn a_terminal_of_its_own_gets_a_program_nothing_without_the_passphrase() {
    on_desk(
        Desk::Usual,
        "a_terminal_of_its_own_gets_a_program_nothing_without_the_passphrase",
        |folder| {
            let day = wrapped_day(&folder);
            let lanyard = &day.lanyard;
            let guesses = on_terminal(lanyard, &unlisted(0), "y\nn\nyes\n");
            assert_eq!(guesses.code, 5, "{guesses:?}");
            assert!(guesses.out.contains("asks for a token of maria.klein"), "{guesses:?}");
            for evidence in
                ["Mail.Read", "The profile does not list", "typed.sh", "  folder  ", "script"]
            {
                let shown = guesses.out.to_lowercase();
                assert!(shown.contains(&evidence.to_lowercase()), "{evidence}: {guesses:?}");
            }
            let many = on_terminal(lanyard, &unlisted(0), "y\nn\n1\n");
            assert_eq!(many.code, 5, "{many:?}");
            assert!(many.out.contains("too many wrong passphrases; wait "), "{many:?}");
            let newline = on_terminal(lanyard, &unlisted(1), "\n");
            assert!(newline.code == 5 && newline.out.contains("you refused"), "{newline:?}");
            let again = on_terminal(lanyard, &unlisted(1), "right\n");
            assert!(again.code == 5 && again.out.contains("a short while ago"), "{again:?}");
            let silent = on_terminal(lanyard, &format!("{} --json", unlisted(2)), "right\n");
            assert_eq!(silent.code, 10, "{silent:?}");
            assert!(!silent.out.contains("Passphrase"), "{silent:?}");
        },
    );
}

#[test]
fn the_right_passphrase_answers_on_a_terminal_and_never_for_an_agent() {
    on_desk(
        Desk::Usual,
        "the_right_passphrase_answers_on_a_terminal_and_never_for_an_agent",
        |folder| {
            let day = wrapped_day(&folder);
            let lanyard = &day.lanyard;
            let allowed = on_terminal(lanyard, &unlisted(0), "wrong\nright\n");
            assert!(allowed.code == 0 && allowed.out.contains("\neyJ"), "{allowed:?}");
            let log = on_terminal(lanyard, "log", "right\n");
            assert!(log.code == 0 && log.out.contains("sign-in"), "{log:?}");

            edit(lanyard, |text| {
                text.replace("[approval]", "[approval]\nagent_programs = [\"script\"]")
            });
            let agent = on_terminal(lanyard, &unlisted(1), "right\n");
            assert!(agent.code == 5 && !agent.out.contains("Passphrase"), "{agent:?}");
            let log = on_terminal(lanyard, "log", "right\n");
            assert!(log.code == 5 && !log.out.contains("Passphrase"), "{log:?}");
        },
    );
}

#[test]
fn a_terminal_chooses_between_accounts() {
    on_desk(Desk::Usual, "a_terminal_chooses_between_accounts", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        day.sign_in_to_company();
        lanyard.sign_in("company", SECOND.0, SECOND.1).ok();
        let one = on_terminal(lanyard, "token company", "2\n");
        assert_eq!(one.code, 0, "{one:?}");
        let accounts = lanyard.run(&["status", "--json"]).ok().json();
        let id = accounts["accounts"][1]["account"].as_str().unwrap();
        assert!(one.out.contains(&format!("--account {id}")), "{one:?}");
        let token = lanyard.run(&["token", "company", "--account", id]).ok().out;
        assert!(one.out.contains(token.trim()), "{one:?}");
        for typed in ["\n", "0\n", "3\n", "-1\n", "maria\n"] {
            let none = on_terminal(lanyard, "token company", typed);
            assert_eq!(none.code, 4, "{typed:?} {none:?}");
        }
        let silent = on_terminal(lanyard, "token company --json", "1\n");
        assert!(silent.code == 4 && !silent.out.contains("Which one"), "{silent:?}");
        assert_eq!(lanyard.run(&["token", "company"]).code, 4, "nobody is at a terminal");
    });
}

#[test]
fn a_deep_link_opens_the_window_and_answers_nothing() {
    on_desk(Desk::Usual, "a_deep_link_opens_the_window_and_answers_nothing", |folder| {
        let day = Day::begin(&folder).with_window();
        let lanyard = &day.lanyard;
        day.sign_in_to_contoso();
        assert_eq!(ask(lanyard, 0).code, 10);
        let waiting = lanyard.as_person("GET", "/v1/prompts", "");
        let id = waiting[0]["id"].as_str().unwrap();
        let links =
            ["allow", &format!("prompts/{id}/answer?answer=allow"), &format!("{id}#--answers")];
        for link in links {
            let mut app = lanyard.beside("lanyard-app");
            app.arg(format!("lanyard://{link}"));
            assert!(app.status().unwrap().success());
        }
        eventually("the window", || windows().len() == 1);
        assert_eq!(lanyard.as_person("GET", "/v1/prompts", "")[0]["id"], id);
        assert_eq!(ask(lanyard, 0).code, 10);
    });
}

#[test]
fn a_tray_on_a_channel_of_somebody_elses_making_is_powerless() {
    on_desk(
        Desk::WithPanel,
        "a_tray_on_a_channel_of_somebody_elses_making_is_powerless",
        |folder| {
            let day = Day::begin(&folder);
            let lanyard = &day.lanyard;
            day.sign_in_to_contoso();
            let daemon = lanyard.beside("lanyard-daemon");
            let bare = lanyard.beside("lanyard-daemon").args(["tray", "--answers"]).output();
            assert_eq!(Answer::from(bare.unwrap()).code, 5, "a tray without a channel ends");

            let mut python = Command::new("python3");
            python.args(["-c", FALSE_TRAY]).arg(daemon.get_program()).arg(lanyard.home());
            python.env("LANYARD_HOME", lanyard.home());
            let relayed = Answer::from(python.output().unwrap()).ok().out;
            assert!(relayed.contains("GET /v1/events?shown=true"), "it was a tray: {relayed}");
            assert!(
                relayed.contains("shown: 5"),
                "the broker takes nobody for the person: {relayed}"
            );
            assert!(relayed.contains("answer: 403"), "{relayed}");
        },
    );
}

#[test]
fn a_second_tray_gives_no_second_channel() {
    on_desk(Desk::WithPanel, "a_second_tray_gives_no_second_channel", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        for _ in 0..3 {
            lanyard.run(&["tray", "--background"]).ok();
        }
        eventually("one tray", || Panel::find().trays() == 1);
        let broker = lanyard.broker_pid();
        let first = views(broker).tray.unwrap();
        let shown = lanyard.as_anybody("POST", "/v1/show", "{\"show\":\"tray\"}").1;
        assert_eq!(shown, json!({"pid": first, "was_there": true}));
    });
}

#[test]
fn what_drives_or_loads_into_a_window_does_not_reach_it() {
    on_desk(Desk::Usual, "what_drives_or_loads_into_a_window_does_not_reach_it", |folder| {
        let day = Day::begin(&folder).with_window();
        let ports = [free_port(), free_port()];
        let hostile = hostile(ports);
        let mut app = day.lanyard.beside("lanyard-app");
        app.arg("--open").envs(hostile.iter().cloned());
        assert!(app.status().unwrap().success());
        assert_window_is_clean(&day.lanyard, ports);
    });
}

#[test]
fn what_a_program_has_the_window_started_with_is_sifted() {
    on_desk(Desk::Usual, "what_a_program_has_the_window_started_with_is_sifted", |folder| {
        let day = Day::begin(&folder).with_window();
        let lanyard = &day.lanyard;
        let mut first = lanyard.command(&["status"]);
        first.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        assert!(first.output().unwrap().status.success(), "a broker without a desktop");
        let ports = [free_port(), free_port()];
        let mut environment: serde_json::Map<String, Value> = hostile(ports)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        environment.insert("DISPLAY".to_owned(), own_variable("DISPLAY").into());
        let call = json!({"show": "window", "environment": environment}).to_string();
        assert_eq!(lanyard.as_anybody("POST", "/v1/show", &call).0, 200);
        assert_window_is_clean(lanyard, ports);
    });
}

#[test]
fn an_edited_authority_or_issuer_gets_no_request_until_the_person_agrees() {
    on_desk(
        Desk::Usual,
        "an_edited_authority_or_issuer_gets_no_request_until_the_person_agrees",
        |folder| {
            let day = Day::begin(&folder);
            let lanyard = &day.lanyard;
            day.sign_in_to_company();
            day.sign_in_to_contoso();
            let elsewhere = folder.join("attacker");
            std::fs::create_dir(&elsewhere).unwrap();
            let attacker = Day::begin(&elsewhere);
            let (ours, theirs) = (day.sandbox.origin(), attacker.sandbox.origin());
            edit(lanyard, |text| text.replace(ours, theirs));
            for profile in ["company", "contoso"] {
                lanyard.run(&["token", profile, "--force"]).ok();
            }
            assert_eq!(attacker.sandbox.requests(), [], "what was agreed to holds");

            let prompt = lanyard.answer("allow");
            assert_eq!(prompt["kind"], "confirm-config", "{prompt}");
            for profile in ["company", "contoso"] {
                assert_eq!(lanyard.run(&["token", profile, "--force"]).code, 3);
            }
            let asked = attacker.sandbox.requests();
            assert!(asked.iter().all(|request| request.grant_type.is_none()), "{asked:?}");
        },
    );
}

#[test]
fn other_programs_read_neither_questions_nor_trail_nor_answers() {
    on_desk(Desk::Usual, "other_programs_read_neither_questions_nor_trail_nor_answers", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        day.sign_in_to_contoso();
        let read = |path| lanyard.as_anybody("GET", path, "");
        for path in ["/v1/audit", "/v1/approvals"] {
            assert_eq!(read(path).1["code"], "refused", "nobody can be asked");
        }
        let _person = Listening::at(lanyard, "person.sock");
        assert_eq!(ask(lanyard, 0).code, 10);
        lanyard.answer("allow");
        assert_eq!(ask(lanyard, 1).code, 10);
        assert_eq!(read("/v1/prompts").1, json!([]));
        for path in ["/v1/audit", "/v1/approvals"] {
            let (status, problem) = read(path);
            assert_eq!((status, &problem["code"]), (409, &"prompt-pending".into()));
            assert!(!problem.to_string().contains("maria"), "{problem}");
        }
        let id = lanyard.as_person("GET", "/v1/prompts", "")[0]["id"].as_str().unwrap().to_owned();
        let guess = read_terminal(lanyard, &id);
        assert_eq!(
            guess["code"], "usage",
            "another program's question is none of its own: {guess}"
        );
    });
}

#[test]
fn three_questions_of_a_program_wait_and_a_refusal_holds() {
    on_desk(Desk::Usual, "three_questions_of_a_program_wait_and_a_refusal_holds", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        day.sign_in_to_contoso();
        let person = Listening::at(lanyard, "person.sock");
        for scope in 0..3 {
            assert_eq!(ask(lanyard, scope).code, 10);
        }
        let fourth = ask(lanyard, 3);
        assert!(fourth.code == 5 && fourth.out.contains("too many questions"), "{fourth:?}");
        assert_eq!(lanyard.as_person("GET", "/v1/prompts", "").as_array().unwrap().len(), 3);

        let refused = lanyard.answer("refuse");
        assert!(refused["audience"].as_str().unwrap().contains(SCOPES[0]), "{refused}");
        drop(person);
        lanyard.end_broker("-KILL");
        let _person = {
            lanyard.run(&["status"]).ok();
            Listening::at(lanyard, "person.sock")
        };
        let again = ask(lanyard, 0);
        assert!(again.code == 5 && again.out.contains("a short while ago"), "{again:?}");
        assert_eq!(lanyard.as_person("GET", "/v1/prompts", ""), json!([]));
        assert_eq!(ask(lanyard, 3).code, 10, "what was not refused can be asked");
    });
}

/// Poses as the broker to a tray: hands its calls on to the broker's socket, and says what came of
/// them.
const FALSE_TRAY: &str = r#"
import array, fcntl, os, socket, subprocess, sys
daemon, home = sys.argv[1:]
pair = socket.socketpair()
own, theirs = (fcntl.fcntl(end.fileno(), fcntl.F_DUPFD, 10) for end in pair)
for end in pair:
    end.close()
own = socket.socket(fileno=own)
os.dup2(theirs, 3)
tray = subprocess.Popen([daemon, "tray", "--answers"], pass_fds=[3])
os.close(3)
os.close(theirs)
own.settimeout(20)
seen = b""
try:
    while b"/v1/events" not in seen:
        _, ancillary, _, _ = own.recvmsg(1, socket.CMSG_LEN(4))
        call = socket.socket(fileno=array.array("i", ancillary[0][2])[0])
        call.settimeout(20)
        request = call.recv(65536)
        seen += request
        broker = socket.socket(socket.AF_UNIX)
        broker.settimeout(20)
        broker.connect(home + "/lanyard.sock")
        broker.sendall(request)
        call.sendall(broker.recv(65536))
    print(seen.decode())
    scope = "https://graph.microsoft.com/Mail.Read"
    token = [os.path.dirname(daemon) + "/lanyard", "token", "contoso", "--scope", scope]
    print("shown:", subprocess.run(token, stdout=subprocess.DEVNULL).returncode)
    answer = socket.socket(socket.AF_UNIX)
    answer.connect(home + "/lanyard.sock")
    body = b'{"answer":"allow"}'
    head = b"POST /v1/prompts/x/answer HTTP/1.1\r\nHost: lanyard\r\nContent-Length: %d\r\n\r\n"
    answer.sendall(head % len(body) + body)
    print("answer:", answer.recv(65536).split()[1].decode())
finally:
    tray.kill()
    tray.wait()
"#;

/// Another account of the provider of `company`.
const SECOND: (&str, &str) = ("omar", "battery-staple");

/// A day on which a passphrase wraps the cache's keys, and is `right`.
fn wrapped_day(folder: &Path) -> Day {
    let day = Day::begin(folder);
    let lanyard = &day.lanyard;
    day.sign_in_to_contoso();
    lanyard.end_broker("-TERM");
    let rekeyed = on_terminal(lanyard, "cache rekey --to passphrase", "passphrase\nright\nright\n");
    assert_eq!(rekeyed.code, 0, "{rekeyed:?}");
    let unlocked = on_terminal(lanyard, "unlock", "right\n");
    assert_eq!(unlocked.code, 0, "{unlocked:?}");
    day
}

fn unlisted(scope: usize) -> String {
    format!("token contoso --scope https://graph.microsoft.com/{}", SCOPES[scope])
}

fn ask(lanyard: &Lanyard, scope: usize) -> Answer {
    let line = format!("{} --json", unlisted(scope));
    lanyard.run(&line.split(' ').collect::<Vec<_>>())
}

fn edit(lanyard: &Lanyard, change: impl Fn(String) -> String) {
    let config = lanyard.home().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let changed = change(text.clone());
    assert_ne!(changed, text);
    std::fs::write(config, changed).unwrap();
}

fn read_terminal(lanyard: &Lanyard, id: &str) -> Value {
    let path = format!("/v1/prompts/{id}/terminal");
    lanyard.as_anybody("POST", &path, "{\"passphrase\":\"right\"}").1
}

/// Variables that load code into a program, or let others drive it.
fn hostile(ports: [u16; 2]) -> Vec<(&'static str, String)> {
    let text = |value: &str| value.to_owned();
    vec![
        ("WEBKIT_INSPECTOR_SERVER", format!("127.0.0.1:{}", ports[0])),
        ("WEBKIT_INSPECTOR_HTTP_SERVER", format!("127.0.0.1:{}", ports[1])),
        ("TAURI_WEBVIEW_AUTOMATION", text("true")),
        ("TAURI_AUTOMATION", text("true")),
        ("GTK_MODULES", text("evil")),
        ("GTK_PATH", text("/tmp")),
        ("GIO_EXTRA_MODULES", text("/tmp")),
    ]
}

fn assert_window_is_clean(lanyard: &Lanyard, ports: [u16; 2]) {
    eventually("the broker's own window, and no other", || {
        views(lanyard.broker_pid()).window.is_some_and(|own| windows() == [own])
    });
    let window = views(lanyard.broker_pid()).window.unwrap();
    // Only root may look; everybody else finds the memory protected.
    for name in variables(window).unwrap_or_default() {
        let loads = ["LD_", "GTK_", "GIO_", "WEBKIT_", "TAURI_"];
        assert!(!loads.iter().any(|kind| name.starts_with(kind)), "{name}");
    }
    for port in ports {
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "an inspector listens");
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[expect(clippy::disallowed_methods, reason = "a test's own set-up")]
fn own_variable(name: &str) -> String {
    std::env::var(name).unwrap()
}
