//! The tray's menu, icon and tooltip as a function of the broker's state. A renderer shows the
//! labels as they are, escaped for its own mnemonics.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lanyard_api::{AccountReply, PromptKind, PromptReply, StatusReply};
use lanyard_core::{Failure, printable};

use crate::outlook::{Need, outlook};
use crate::{question, wording};

/// Longest part of a label that somebody else chose, in characters.
const LONGEST_NAME: usize = 40;

/// How many items of a kind are shown: more would push the rest off small screens.
const MOST: usize = 12;

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// Which icon.
    pub icon: IconState,
    /// The headline.
    pub tooltip: String,
    /// The menu from top to bottom.
    pub items: Vec<Item>,
}

/// The icon, told apart by shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IconState {
    /// Programs get tokens.
    SignedIn,
    /// The person has something to do.
    NeedsYou,
    /// There is no broker, no account, or no provider answers.
    Offline,
    /// Lanyard is locked.
    Locked,
}

/// A part of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A line between groups.
    Separator,
    /// Something to choose, or only to read.
    Entry {
        /// Its text.
        label: String,
        /// What choosing it does.
        action: Action,
    },
    /// A menu of its own.
    Submenu {
        /// Its text.
        label: String,
        /// What it holds.
        items: Vec<Item>,
    },
}

/// What choosing an item does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Nothing: the item is there to be read.
    None,
    /// Signs in.
    SignIn(SignIn),
    /// Opens the window. Whatever a program asks for is answered there: anybody on the session's bus
    /// can choose an item.
    OpenWindow,
    /// Locks.
    Lock,
    /// Ends the tray.
    Quit,
}

/// Whom to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The profile.
    pub profile: String,
    /// Whom the provider's page should suggest.
    pub username: Option<String>,
}

/// Returns what the tray shows for a state, or for the reason why there is none.
pub fn menu(state: Result<&StatusReply, &Failure>, now: Timestamp, tz: &TimeZone) -> Menu {
    let (icon, tooltip, groups) = match state {
        Ok(status) => (
            icon(status),
            wording::sentence(status, now, tz),
            vec![needs(status), accounts(status, now, tz), sign_in(status)],
        ),
        Err(failure) => {
            let why = wording::full_sentence(&printable(&failure.message, 2 * LONGEST_NAME));
            let words = "The broker does not answer".to_owned();
            (IconState::Offline, words.clone(), vec![vec![to_read(words), to_read(why)]])
        }
    };
    let mut last = vec![entry("Open Lanyard", Action::OpenWindow), entry("Quit", Action::Quit)];
    if state.is_ok_and(|status| !status.broker.locked) {
        last.insert(1, entry("Lock", Action::Lock));
    }
    let groups: Vec<Vec<Item>> =
        groups.into_iter().chain([last]).filter(|g| !g.is_empty()).collect();
    Menu { icon, tooltip, items: groups.join(&Item::Separator) }
}

fn icon(status: &StatusReply) -> IconState {
    if status.broker.locked {
        return IconState::Locked;
    }
    let asked = !status.prompts.is_empty() || status.config_problem.is_some();
    if asked || wording::needy(status) > 0 {
        return IconState::NeedsYou;
    }
    let usable = status.accounts.iter().any(|account| outlook(account).need == Need::Nothing);
    if usable { IconState::SignedIn } else { IconState::Offline }
}

/// What the person has to do, with the item that does it.
fn needs(status: &StatusReply) -> Vec<Item> {
    if status.broker.locked {
        return locked(status);
    }
    let mut items = Vec::new();
    if status.config_problem.is_some() {
        items.push(entry("The config file has a mistake…", Action::OpenWindow));
    }
    let mut needy: Vec<&AccountReply> = Vec::new();
    for account in status.accounts.iter().filter(|account| outlook(account).need == Need::Person) {
        // One sign-in serves all tenants of an account.
        if !needy.iter().any(|known| known.account == account.account) {
            needy.push(account);
        }
    }
    items.extend(needy.iter().map(|account| repair(account, &needy)));
    let repaired = |prompt: &PromptReply| {
        let asks_for = |account: &&AccountReply| prompt.profile.as_ref() == Some(&account.profile);
        prompt.kind == PromptKind::SignIn && needy.iter().any(asks_for)
    };
    items.extend(status.prompts.iter().filter(|prompt| !repaired(prompt)).map(question));
    at_most(items)
}

fn locked(status: &StatusReply) -> Vec<Item> {
    let mut items = vec![to_read("Lanyard is locked"), entry("Unlock…", Action::OpenWindow)];
    items.extend(status.prompts.iter().map(question));
    at_most(items)
}

fn repair(account: &AccountReply, needy: &[&AccountReply]) -> Item {
    let place = place(account);
    let alike = needy.iter().filter(|other| self::place(other) == place).count();
    let whom = if alike > 1 { format!(" as {}", name(&account.username)) } else { String::new() };
    let username = Some(account.username.clone());
    let sign_in = SignIn { profile: account.profile.clone(), username };
    entry(format!("Sign in to {place} again{whom}…"), Action::SignIn(sign_in))
}

/// Where an account is at home, as people call it.
fn place(account: &AccountReply) -> String {
    name(account.tenant_name.as_deref().unwrap_or(&account.profile))
}

fn question(prompt: &PromptReply) -> Item {
    let label = match (prompt.kind, &prompt.profile) {
        (PromptKind::SignIn, Some(profile)) => {
            format!("Sign in to {} for {}…", name(profile), name(&prompt.program))
        }
        _ => format!("{}…", question::title(prompt)),
    };
    entry(label, Action::OpenWindow)
}

fn accounts(status: &StatusReply, now: Timestamp, tz: &TimeZone) -> Vec<Item> {
    if status.accounts.is_empty() {
        return vec![to_read("Nobody is signed in yet")];
    }
    let line = |account: &AccountReply| {
        let (main, sub) = wording::state(account, now, tz);
        let state = if sub.is_empty() { main } else { format!("{main}, {sub}") };
        let label = format!("{} · {} · {state}", name(&account.username), place(account));
        entry(label, Action::OpenWindow)
    };
    at_most(status.accounts.iter().map(line).collect())
}

fn sign_in(status: &StatusReply) -> Vec<Item> {
    if status.broker.locked {
        return Vec::new();
    }
    let action = |profile: &lanyard_api::ProfileReply| {
        Action::SignIn(SignIn { profile: profile.name.clone(), username: None })
    };
    vec![match status.profiles.as_slice() {
        [] => entry("Add an account…", Action::OpenWindow),
        [only] => entry("Sign in…", action(only)),
        several => {
            let items = several.iter().map(|profile| entry(name(&profile.name), action(profile)));
            Item::Submenu { label: "Sign in".to_owned(), items: at_most(items.collect()) }
        }
    }]
}

fn at_most(mut items: Vec<Item>) -> Vec<Item> {
    let more = items.len().saturating_sub(MOST);
    items.truncate(MOST);
    if more > 0 {
        items.push(entry(format!("{more} more…"), Action::OpenWindow));
    }
    items
}

/// A name that somebody else chose, fit for one line.
pub(crate) fn name(text: &str) -> String {
    let text = printable(text.trim(), LONGEST_NAME);
    if text.is_empty() { "(no name)".to_owned() } else { text }
}

fn to_read(label: impl Into<String>) -> Item {
    entry(label, Action::None)
}

fn entry(label: impl Into<String>, action: Action) -> Item {
    Item::Entry { label: label.into(), action }
}

#[cfg(test)]
mod tests {
    use lanyard_api::Problem;
    use lanyard_core::{AccountState, Code};

    use super::*;
    use crate::outlook::tests::{account, at, profile, prompt, status};

    #[test]
    fn what_needs_the_person_comes_first_with_its_repair() {
        let mut status = status(vec![account("omar", 41), ended("maria", "Contoso")]);
        status.profiles = vec![profile("work")];
        let menu = shown(&status);
        assert_eq!(menu.icon, IconState::NeedsYou);
        assert_eq!(menu.tooltip, "One account needs you");
        assert_eq!(
            labels(&menu.items),
            [
                "Sign in to Contoso again…",
                "--",
                "omar · Contoso · 41 min, renews itself",
                "maria · Contoso · Ended, at 09:58",
                "--",
                "Sign in…",
                "--",
                "Open Lanyard",
                "Lock",
                "Quit",
            ]
        );
        assert_eq!(action(&menu, 7), Action::OpenWindow);
        assert_eq!(action(&menu, 8), Action::Lock);
        assert_eq!(action(&menu, 0), sign_in_as("work", Some("maria")));
        assert_eq!(action(&menu, 5), sign_in_as("work", None));
    }

    #[test]
    fn repairs_of_one_place_say_whom_they_are_for() {
        let menu = shown(&status(vec![ended("maria", "Contoso"), ended("omar", "Contoso")]));
        let repairs = &labels(&menu.items)[..2];
        assert_eq!(
            repairs,
            ["Sign in to Contoso again as maria…", "Sign in to Contoso again as omar…"]
        );
    }

    #[test]
    fn an_account_in_two_tenants_is_repaired_once() {
        let menu = shown(&status(vec![ended("maria", "Contoso"), ended("maria", "Fabrikam")]));
        let labels = labels(&menu.items);
        assert_eq!(labels.iter().filter(|label| label.starts_with("Sign in to")).count(), 1);
    }

    #[test]
    fn a_program_that_waits_is_named() {
        let mut status = status(vec![account("maria", 41)]);
        status.prompts = vec![prompt("lab")];
        let menu = shown(&status);
        assert_eq!(menu.icon, IconState::NeedsYou);
        assert_eq!(labels(&menu.items)[0], "Sign in to lab for make…");
        assert_eq!(action(&menu, 0), Action::OpenWindow);
    }

    #[test]
    fn no_item_of_a_question_answers_it() {
        let kinds = [
            PromptKind::SignIn,
            PromptKind::PickAccount,
            PromptKind::Approve,
            PromptKind::ConfirmConfig,
            PromptKind::Act,
            PromptKind::Unknown,
        ];
        let mut status = status(vec![account("maria", 41)]);
        status.prompts = kinds.map(|kind| PromptReply { kind, ..prompt("work") }).into();
        let menu = shown(&status);
        assert_eq!(menu.tooltip, "Five questions wait for you");
        for index in 0..kinds.len() {
            assert_eq!(action(&menu, index), Action::OpenWindow, "{:?}", menu.items[index]);
        }
    }

    #[test]
    fn a_prompt_for_an_account_in_need_is_not_told_twice() {
        let mut status = status(vec![ended("maria", "Contoso")]);
        status.prompts = vec![prompt("work")];
        assert_eq!(labels(&shown(&status).items)[1], "--");
    }

    #[test]
    fn several_profiles_are_a_submenu() {
        let mut status = status(vec![]);
        status.profiles = vec![profile("work"), profile("lab")];
        let menu = shown(&status);
        let Item::Submenu { label, items } = &menu.items[2] else { panic!("{:?}", menu.items) };
        assert_eq!((label.as_str(), labels(items)), ("Sign in", vec!["work", "lab"]));
    }

    #[test]
    fn without_accounts_and_profiles_there_is_a_way_in() {
        let menu = shown(&status(vec![]));
        assert_eq!(menu.icon, IconState::Offline);
        let expected = [
            "Nobody is signed in yet",
            "--",
            "Add an account…",
            "--",
            "Open Lanyard",
            "Lock",
            "Quit",
        ];
        assert_eq!(labels(&menu.items), expected);
        assert_eq!(action(&menu, 0), Action::None);
    }

    #[test]
    fn without_a_broker_the_reason_is_shown() {
        let failure = Failure::new(Code::KeyringUnavailable, "the keyring is locked");
        let menu = menu(Err(&failure), at(0), &TimeZone::UTC);
        assert_eq!(menu.icon, IconState::Offline);
        let expected =
            ["The broker does not answer", "The keyring is locked.", "--", "Open Lanyard", "Quit"];
        assert_eq!(labels(&menu.items), expected);
    }

    #[test]
    fn locked_offers_to_unlock_in_the_window_and_no_sign_in() {
        let mut status = status(vec![ended("maria", "Contoso")]);
        status.broker.locked = true;
        status.profiles = vec![profile("work")];
        let menu = shown(&status);
        assert_eq!((menu.icon, menu.tooltip.as_str()), (IconState::Locked, "Lanyard is locked"));
        let labels = labels(&menu.items);
        assert_eq!(labels[..3], ["Lanyard is locked", "Unlock…", "--"]);
        assert_eq!(labels[labels.len() - 3..], ["--", "Open Lanyard", "Quit"]);
        assert_eq!(action(&menu, 1), Action::OpenWindow);
        assert!(!labels.iter().any(|label| label.starts_with("Sign in")), "{labels:?}");
    }

    #[test]
    fn a_mistake_in_the_config_file_needs_the_person() {
        let mut status = status(vec![account("maria", 41)]);
        status.config_problem = Some(Problem::of(Failure::new(Code::ConfigInvalid, "x")));
        let menu = shown(&status);
        assert_eq!(menu.icon, IconState::NeedsYou);
        assert_eq!(labels(&menu.items)[0], "The config file has a mistake…");
    }

    #[test]
    fn hostile_names_stay_one_short_line() {
        let evil = format!("\u{202e}a\n\u{1b}[31mb{}", "x".repeat(500));
        let menu = shown(&status(vec![ended(&evil, " \u{200b} ")]));
        for label in labels(&menu.items) {
            assert!(lanyard_core::plain_line(label), "{label:?}");
            assert!(label.chars().count() < 130, "{label:?}");
        }
        assert_eq!(labels(&menu.items)[0], "Sign in to (no name) again…");
    }

    #[test]
    fn long_lists_are_cut() {
        let accounts = (0..30).map(|n| account(&format!("user{n}"), 41)).collect();
        assert_eq!(labels(&shown(&status(accounts)).items)[12], "18 more…");
    }

    fn shown(status: &StatusReply) -> Menu {
        menu(Ok(status), at(0), &TimeZone::UTC)
    }

    fn labels(items: &[Item]) -> Vec<&str> {
        let label = |item| match item {
            &Item::Separator => "--",
            Item::Entry { label, .. } | Item::Submenu { label, .. } => label,
        };
        items.iter().map(label).collect()
    }

    fn action(menu: &Menu, index: usize) -> Action {
        let Item::Entry { action, .. } = &menu.items[index] else { panic!("no entry at {index}") };
        action.clone()
    }

    fn sign_in_as(profile: &str, username: Option<&str>) -> Action {
        let username = username.map(str::to_owned);
        Action::SignIn(SignIn { profile: profile.to_owned(), username })
    }

    fn ended(username: &str, tenant: &str) -> AccountReply {
        let state = AccountState::SignInRequired;
        let tenant_name = Some(tenant.to_owned());
        AccountReply { state, renews: false, tenant_name, ..account(username, -2) }
    }
}
