//! Questions in words, as menu and notifications name them. The window says the rest.

use lanyard_api::{PromptKind, PromptReply};

use crate::menu::name;

/// Longest part of a notification that names what a token is for, in characters.
const LONGEST_AUDIENCE: usize = 120;

/// Returns who asks for what: "make asks for a token of maria".
pub fn title(prompt: &PromptReply) -> String {
    let program = name(&prompt.program);
    let of = |whom: &Option<String>| whom.as_deref().map_or_else(|| "(no name)".to_owned(), name);
    match prompt.kind {
        PromptKind::SignIn => format!("{program} waits for a sign-in to {}", of(&prompt.profile)),
        PromptKind::PickAccount => {
            format!("{program} asks which account of {} it gets", of(&prompt.profile))
        }
        PromptKind::Approve => format!("{program} asks for a token of {}", of(&prompt.username)),
        PromptKind::ConfirmConfig => "The config file allows more than before".to_owned(),
        PromptKind::Act => format!("{program} {}", act(prompt.act.as_deref())),
        PromptKind::Unknown => format!("{program} has a question"),
    }
}

/// Returns what is worth knowing before the window is opened.
pub(crate) fn detail(prompt: &PromptReply) -> String {
    match prompt.kind {
        PromptKind::ConfirmConfig => "It holds once you agree in Lanyard's window.".to_owned(),
        PromptKind::Approve => {
            let audience = prompt.audience.as_deref().unwrap_or_default();
            let audience = lanyard_core::printable(audience, LONGEST_AUDIENCE);
            format!("For {audience}. Lanyard's window shows who asks.")
        }
        PromptKind::SignIn | PromptKind::PickAccount | PromptKind::Act | PromptKind::Unknown => {
            "Lanyard's window shows who asks.".to_owned()
        }
    }
}

fn act(act: Option<&str>) -> &'static str {
    match act {
        Some("read-audit") => "asks to read the audit trail",
        Some("read-approvals") => "asks to read what you allowed",
        Some("unlock") => "asks to unlock Lanyard",
        Some("rekey") => "asks to give the cache new keys",
        Some("keys-to-keyring") => "asks to keep the cache's keys in the keyring",
        Some("keys-to-passphrase") => "asks to wrap the cache's keys by a passphrase",
        Some("keys-to-keyfile") => "asks to keep the cache's keys in a file, in the clear",
        Some("backup") => "asks to copy the cache",
        Some(_) | None => "asks to do what only you may",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outlook::tests::prompt;

    #[test]
    fn every_kind_says_who_asks_for_what() {
        let acts = ["read-audit", "read-approvals", "unlock", "rekey", "backup", "frobnicate"];
        let handed = ["keys-to-keyring", "keys-to-passphrase", "keys-to-keyfile"];
        let acts = [acts.as_slice(), &handed].concat();
        let acts: Vec<_> = acts.into_iter().map(|act| of(PromptKind::Act, Some(act))).collect();
        let table = [
            (of(PromptKind::SignIn, None), "make waits for a sign-in to work"),
            (of(PromptKind::PickAccount, None), "make asks which account of work it gets"),
            (of(PromptKind::Approve, None), "make asks for a token of maria"),
            (of(PromptKind::ConfirmConfig, None), "The config file allows more than before"),
            (of(PromptKind::Unknown, None), "make has a question"),
        ];
        for (prompt, words) in table {
            assert_eq!(title(&prompt), words);
        }
        let worded: std::collections::BTreeSet<String> = acts.iter().map(title).collect();
        assert_eq!(worded.len(), acts.len());
    }

    #[test]
    fn what_others_chose_stays_one_short_line() {
        let mut hostile = of(PromptKind::Approve, None);
        hostile.program = "\u{202e}ekam\nyou can trust it ".repeat(99);
        hostile.audience = Some("\u{1b}[2Jgraph\n".repeat(99));
        for words in [title(&hostile), detail(&hostile)] {
            assert!(lanyard_core::plain_line(&words), "{words:?}");
            assert!(words.chars().count() < 200, "{words:?}");
        }
    }

    fn of(kind: PromptKind, act: Option<&str>) -> PromptReply {
        let (username, act) = (Some("maria".to_owned()), act.map(str::to_owned));
        PromptReply { kind, username, act, ..prompt("work") }
    }
}
