//! What is worth a notification: an account that newly needs a sign-in, and a program that waits
//! for one. At most one for each profile.

use std::collections::BTreeMap;

use lanyard_api::{PromptKind, StatusReply};
use lanyard_core::AccountState;

use crate::menu::{SignIn, name};

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its first line.
    pub title: String,
    /// Its second line.
    pub body: String,
    /// What its button does.
    pub sign_in: SignIn,
    /// Whether a program waits, so that it stays until it is settled.
    pub waits: bool,
}

/// What is to be done about one profile's notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Shows it, in place of the profile's last one.
    Show(Notice),
    /// Takes the profile's last one back.
    Withdraw {
        /// The profile.
        profile: String,
    },
}

/// Which notices are known, so that each is raised once.
#[derive(Debug, Default)]
pub struct Notices {
    known: Option<BTreeMap<String, Notice>>,
}

impl Notices {
    /// Returns what a new state changes. Accounts that are found in need at the start are not
    /// raised: the icon shows them.
    pub fn update(&mut self, status: &StatusReply) -> Vec<Step> {
        let due = due(status);
        let first = self.known.is_none();
        let known = self.known.replace(due.clone()).unwrap_or_default();
        let gone = known.keys().filter(|profile| !due.contains_key(*profile));
        let gone = gone.map(|profile| Step::Withdraw { profile: profile.clone() });
        let new = due.values().filter(|notice| match known.get(&notice.sign_in.profile) {
            Some(last) => notice.waits && *notice != last,
            None => notice.waits || !first,
        });
        gone.chain(new.cloned().map(Step::Show)).collect()
    }
}

fn due(status: &StatusReply) -> BTreeMap<String, Notice> {
    let mut due = BTreeMap::new();
    let needy = |state| state == AccountState::SignInRequired;
    for account in status.accounts.iter().filter(|account| needy(account.state)) {
        let place = name(account.tenant_name.as_deref().unwrap_or(&account.profile));
        let notice = Notice {
            title: format!("{place} asks for a sign-in"),
            body: format!(
                "Programs get no more tokens for {} until then.",
                name(&account.username)
            ),
            sign_in: SignIn {
                profile: account.profile.clone(),
                username: Some(account.username.clone()),
            },
            waits: false,
        };
        due.entry(account.profile.clone()).or_insert(notice);
    }
    for prompt in status.prompts.iter().filter(|prompt| prompt.kind == PromptKind::SignIn) {
        let Some(asked) = &prompt.profile else { continue };
        let (program, profile) = (name(&prompt.program), name(asked));
        let username = due.get(asked).and_then(|notice| notice.sign_in.username.clone());
        let notice = Notice {
            title: format!("{program} waits for a sign-in"),
            body: format!("It asks for a token of {profile}."),
            sign_in: SignIn { profile: asked.clone(), username },
            waits: true,
        };
        due.insert(asked.clone(), notice);
    }
    due
}

#[cfg(test)]
mod tests {
    use lanyard_api::AccountReply;

    use super::*;
    use crate::outlook::tests::{account, prompt, status};

    #[test]
    fn an_account_that_newly_needs_a_sign_in_is_told_once() {
        let mut notices = Notices::default();
        assert_eq!(notices.update(&fine()), []);
        assert_eq!(titles(&notices.update(&ended())), ["Contoso asks for a sign-in"]);
        assert_eq!(notices.update(&ended()), []);
    }

    #[test]
    fn what_was_so_at_the_start_is_not_told_but_a_waiting_program_is() {
        assert_eq!(Notices::default().update(&ended()), []);
        assert_eq!(titles(&Notices::default().update(&asked())), ["make waits for a sign-in"]);
    }

    #[test]
    fn a_settled_need_is_withdrawn() {
        let mut notices = Notices::default();
        notices.update(&asked());
        assert_eq!(notices.update(&fine()), [Step::Withdraw { profile: "work".to_owned() }]);
    }

    #[test]
    fn a_waiting_program_takes_the_place_of_the_account() {
        let mut notices = Notices::default();
        notices.update(&fine());
        notices.update(&ended());
        assert_eq!(titles(&notices.update(&asked())), ["make waits for a sign-in"]);
        assert_eq!(notices.update(&ended()), []);
    }

    fn titles(steps: &[Step]) -> Vec<&str> {
        let title = |step| match step {
            &Step::Withdraw { .. } => "withdrawn",
            Step::Show(notice) => &notice.title,
        };
        steps.iter().map(title).collect()
    }

    fn fine() -> StatusReply {
        status(vec![account("maria", 41)])
    }

    fn ended() -> StatusReply {
        let state = AccountState::SignInRequired;
        status(vec![AccountReply { state, renews: false, ..account("maria", -2) }])
    }

    fn asked() -> StatusReply {
        let mut status = ended();
        status.prompts = vec![prompt("work")];
        status
    }
}
