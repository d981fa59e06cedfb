//! The tray in a real panel: what it shows, what it starts, and what it leaves alone.
//!
//! Pictures of the desktop are left in `build/pictures/tray`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lanyard_e2e::{
    Day, Desk, Lanyard, Panel, Person, ended, eventually, on_desk, program, project,
};
use lanyard_sandbox::FaultSet;

#[test]
fn the_tray_signs_in_and_says_what_is_left() {
    on_desk(Desk::WithPanel, "the_tray_signs_in_and_says_what_is_left", |folder| {
        let day = Day::begin(&folder);
        let (lanyard, person) = (&day.lanyard, &day.person);
        let _tray = Running::tray(lanyard, person);
        let panel = Panel::find();
        panel.shows("Nobody is signed in yet");
        assert_eq!(panel.status(), "Active");

        person.is("maria", "correct-horse");
        panel.choose("company");
        panel.shows("maria · company · 1 h 00 min, renews itself");
        let pages = person.pages();
        assert!(pages.len() == 1 && pages[0].starts_with(&day.sandbox.oidc_issuer()), "{pages:?}");

        person.is("maria.klein@contoso.com", "correct-horse");
        panel.choose("contoso");
        panel.shows("maria.klein@contoso.com · ");
        let status = lanyard.run(&["status", "--json"]).ok().json();
        assert_eq!(status["accounts"].as_array().unwrap().len(), 2);
        show_menu("signed-in");
    });
}

#[test]
fn with_one_profile_one_item_signs_in() {
    on_desk(Desk::WithPanel, "with_one_profile_one_item_signs_in", |folder| {
        let day = Day::begin(&folder);
        day.lanyard.run(&["profile", "remove", "contoso"]).ok();
        let _tray = Running::tray(&day.lanyard, &day.person);
        let panel = Panel::find();
        day.person.is("maria", "correct-horse");
        panel.shows("Sign in…");
        panel.choose("Sign in…");
        panel.shows("maria · company");
        let status = day.lanyard.run(&["status", "--json"]).ok().json();
        assert_eq!(status["accounts"][0]["username"], "maria");
    });
}

#[test]
fn a_program_that_needs_the_person_asks_through_the_tray() {
    on_desk(Desk::WithPanel, "a_program_that_needs_the_person_asks_through_the_tray", |folder| {
        let day = Day::begin(&folder);
        let (lanyard, person) = (&day.lanyard, &day.person);
        assert_eq!(lanyard.run(&["token", "company"]).code, 3, "nobody sees a prompt yet");
        let _tray = Running::tray(lanyard, person);
        let panel = Panel::find();
        panel.shows("Nobody is signed in yet");

        let pending = lanyard.run(&["token", "company", "--json"]);
        assert_eq!(
            (pending.code, pending.json()["error"]["code"].as_str()),
            (10, Some("prompt-pending"))
        );
        let question = format!("Sign in to company for {}…", own_name());
        panel.shows(&question);
        assert_eq!(panel.labels()[0], question);
        assert_eq!(panel.status(), "NeedsAttention");
        show_menu("prompt");

        person.is("maria", "correct-horse");
        let mut waiting = lanyard.command(&["token", "company", "--wait", "60s"]);
        waiting.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut waiting = waiting.spawn().unwrap();
        panel.choose(&question);
        let token = ended(&mut waiting).ok().out;
        assert_eq!(lanyard.run(&["token", "company"]).ok().out, token);
        eventually("the prompt's end", || panel.labels()[0].starts_with("maria · company"));
        assert_eq!(panel.status(), "Active");
    });
}

#[test]
fn a_dead_grant_is_repaired_from_the_top_of_the_menu() {
    on_desk(Desk::WithPanel, "a_dead_grant_is_repaired_from_the_top_of_the_menu", |folder| {
        let day = Day::begin(&folder);
        let (lanyard, person) = (&day.lanyard, &day.person);
        lanyard.sign_in("company", "maria", "correct-horse").ok();
        let _tray = Running::tray(lanyard, person);
        let panel = Panel::find();
        panel.shows("maria · company");

        day.sandbox.faults().set(FaultSet { invalid_grant: true, ..FaultSet::default() });
        assert_eq!(lanyard.run(&["token", "company", "--force"]).code, 10);
        let repair = "Sign in to company again…";
        panel.shows(repair);
        assert_eq!(panel.labels()[0], repair);
        assert_eq!(panel.status(), "NeedsAttention");
        show_menu("needs-you");

        day.sandbox.faults().clear();
        person.is("maria", "correct-horse");
        panel.choose(repair);
        eventually("its end", || panel.labels()[0].starts_with("maria · company"));
        lanyard.run(&["token", "company", "--force"]).ok();
        assert_eq!(panel.status(), "Active");
    });
}

#[test]
fn the_tray_opens_the_window_and_leaves_the_broker_when_it_quits() {
    on_desk(
        Desk::WithPanel,
        "the_tray_opens_the_window_and_leaves_the_broker_when_it_quits",
        |folder| {
            let day = Day::begin(&folder);
            let mut tray = Running::tray(&day.lanyard, &day.person);
            let panel = Panel::find();
            panel.shows("Nobody is signed in yet");
            let broker = day.lanyard.broker_pid();

            day.lanyard.run(&["tray"]).ok();
            assert_eq!(panel.trays(), 1);

            panel.choose("Open Lanyard");
            eventually("the window", || !windows().is_empty());
            panel.choose("Open Lanyard");
            picture("window-from-the-tray");
            assert_eq!(windows().len(), 1);
            end(windows()[0].1);

            panel.choose("Quit");
            assert_eq!(ended(&mut tray.0).code, 0);
            assert_eq!(day.lanyard.broker_pid(), broker);
        },
    );
}

#[test]
fn the_program_alone_brings_up_broker_tray_and_window() {
    on_desk(Desk::WithPanel, "the_program_alone_brings_up_broker_tray_and_window", |folder| {
        let day = Day::begin(&folder);
        let mut app = Command::new(program("lanyard-app"));
        app.env("LANYARD_HOME", day.lanyard.home());
        day.person.sits_at(&mut app);
        let _app = Running(app.spawn().unwrap());
        eventually("the window", || !windows().is_empty());
        let panel = Panel::find();
        panel.shows("Nobody is signed in yet");
        let held = std::fs::read_to_string(day.lanyard.home().join("cache.db.lock")).unwrap();
        assert_eq!(held.trim(), day.lanyard.broker_pid().to_string());
        picture("all-three");
        panel.choose("Quit");
        eventually("the tray's end", || panel.trays() == 0);
    });
}

/// A program that ends with this.
struct Running(Child);

impl Running {
    fn tray(lanyard: &Lanyard, person: &Person) -> Self {
        let mut command = lanyard.command(&["tray"]);
        command.env("LANYARD_LOG", "warn");
        person.sits_at(&mut command);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What the broker calls the program that asks: the one that ran `lanyard`, which is this test.
fn own_name() -> String {
    let own = std::env::current_exe().unwrap();
    own.file_name().unwrap().to_str().unwrap().to_owned()
}

/// The windows called Lanyard that are to be seen, each with its process id.
fn windows() -> Vec<(String, u32)> {
    let found = xdotool(&["search", "--onlyvisible", "--name", "^Lanyard$"]);
    let pid = |window: &str| xdotool(&["getwindowpid", window]).trim().parse().ok();
    found.lines().filter_map(|window| Some((window.to_owned(), pid(window)?))).collect()
}

fn xdotool(args: &[&str]) -> String {
    let output = Command::new("xdotool").args(args).output().expect("xdotool is there");
    String::from_utf8(output.stdout).unwrap()
}

fn end(pid: u32) {
    assert!(Command::new("kill").arg(pid.to_string()).status().unwrap().success());
}

/// Opens the menu with the mouse, takes a picture, and closes it.
fn show_menu(name: &str) {
    xdotool(&["mousemove", "1263", "15", "click", "1"]);
    picture(name);
    xdotool(&["key", "Escape"]);
}

/// Takes a picture of the desktop once it has stopped to change.
fn picture(name: &str) {
    let folder = project("build/pictures/tray");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{name}.png"));
    let mut before = Vec::new();
    eventually("an end of the changes", || {
        std::thread::sleep(Duration::from_secs(1));
        let taken = Command::new("import").args(["-window", "root", "rgb:-"]).output().unwrap();
        std::mem::replace(&mut before, taken.stdout.clone()) == taken.stdout
    });
    let taken = Command::new("import").args(["-window", "root"]).arg(file).status();
    assert!(taken.expect("import is there").success());
}
