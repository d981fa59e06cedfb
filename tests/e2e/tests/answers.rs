//! What the person answers in the real window, and who cannot answer in their place.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::os::unix::fs::FileTypeExt;
use std::process::{Child, Stdio};

use lanyard_e2e::{Day, Desk, Lanyard, Listening, Panel, Window, ended, on_desk, own_name};

/// Asks for what the profile does not list.
const UNLISTED: [&str; 5] =
    ["token", "contoso", "--scope", "https://graph.microsoft.com/Mail.Read", "--json"];

const CARD: &str = "main article";
const NOTE: &str = "main > [role=status] > p > span";

#[test]
fn what_the_profile_does_not_list_is_asked_about_in_the_window() {
    on_desk(Desk::Usual, "what_the_profile_does_not_list_is_asked_about_in_the_window", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        day.sign_in_to_contoso();
        assert_eq!(code(lanyard, &UNLISTED), (5, "refused".into()), "nobody can be asked");
        let mut window = Window::open(lanyard);
        window.says("All good");

        assert_eq!(code(lanyard, &UNLISTED), (10, "prompt-pending".into()));
        window.says("One question waits for you");
        window.shows(CARD, &format!("{} asks for a token of maria.klein@contoso.com", own_name()));
        let own = std::env::current_exe().unwrap();
        let here = std::env::current_dir().unwrap();
        for evidence in [own, here] {
            window.shows(CARD, evidence.to_str().unwrap());
        }
        window.shows(CARD, "https://graph.microsoft.com/Mail.Read");
        window.shows(CARD, "The profile does not list what it asks for.");
        window.shows(CARD, "out to harm cannot be stopped by this");
        assert_eq!(window.focused(), "BODY", "no key that was meant for something else answers");
        window.is_pictured("approve");
        assert_eq!(code(lanyard, &UNLISTED).0, 10, "it is the same question");

        window.press("Allow");
        window.shows(NOTE, "may go on");
        let token = lanyard.run(&UNLISTED).ok().json();
        assert_eq!(token["source"], "provider", "{token}");

        let mut other = UNLISTED;
        other[3] = "https://graph.microsoft.com/User.Read";
        assert_eq!(code(lanyard, &other).0, 10);
        window.press("Refuse");
        window.shows(NOTE, "was refused");
        assert_eq!(code(lanyard, &other), (5, "refused".into()));
        assert_eq!(code(lanyard, &other), (5, "refused".into()), "and stays so");
        lanyard.run(&UNLISTED).ok();
    });
}

#[test]
fn the_lock_is_seen_everywhere_and_ends_in_the_window() {
    on_desk(Desk::WithPanel, "the_lock_is_seen_everywhere_and_ends_in_the_window", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        day.sign_in_to_company();
        lanyard.run(&["tray", "--background"]).ok();
        let panel = Panel::find();
        panel.shows("maria · company");
        let mut window = Window::open(lanyard);
        window.says("All good");

        lanyard.run(&["lock"]).ok();
        assert_eq!(code(lanyard, &["token", "company", "--json"]), (8, "locked".into()));
        panel.shows("Unlock…");
        assert_eq!(panel.tooltip(), "Lanyard is locked");
        window.says("Lanyard is locked");
        window.shows("form", "it does not hide the keys from your own programs");
        assert!(window.ways_to_sign_in().is_empty());
        window.is_pictured("locked");
        lanyard_e2e::screen::picture_of_menu("locked");

        window.press("Unlock");
        window.says("All good");
        lanyard.run(&["token", "company"]).ok();
        panel.shows("maria · company");
        assert_ne!(panel.tooltip(), "Lanyard is locked");

        window.press("Lock");
        window.says("Lanyard is locked");
        assert_eq!(lanyard.run(&["token", "company"]).code, 8);
    });
}

#[test]
fn an_editor_loosens_nothing_until_the_person_agreed() {
    on_desk(Desk::Usual, "an_editor_loosens_nothing_until_the_person_agreed", |folder| {
        let agent = own_name();
        let open = format!("\n[approval]\nagents = \"allow\"\nagent_programs = [\"{agent}\"]\n");
        let day = Day::begin_with(&folder, &open);
        let lanyard = &day.lanyard;
        day.sign_in_to_company();
        let config = lanyard.home().join("config.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        let text = text.replace("agents = \"allow\"", "agents = \"ask\"");
        std::fs::write(&config, &text).unwrap();
        let mut window = Window::open(lanyard);
        window.says("All good");

        std::fs::write(&config, text.replace("agents = \"ask\"", "agents = \"allow\"")).unwrap();
        lanyard.run(&["status"]).ok();
        window.shows(CARD, "The config file allows more than before");
        window.shows("tbody th", "approval.agents");
        window.shows("tbody tr", "ask");
        window.shows("tbody tr", "allow");
        window.is_pictured("config-loosened");
        assert_eq!(lanyard.run(&["token", "company"]).code, 10);
        window.says("Two questions wait for you");
        window.shows("main section", "One more waits");

        window.press("Agree");
        window.shows(CARD, "An agent asks.");
        lanyard.run(&["token", "company"]).ok();
    });
}

#[test]
fn a_program_asks_for_the_audit_trail_and_the_person_lets_it() {
    on_desk(Desk::Usual, "a_program_asks_for_the_audit_trail_and_the_person_lets_it", |folder| {
        let day = Day::begin(&folder);
        let lanyard = &day.lanyard;
        day.sign_in_to_company();
        let mut window = Window::open(lanyard);
        let mut asking = asking_for_the_log(lanyard);
        window.shows(CARD, "asks to read the audit trail");
        window.is_pictured("act");
        window.press("Allow");
        assert!(ended(&mut asking).ok().out.contains("sign-in"));

        let mut again = asking_for_the_log(lanyard);
        window.shows(CARD, "asks to read the audit trail");
        window.press("Refuse");
        assert_eq!(ended(&mut again).code, 5, "what was allowed before counted once");
    });
}

#[test]
fn no_other_program_answers_or_sees_what_is_asked() {
    on_desk(Desk::Usual, "no_other_program_answers_or_sees_what_is_asked", |folder| {
        let day = Day::begin(&folder).as_shipped();
        let lanyard = &day.lanyard;
        day.sign_in_to_contoso();
        assert_eq!(code(lanyard, &UNLISTED), (10, "prompt-pending".into()));
        let sockets = std::fs::read_dir(lanyard.home()).unwrap().map(|entry| entry.unwrap());
        let sockets = sockets.filter(|entry| entry.file_type().unwrap().is_socket());
        let sockets: Vec<_> = sockets.map(|entry| entry.file_name()).collect();
        assert_eq!(sockets, ["lanyard.sock"]);

        let prompt = prompt_id(lanyard);
        let answer = format!("/v1/prompts/{prompt}/answer");
        let (status, problem) = lanyard.as_anybody("POST", &answer, "{\"answer\":\"allow\"}");
        assert_eq!((status, &problem["code"]), (403, &"refused".into()), "{problem}");
        assert_eq!(lanyard.as_anybody("GET", "/v1/prompts", "").1, serde_json::json!([]));
        let (_, state) = lanyard.as_anybody("GET", "/v1/status", "");
        assert_eq!(state["prompts"], serde_json::json!([]));
        assert_eq!(lanyard.as_anybody("DELETE", &format!("/v1/prompts/{prompt}"), "").0, 400);
        assert_eq!(code(lanyard, &UNLISTED).0, 10, "it still waits");
    });
}

#[test]
fn a_program_that_only_says_that_somebody_looks_raises_no_prompt() {
    on_desk(
        Desk::Usual,
        "a_program_that_only_says_that_somebody_looks_raises_no_prompt",
        |folder| {
            let day = Day::begin(&folder);
            let lanyard = &day.lanyard;
            lanyard.run(&["status"]).ok();
            let anybody = Listening::at(lanyard, "lanyard.sock");
            assert_eq!(lanyard.run(&["token", "company"]).code, 3);
            drop(anybody);
            let _person = Listening::at(lanyard, "person.sock");
            assert_eq!(lanyard.run(&["token", "company"]).code, 10);
        },
    );
}

fn asking_for_the_log(lanyard: &Lanyard) -> Child {
    let mut log = lanyard.command(&["log"]);
    log.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn code(lanyard: &Lanyard, args: &[&str]) -> (i32, String) {
    let answer = lanyard.run(args);
    let code = answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned();
    (answer.code, code)
}

/// The question's id, as its own asker learns it.
fn prompt_id(lanyard: &Lanyard) -> String {
    let error = lanyard.run(&UNLISTED).json()["error"].take();
    error["detail"].as_str().unwrap().trim_start_matches("prompt ").to_owned()
}
