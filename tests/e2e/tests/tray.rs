//! The tray in a real panel: what it shows, what it starts, and what it leaves alone.
//!
//! Pictures of the desktop are left in `build/pictures/tray`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::process::{Child, Stdio};

use lanyard_e2e::screen::{picture, picture_of_menu, windows};
use lanyard_e2e::{Day, Desk, Lanyard, Panel, ended, eventually, on_desk, own_name, views};
use lanyard_sandbox::FaultSet;

#[test]
fn the_tray_signs_in_and_says_what_is_left() {
    on_desk(Desk::WithPanel, "the_tray_signs_in_and_says_what_is_left", |folder| {
        let day = Day::begin(&folder).with_window();
        let (lanyard, person) = (&day.lanyard, &day.person);
        let _tray = Running::tray(lanyard);
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
        picture_of_menu("signed-in");
    });
}

#[test]
fn with_one_profile_one_item_signs_in() {
    on_desk(Desk::WithPanel, "with_one_profile_one_item_signs_in", |folder| {
        let day = Day::begin(&folder).with_window();
        day.lanyard.run(&["profile", "remove", "contoso"]).ok();
        let _tray = Running::tray(&day.lanyard);
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
        let day = Day::begin(&folder).with_window();
        let (lanyard, person) = (&day.lanyard, &day.person);
        assert_eq!(lanyard.run(&["token", "company"]).code, 3, "nobody sees a prompt yet");
        let _tray = Running::tray(lanyard);
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
        picture_of_menu("prompt");

        person.is("maria", "correct-horse");
        let mut waiting = lanyard.command(&["token", "company", "--wait", "60s"]);
        waiting.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut waiting = waiting.spawn().unwrap();
        panel.choose(&question);
        eventually("the window", || !windows().is_empty());
        assert!(person.pages().is_empty(), "the item of a question only opens the window");
        panel.choose("company");
        let token = ended(&mut waiting).ok().out;
        assert_eq!(lanyard.run(&["token", "company"]).ok().out, token);
        eventually("the prompt's end", || panel.labels()[0].starts_with("maria · company"));
        assert_eq!(panel.status(), "Active");
    });
}

#[test]
fn a_dead_grant_is_repaired_from_the_top_of_the_menu() {
    on_desk(Desk::WithPanel, "a_dead_grant_is_repaired_from_the_top_of_the_menu", |folder| {
        let day = Day::begin(&folder).with_window();
        let (lanyard, person) = (&day.lanyard, &day.person);
        lanyard.sign_in("company", "maria", "correct-horse").ok();
        let _tray = Running::tray(lanyard);
        let panel = Panel::find();
        panel.shows("maria · company");

        day.sandbox.faults().set(FaultSet { invalid_grant: true, ..FaultSet::default() });
        assert_eq!(lanyard.run(&["token", "company", "--force"]).code, 10);
        let repair = "Sign in to company again…";
        panel.shows(repair);
        assert_eq!(panel.labels()[0], repair);
        assert_eq!(panel.status(), "NeedsAttention");
        picture_of_menu("needs-you");

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
            let day = Day::begin(&folder).with_window();
            let mut tray = Running::tray(&day.lanyard);
            let panel = Panel::find();
            panel.shows("Nobody is signed in yet");
            let broker = day.lanyard.broker_pid();
            let mut second = Running::tray(&day.lanyard);
            assert_eq!(panel.trays(), 1);

            panel.choose("Open Lanyard");
            eventually("the window", || !windows().is_empty());
            panel.choose("Open Lanyard");
            picture("window-from-the-tray");
            assert_eq!(windows(), Vec::from_iter(views(broker).window));

            panel.choose("Quit");
            assert_eq!(ended(&mut tray.0).code, 0);
            assert_eq!(ended(&mut second.0).code, 0);
            assert_eq!(day.lanyard.broker_pid(), broker);
        },
    );
}

#[test]
fn the_program_alone_brings_up_broker_tray_and_window_and_ends() {
    on_desk(
        Desk::WithPanel,
        "the_program_alone_brings_up_broker_tray_and_window_and_ends",
        |folder| {
            let day = Day::begin(&folder).with_window();
            for _ in 0..2 {
                let app = day.lanyard.beside("lanyard-app").output().unwrap();
                assert!(app.status.success(), "{app:?}");
            }
            let panel = Panel::find();
            panel.shows("Nobody is signed in yet");
            let views = views(day.lanyard.broker_pid());
            assert!(views.tray.is_some());
            eventually("the window", || windows() == Vec::from_iter(views.window));
            picture("all-three");
            assert_eq!(panel.trays(), 1);
            panel.choose("Quit");
            eventually("the tray's end", || panel.trays() == 0);
        },
    );
}

/// A program that ends with this.
struct Running(Child);

impl Running {
    fn tray(lanyard: &Lanyard) -> Self {
        Self(lanyard.command(&["tray"]).env("LANYARD_LOG", "warn").spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
