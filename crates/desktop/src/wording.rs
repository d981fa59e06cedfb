//! How moments, spans and states are worded, the same in tray, window and `lanyard status`.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use lanyard_api::{AccountReply, PromptKind, StatusReply};
use lanyard_core::AccountState;

use crate::outlook::{Need, outlook};

/// "41 min", "3 h 52 min", "31 h", "2 days", "less than a minute"; "ended" once it is over. Minutes
/// are rounded up, as the end itself is the moment that people plan for.
pub fn time_left(now: Timestamp, end: Timestamp) -> String {
    let seconds = end.duration_since(now).as_secs();
    if end <= now {
        return "ended".to_owned();
    }
    if seconds < 60 {
        return "less than a minute".to_owned();
    }
    let minutes = (seconds + 59) / 60;
    let hours = minutes / 60;
    match hours {
        0 => format!("{minutes} min"),
        1..24 => format!("{hours} h {:02} min", minutes % 60),
        24..48 => format!("{hours} h"),
        _ => format!("{} days", hours / 24),
    }
}

/// "14:05", "tomorrow 09:00", "yesterday 18:30", "Mon 09:00", "3 Dec".
pub fn moment(now: Timestamp, at: Timestamp, tz: &TimeZone) -> String {
    let (at, today) = (at.to_zoned(tz.clone()), now.to_zoned(tz.clone()));
    let clock = at.strftime("%H:%M");
    match days_between(&today, &at) {
        0 => clock.to_string(),
        1 => format!("tomorrow {clock}"),
        -1 => format!("yesterday {clock}"),
        2..7 => format!("{} {clock}", at.strftime("%a")),
        _ => at.strftime("%-d %b").to_string(),
    }
}

/// "at 14:05", "tomorrow 09:00", "on Mon 09:00", "on 3 Dec".
pub fn moment_in_sentence(now: Timestamp, at: Timestamp, tz: &TimeZone) -> String {
    let words = moment(now, at, tz);
    let days = days_between(&now.to_zoned(tz.clone()), &at.to_zoned(tz.clone()));
    match days {
        0 => format!("at {words}"),
        -1 | 1 => words,
        _ => format!("on {words}"),
    }
}

fn days_between(from: &Zoned, to: &Zoned) -> i64 {
    to.date().duration_since(from.date()).as_hours() / 24
}

/// The headline: "One account needs you", "All good until 14:05", "Nobody is signed in yet".
pub fn sentence(status: &StatusReply, now: Timestamp, tz: &TimeZone) -> String {
    if status.broker.locked {
        return "Lanyard is locked".to_owned();
    }
    if status.config_problem.is_some() {
        return "The config file has a mistake".to_owned();
    }
    let questions = questions(status);
    if questions > 0 {
        return counted(questions, "One question waits for you", "questions wait for you");
    }
    let needy = needy(status);
    if needy > 0 {
        return counted(needy, "One account needs you", "accounts need you");
    }
    if status.accounts.is_empty() {
        return "Nobody is signed in yet".to_owned();
    }
    let outlooks = || status.accounts.iter().map(outlook);
    let waiting = outlooks().filter(|outlook| outlook.need == Need::Time).count();
    if waiting > 0 {
        let several = "accounts wait for their providers";
        return counted(waiting, "One account waits for its provider", several);
    }
    match outlooks().filter_map(|outlook| outlook.asks_at).min() {
        Some(at) => format!("All good until {}", moment(now, at, tz)),
        None => "All good".to_owned(),
    }
}

/// Returns how many questions wait that are more than a wanted sign-in, which its account shows.
fn questions(status: &StatusReply) -> usize {
    status.prompts.iter().filter(|prompt| prompt.kind != PromptKind::SignIn).count()
}

/// Returns how many accounts need the person, those included that a program asks for and that
/// nobody has signed in to.
pub fn needy(status: &StatusReply) -> usize {
    let accounts = status.accounts.iter().filter(|account| outlook(account).need == Need::Person);
    let new = status.profiles.iter().filter(|profile| {
        let asked =
            status.prompts.iter().any(|prompt| prompt.profile.as_ref() == Some(&profile.name));
        asked && !status.accounts.iter().any(|account| account.profile == profile.name)
    });
    accounts.count() + new.count()
}

/// How an account stands, in two parts: "41 min" and "renews itself", "3 h 52 min" and "then asks
/// you", "Ended" and "at 09:58". The second is empty where there is nothing to add.
pub fn state(account: &AccountReply, now: Timestamp, tz: &TimeZone) -> (String, String) {
    let words = |main: &str, sub: &str| (main.to_owned(), sub.to_owned());
    let outlook = outlook(account);
    if account.state == AccountState::Locked {
        return words("Locked", "");
    }
    if outlook.need == Need::Time {
        return words("No token", "tries again");
    }
    let asks = outlook.need == Need::Person;
    match outlook.ends_at {
        Some(end) if end > now && asks => (time_left(now, end), "then it stops".to_owned()),
        Some(end) if end > now => {
            let then = if outlook.renews { "renews itself" } else { "then asks you" };
            (time_left(now, end), then.to_owned())
        }
        Some(end) if asks || !account.renews => {
            ("Ended".to_owned(), moment_in_sentence(now, end, tz))
        }
        None if asks => words("Ended", ""),
        Some(_) | None => words("Ready", "when asked"),
    }
}

/// Makes a sentence of a message that the broker words without capital and full stop.
pub fn full_sentence(message: &str) -> String {
    let message = message.trim();
    let mut letters = message.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let stop = if message.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

fn counted(count: usize, one: &str, several: &str) -> String {
    const WORDS: [&str; 11] = [
        "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
    ];
    match count {
        1 => one.to_owned(),
        2..=12 => format!("{} {several}", WORDS[count - 2]),
        _ => format!("{count} {several}"),
    }
}

#[cfg(test)]
mod tests {
    use lanyard_core::Code;

    use super::*;
    use crate::outlook::tests::{account, at, profile, prompt, status, token_only};

    #[test]
    fn spans_are_worded_by_their_size() {
        let table = [
            (-1, "ended"),
            (0, "ended"),
            (1, "less than a minute"),
            (59, "less than a minute"),
            (60, "1 min"),
            (61, "2 min"),
            (41 * 60, "41 min"),
            (59 * 60 + 1, "1 h 00 min"),
            (66 * 60, "1 h 06 min"),
            (232 * 60, "3 h 52 min"),
            (24 * 3600, "24 h"),
            (31 * 3600, "31 h"),
            (48 * 3600, "2 days"),
            (89 * 86_400 + 5, "89 days"),
        ];
        for (seconds, words) in table {
            let end = now() + jiff::SignedDuration::from_secs(seconds);
            assert_eq!(time_left(now(), end), words, "{seconds}");
        }
    }

    #[test]
    fn moments_are_worded_by_their_day() {
        let table = [
            ("2026-11-21T14:05:00Z", "14:05", "at 14:05"),
            ("2026-11-22T09:00:00Z", "tomorrow 09:00", "tomorrow 09:00"),
            ("2026-11-20T18:30:00Z", "yesterday 18:30", "yesterday 18:30"),
            ("2026-11-23T09:00:00Z", "Mon 09:00", "on Mon 09:00"),
            ("2026-11-28T09:00:00Z", "28 Nov", "on 28 Nov"),
            ("2026-12-03T09:00:00Z", "3 Dec", "on 3 Dec"),
        ];
        for (time, words, in_sentence) in table {
            let time: Timestamp = time.parse().unwrap();
            assert_eq!(moment(now(), time, &TimeZone::UTC), words);
            assert_eq!(moment_in_sentence(now(), time, &TimeZone::UTC), in_sentence);
        }
    }

    #[test]
    fn the_day_is_that_of_the_time_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(14));
        assert_eq!(moment(now(), at(30), &zone), "00:30");
        assert_eq!(moment(at(-30), at(30), &zone), "tomorrow 00:30");
    }

    #[test]
    fn the_headline_names_what_comes_first() {
        let ending = AccountReply { grant_expires_at: Some(at(245)), ..account("omar", 18) };
        let table = [
            (status(vec![]), "Nobody is signed in yet"),
            (status(vec![account("maria", 41)]), "All good"),
            (status(vec![account("maria", 41), ending.clone()]), "All good until 14:05"),
            (status(vec![token_only(41), ending.clone()]), "All good until 10:41"),
            (status(vec![ended("maria"), ending]), "One account needs you"),
            (status(vec![ended("maria"), ended("omar")]), "Two accounts need you"),
            (status(vec![waiting("maria")]), "One account waits for its provider"),
        ];
        for (status, words) in table {
            assert_eq!(sentence(&status, now(), &TimeZone::UTC), words);
        }
    }

    #[test]
    fn a_profile_that_a_program_asks_for_needs_the_person() {
        let mut status = status(vec![]);
        status.profiles = vec![profile("work")];
        status.prompts = vec![prompt("work")];
        assert_eq!(sentence(&status, now(), &TimeZone::UTC), "One account needs you");
    }

    #[test]
    fn states_are_worded_in_two_parts() {
        let ending = AccountReply { grant_expires_at: Some(at(232)), ..account("omar", 600) };
        let locked = AccountReply { state: AccountState::Locked, ..account("omar", 41) };
        let dead = AccountReply { state: AccountState::SignInRequired, ..token_only(5) };
        let table = [
            (account("maria", 41), "41 min", "renews itself"),
            (ending, "3 h 52 min", "then asks you"),
            (token_only(41), "41 min", "then asks you"),
            (token_only(-9), "Ended", "at 09:51"),
            (ended("maria"), "Ended", "at 09:58"),
            (dead, "5 min", "then it stops"),
            (waiting("maria"), "No token", "tries again"),
            (account("maria", -9), "Ready", "when asked"),
            (locked, "Locked", ""),
        ];
        for (account, main, sub) in table {
            let words = state(&account, now(), &TimeZone::UTC);
            assert_eq!(words, (main.to_owned(), sub.to_owned()));
        }
    }

    #[test]
    fn messages_become_sentences() {
        assert_eq!(full_sentence("no broker is running"), "No broker is running.");
        assert_eq!(full_sentence("Really?"), "Really?");
        assert_eq!(full_sentence(""), ".");
    }

    fn now() -> Timestamp {
        at(0)
    }

    fn ended(username: &str) -> AccountReply {
        let state = AccountState::SignInRequired;
        AccountReply { state, renews: false, ..account(username, -2) }
    }

    fn waiting(username: &str) -> AccountReply {
        let message = "the provider could not be reached".to_owned();
        let last_error =
            Some(lanyard_api::LastErrorReply { code: Code::ProviderUnreachable, message });
        AccountReply { state: AccountState::Error, last_error, ..account(username, -2) }
    }
}
