//! The window, from the first run to a lost broker, pressed through its real web view.
//!
//! A picture of each state is left in `build/pictures/window`.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use lanyard_e2e::screen::windows;
use lanyard_e2e::{Day, Desk, Lanyard, Window, eventually, on_desk, views};
use lanyard_sandbox::{FaultSet, Sandbox};
use serde_json::Value;

const DETAILS_OF_FIRST: &str = "ul[aria-label=Accounts] button[aria-expanded]";
const NOTE: &str = "main > [role=status] > p > span";

#[test]
fn from_the_first_run_to_signed_out() {
    on_desk(Desk::Usual, "from_the_first_run_to_signed_out", |folder| {
        let Day { lanyard, person, sandbox, .. } = &Day::begin(&folder);
        let mut window = Window::open(lanyard);
        window.says("Nobody is signed in yet");
        assert_eq!(window.ways_to_sign_in(), ["Sign in: company", "Sign in: contoso"]);
        window.is_pictured("first-run");

        person.is("maria", "correct-horse");
        window.press("Sign in: company");
        window.says("All good");
        window.shows(NOTE, "maria is signed in.");
        window.shows(DETAILS_OF_FIRST, "1 h 00 min");
        window.shows(DETAILS_OF_FIRST, "renews itself");
        let pages = person.pages();
        assert!(pages.len() == 1 && pages[0].starts_with(&sandbox.oidc_issuer()), "{pages:?}");
        window.is_pictured("signed-in");

        person.is("maria.klein@contoso.com", "correct-horse");
        window.press("Sign in: contoso");
        window.shows(NOTE, "maria.klein@contoso.com is signed in.");
        assert!(window.ways_to_sign_in().is_empty());
        window.is_pictured("two-accounts");

        window.press_on(DETAILS_OF_FIRST);
        window.is_pictured("details");
        window.press("Sign out");
        window.shows("dialog h2", "Sign maria out?");
        window.is_pictured("sign-out");
        window.press_on("dialog > form > button:last-child");
        window.shows(NOTE, "maria is signed out.");
        window.is_pictured("signed-out");
        let payloads = window.recorded()["payloads"].to_string();
        assert!(payloads.contains("phase"), "replies to the page's own calls are recorded too");
        assert_eq!(accounts(lanyard), [("contoso".to_owned(), "ok".to_owned())]);
        assert_without_secrets(sandbox, &mut window);
    });
}

#[test]
fn a_refused_sign_in_says_why_and_can_be_tried_again() {
    on_desk(Desk::Usual, "a_refused_sign_in_says_why_and_can_be_tried_again", |folder| {
        let Day { lanyard, person, sandbox, .. } = &Day::begin(&folder);
        let mut window = Window::open(lanyard);
        person.refuses();
        window.press("Sign in: company");
        window.shows("li", "The sign-in was refused");
        window.says("Nobody is signed in yet");
        window.is_pictured("refused");
        assert!(accounts(lanyard).is_empty());

        person.is("maria", "correct-horse");
        window.press("Sign in: company");
        window.says("All good");
        assert!(!window.text().contains("refused"));
        assert_without_secrets(sandbox, &mut window);
    });
}

#[test]
fn a_sign_in_that_nobody_finishes_is_given_up() {
    on_desk(Desk::Usual, "a_sign_in_that_nobody_finishes_is_given_up", |folder| {
        let Day { lanyard, person, .. } = &Day::begin(&folder);
        let mut window = Window::open(lanyard);
        window.press("Sign in: company");
        window.shows("li", "Waiting for you in the browser…");
        window.is_pictured("waiting");
        window.press("Cancel: company");
        eventually("the way back", || window.ways_to_sign_in().len() == 2);
        assert!(!window.text().contains("Waiting"));
        window.is_pictured("given-up");
        assert_eq!(person.pages().len(), 1);
    });
}

#[test]
fn a_dead_grant_is_said_with_the_reason_and_repaired() {
    on_desk(Desk::Usual, "a_dead_grant_is_said_with_the_reason_and_repaired", |folder| {
        let Day { lanyard, person, sandbox, .. } = &Day::begin(&folder);
        lanyard.sign_in("company", "maria", "correct-horse").ok();
        lanyard.sign_in("contoso", "maria.klein@contoso.com", "correct-horse").ok();
        let mut window = Window::open(lanyard);
        window.says("All good");

        sandbox.faults().set(FaultSet { invalid_grant: true, ..FaultSet::default() });
        assert_eq!(lanyard.run(&["token", "company", "--force"]).code, 10);
        window.says("One account needs you");
        window.shows(".head p", "The other one is fine");
        window.shows(".row.need", "The provider asks for a new sign-in.");
        window.shows(".row.need", "waits for it.");
        assert_eq!(window.ways_to_sign_in(), ["Sign in: maria"]);
        window.is_pictured("needs-you");

        sandbox.faults().clear();
        person.is("maria", "correct-horse");
        window.press("Sign in: maria");
        window.says("All good");
        assert!(window.ways_to_sign_in().is_empty());
        window.is_pictured("repaired");
        assert_eq!(accounts(lanyard).iter().filter(|(_, state)| state == "ok").count(), 2);
        assert_without_secrets(sandbox, &mut window);
    });
}

#[test]
fn a_killed_broker_is_said_until_the_next_one_opens_its_window() {
    on_desk(Desk::Usual, "a_killed_broker_is_said_until_the_next_one_opens_its_window", |folder| {
        let day = Day::begin(&folder).with_window();
        let lanyard = &day.lanyard;
        day.sign_in_to_company();
        let token = lanyard.run(&["token", "company"]).ok().out;
        let mut window = Window::open(lanyard);
        window.says("All good");

        std::fs::set_permissions(lanyard.home(), std::fs::Permissions::from_mode(0o755)).unwrap();
        kill_broker(lanyard.home());
        window.says("The broker ended");
        window.shows(".problem", "can be reached by other users");
        window.shows(".problem", "hmod 700");
        window.is_pictured("no-broker");

        std::fs::set_permissions(lanyard.home(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let broker = lanyard.broker_pid();
        eventually("the next broker's window", || {
            let next = views(broker).window;
            next.is_some() && windows() == Vec::from_iter(next)
        });
        assert_eq!(lanyard.run(&["token", "company"]).ok().out, token);
    });
}

#[test]
fn a_mistake_in_the_config_is_said_with_line_and_key() {
    on_desk(Desk::Usual, "a_mistake_in_the_config_is_said_with_line_and_key", |folder| {
        let Day { lanyard, sandbox, .. } = &Day::begin(&folder);
        lanyard.sign_in("company", "maria", "correct-horse").ok();
        let mut window = Window::open(lanyard);
        window.says("All good");

        let config = lanyard.home().join("config.toml");
        let good = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, good.replace("issuer =", "isuer =")).unwrap();
        assert_eq!(lanyard.run(&["token", "company"]).code, 2);
        window.says("The config file has a mistake");
        window.shows(".problem", "config.toml:5: profile.company.isuer: unknown key");
        window.is_pictured("config-mistake");

        std::fs::write(&config, good).unwrap();
        lanyard.run(&["token", "company"]).ok();
        window.says("All good");
        assert_without_secrets(sandbox, &mut window);
    });
}

#[test]
fn the_window_is_light_with_a_light_theme() {
    on_desk(Desk::Usual, "the_window_is_light_with_a_light_theme", |folder| {
        busy_day(&folder, "Adwaita", "window-light");
    });
}

#[test]
fn the_window_is_dark_with_a_dark_theme() {
    on_desk(Desk::Usual, "the_window_is_dark_with_a_dark_theme", |folder| {
        busy_day(&folder, "Adwaita:dark", "window-dark");
    });
}

/// Takes the guide's picture: three accounts, one of which the provider has put an end to.
fn busy_day(folder: &Path, theme: &str, picture: &str) {
    let Day { lanyard, sandbox, .. } = &Day::begin(folder);
    add_lab(lanyard, sandbox);
    lanyard.sign_in("lab", "omar", "battery-staple").ok();
    sandbox.expire(Some(41 * 60));
    lanyard.sign_in("company", "maria", "correct-horse").ok();
    sandbox.expire(Some(72 * 60));
    lanyard.sign_in("contoso", "maria.klein@contoso.com", "correct-horse").ok();
    sandbox.revoke("omar");
    assert_eq!(lanyard.run(&["token", "lab", "--force"]).code, 3);
    let mut window = Window::open_with(lanyard, &[("GTK_THEME", theme)]);
    window.says("One account needs you");
    window.is_pictured(picture);
    assert_eq!(window.is_dark(), theme.ends_with("dark"));
}

fn add_lab(lanyard: &Lanyard, sandbox: &Sandbox) {
    let issuer = sandbox.oidc_issuer();
    let lab = format!(
        "\n[profile.lab]\nprovider = \"oidc\"\nissuer = \"{issuer}\"\nclient_id = \"lanyard\"\n\
         scopes = [\"openid\", \"offline_access\"]\n"
    );
    let config = lanyard.home().join("config.toml");
    std::fs::write(&config, std::fs::read_to_string(&config).unwrap() + &lab).unwrap();
}

/// Profiles and states of the accounts, as the command line tells them.
fn accounts(lanyard: &Lanyard) -> Vec<(String, String)> {
    let status = lanyard.run(&["status", "--json"]).ok().json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let accounts = status["accounts"].as_array().unwrap();
    accounts.iter().map(|account| (text(&account["profile"]), text(&account["state"]))).collect()
}

/// Kills the broker without a call to it, which would start it again.
fn kill_broker(home: &Path) {
    let pid = std::fs::read_to_string(home.join("cache.db.lock")).unwrap();
    let killed = std::process::Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap();
    assert!(killed.success());
}

/// The page, and all that it was told, holds nothing that the providers issued.
fn assert_without_secrets(sandbox: &Sandbox, window: &mut Window) {
    let secrets = sandbox.issued_secrets();
    assert!(secrets.len() > 3, "the journey issued secrets");
    let recorded = window.recorded();
    let payloads = recorded["payloads"].as_array().unwrap();
    assert!(payloads.iter().any(|payload| payload.to_string().contains("maria")));
    let all = recorded.to_string();
    for secret in secrets {
        assert!(!all.contains(&secret), "the page holds {}…", &secret[..secret.len().min(12)]);
    }
    assert!(!all.contains("code_challenge"), "the page was told the provider's page");
}
