//! Takes secrets and names out of a text that a stranger will read.

use std::collections::BTreeMap;

/// Shortest piece of letters and digits that is taken for a secret.
const SECRET: usize = 20;

/// Endings of files, which are not those of hosts.
const FILES: [&str; 15] = [
    "toml", "db", "db-wal", "db-shm", "lock", "sock", "log", "json", "service", "socket",
    "desktop", "pem", "crt", "keyring", "old",
];

/// Words with dots that name no host.
const SETTINGS: [&str; 4] =
    ["cache.key", "network.proxy", "network.ca_file", "kernel.yama.ptrace_scope"];

/// How names on the session bus begin.
const BUS_NAMES: [&str; 3] = ["org.freedesktop.", "org.gnome.", "org.kde."];

/// Words of every report, which no name may take away.
const COMMON: [&str; 8] = [
    "lanyard",
    "lanyard-daemon",
    "lanyard-app",
    "localhost",
    "organizations",
    "common",
    "consumers",
    "broker",
];

/// What a name is, in its placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Host,
    User,
    Tenant,
    Client,
    Secret,
}

/// The names that were seen, each with its placeholder: one name has one, wherever it stands.
#[derive(Debug)]
pub(super) struct Scrub {
    keeps_names: bool,
    names: BTreeMap<String, String>,
    count: BTreeMap<Kind, usize>,
}

impl Scrub {
    pub(super) fn new(keeps_names: bool) -> Self {
        Self { keeps_names, names: BTreeMap::new(), count: BTreeMap::new() }
    }

    /// Notes a name, wherever it may stand in the text.
    pub(super) fn know(&mut self, kind: Kind, name: &str) {
        let name = name.trim().to_lowercase();
        let is_loopback = name == "::1" || name.starts_with("127.");
        if name.chars().count() > 1 && !is_loopback && !COMMON.contains(&name.as_str()) {
            self.placeholder(kind, name);
        }
    }

    fn placeholder(&mut self, kind: Kind, name: String) -> String {
        let count = self.count.entry(kind).or_default();
        let found = self.names.entry(name).or_insert_with(|| {
            *count += 1;
            let word = match kind {
                Kind::Host => "host",
                Kind::User => "user",
                Kind::Tenant => "tenant",
                Kind::Client => "client",
                Kind::Secret => "secret",
            };
            format!("{word}-{count}")
        });
        found.clone()
    }

    /// Returns the text without secrets and, unless they are kept, without names.
    pub(super) fn text(&mut self, text: &str) -> String {
        let lines = text.lines().map(|line| {
            let line = by_words(line, is_token, without_secret);
            let line = without_queries(&line);
            if self.keeps_names { line } else { self.without_names(&line) }
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn without_names(&mut self, line: &str) -> String {
        let mut line = line.to_owned();
        let mut phrases: Vec<(String, String)> =
            self.names.clone().into_iter().filter(|(name, _)| !name.chars().all(is_name)).collect();
        phrases.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, placeholder) in phrases {
            line = replace_ignoring_case(&line, &name, &placeholder);
        }
        by_words(&line, is_name, |word| self.without_name(word))
    }

    fn without_name(&mut self, word: &str) -> String {
        let name = word.trim_matches(['.', '-', '%']);
        let Some((before, after)) = word.split_once(name).filter(|_| !name.is_empty()) else {
            return word.to_owned();
        };
        let lower = name.to_lowercase();
        let placeholder = match self.names.get(&lower) {
            Some(placeholder) => placeholder.clone(),
            None if is_address(&lower) => self.placeholder(Kind::User, lower),
            None if is_host(&lower) => self.placeholder(Kind::Host, lower),
            None => return word.to_owned(),
        };
        format!("{before}{placeholder}{after}")
    }
}

/// Hands each longest run of such characters to `change`, and leaves the rest as it is.
fn by_words(
    line: &str,
    belongs: impl Fn(char) -> bool,
    mut change: impl FnMut(&str) -> String,
) -> String {
    let (mut changed, mut rest) = (String::new(), line);
    while let Some(start) = rest.find(&belongs) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !belongs(c)).unwrap_or(from.len()));
        changed.push_str(before);
        changed.push_str(&change(word));
        rest = after;
    }
    changed + rest
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=' | '.' | '~')
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '@' | '%')
}

/// In a path only the piece that looks like a secret goes; elsewhere the whole word, for a slash or
/// dot may stand within a token.
fn without_secret(word: &str) -> String {
    let removed = "[removed]";
    if !word.split(['/', '.']).any(is_secret) {
        return word.to_owned();
    }
    if !word.starts_with('/') {
        return removed.to_owned();
    }
    let piece = |piece| if is_secret(piece) { removed } else { piece };
    word.split('/').map(piece).collect::<Vec<_>>().join("/")
}

fn is_secret(piece: &str) -> bool {
    let has = |what: fn(&char) -> bool| piece.chars().any(|c| what(&c));
    piece.len() >= SECRET && has(char::is_ascii_digit) && has(char::is_ascii_alphabetic)
}

/// A query may carry a code that is too short to look like a secret.
fn without_queries(line: &str) -> String {
    let mut pieces = line.split("://");
    let first = pieces.next().unwrap_or_default().to_owned();
    let cut = |piece: &str| {
        let end = piece.find([' ', '"', '\'', '`', ')']).unwrap_or(piece.len());
        let (address, rest) = piece.split_at(end);
        match address.find(['?', '#']) {
            Some(query) => format!("{}?[removed]{rest}", &address[..query]),
            None => piece.to_owned(),
        }
    };
    pieces.map(cut).fold(first, |line, piece| format!("{line}://{piece}"))
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
}

fn is_host(word: &str) -> bool {
    let labels: Vec<&str> = word.split('.').collect();
    let Some(last) = labels.last().filter(|_| labels.len() > 1) else { return false };
    if labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok()) {
        return labels[0] != "127";
    }
    let is_name = last.len() > 1 && last.chars().all(|c| c.is_alphabetic() || c == '-');
    is_name
        && !labels.contains(&"")
        && !FILES.contains(last)
        && !SETTINGS.contains(&word)
        && !BUS_NAMES.iter().any(|start| word.starts_with(start))
}

fn replace_ignoring_case(text: &str, name: &str, placeholder: &str) -> String {
    let (mut replaced, mut rest) = (String::new(), text);
    while let Some(start) = rest.to_lowercase().find(name) {
        let (Some(before), Some(after)) = (rest.get(..start), rest.get(start + name.len()..))
        else {
            break;
        };
        replaced.push_str(before);
        replaced.push_str(placeholder);
        rest = after;
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub(text: &str) -> String {
        let mut scrub = Scrub::new(false);
        scrub.know(Kind::User, "maria");
        scrub.know(Kind::User, "Maria Klein");
        scrub.know(Kind::Host, "intranet");
        scrub.text(text)
    }

    #[test]
    fn one_name_has_one_placeholder_wherever_it_stands() {
        let text = "/home/maria/.config: MARIA at https://ID.example.com:8443/x, id.example.com.";
        let expected = "/home/user-1/.config: user-1 at https://host-2:8443/x, host-2.";
        assert_eq!(scrub(text), expected);
        assert_eq!(scrub("Maria Klein, m.klein@corp.test, intranet"), "user-2, user-3, host-1");
    }

    #[test]
    fn tokens_go_also_where_names_stay() {
        let mut named = Scrub::new(true);
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtYXJpYSJ9.c2lnbmF0dXJlMTIzNDU2Nzg5MA";
        let text = format!("Bearer {token} for maria at id.example.com");
        assert_eq!(named.text(&text), "Bearer [removed] for maria at id.example.com");
        assert_eq!(named.text("https://a.b/c?code=short x"), "https://a.b/c?[removed] x");
        assert_eq!(named.text("ab/cd+ef012345678901234567/xy=="), "[removed]");
        assert_eq!(named.text("/tmp/a0123456789012345678901/b.log"), "/tmp/[removed]/b.log");
    }

    #[test]
    fn what_a_report_is_about_stays() {
        let text = "/usr/bin/lanyard 0.1.0: config.toml, cache.db-wal, 127.0.0.1:5001, \
             org.freedesktop.secrets, network.proxy, Linux 6.5.0";
        assert_eq!(scrub(text), text);
        assert_eq!(scrub("10.0.0.7 and 1.2.3"), "host-2 and 1.2.3");
    }
}
