//! What is worth a notification: a program's question, an account that newly needs a sign-in, and a
//! lock. At most one for each of them.

use std::collections::BTreeMap;

use lanyard_api::{AccountReply, PromptKind, PromptReply, StatusReply};
use lanyard_core::AccountState;

use crate::menu::{SignIn, name};
use crate::question;

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its first line.
    pub title: String,
    /// Its second line.
    pub body: String,
    /// Whom its button signs in. Without one it can only open the window.
    pub sign_in: Option<SignIn>,
    /// Whether a program waits, so that it stays until it is settled.
    pub waits: bool,
}

/// What is to be done about one notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Shows it, in place of the last one about the same.
    Show {
        /// What it is about.
        about: String,
        /// What it says.
        notice: Notice,
    },
    /// Takes the last one back.
    Withdraw {
        /// What it was about.
        about: String,
    },
}

/// Which notices are known, so that each is raised once.
#[derive(Debug, Default)]
pub struct Notices {
    known: Option<BTreeMap<String, Notice>>,
}

impl Notices {
    /// Returns what a new state changes. What was so at the start is not raised, but for programs
    /// that wait: the icon shows it.
    pub fn update(&mut self, status: &StatusReply) -> Vec<Step> {
        let due = due(status);
        let first = self.known.is_none();
        let known = self.known.replace(due.clone()).unwrap_or_default();
        let gone = known.keys().filter(|about| !due.contains_key(*about));
        let gone = gone.map(|about| Step::Withdraw { about: about.clone() });
        let new = due.iter().filter(|(about, notice)| match known.get(*about) {
            Some(last) => notice.waits && *notice != last,
            None => notice.waits || !first,
        });
        let new = new.map(|(about, notice)| (about.clone(), notice.clone()));
        gone.chain(new.map(|(about, notice)| Step::Show { about, notice })).collect()
    }
}

fn due(status: &StatusReply) -> BTreeMap<String, Notice> {
    let mut due = BTreeMap::new();
    if status.broker.locked {
        due.insert("lock".to_owned(), locked());
    }
    let needy = |state| state == AccountState::SignInRequired;
    for account in status.accounts.iter().filter(|account| needy(account.state)) {
        due.entry(of_profile(&account.profile)).or_insert_with(|| ended(account));
    }
    for prompt in &status.prompts {
        // A sign-in that a program waits for takes the place of what the account says itself.
        let about = match (prompt.kind, &prompt.profile) {
            (PromptKind::SignIn, Some(profile)) => of_profile(profile),
            _ => format!("question {}", prompt.id),
        };
        due.insert(about, asked(prompt));
    }
    due
}

fn of_profile(profile: &str) -> String {
    format!("profile {profile}")
}

fn locked() -> Notice {
    Notice {
        title: "Lanyard is locked".to_owned(),
        body: "Programs get no tokens until you unlock it.".to_owned(),
        sign_in: None,
        waits: false,
    }
}

fn ended(account: &AccountReply) -> Notice {
    let place = name(account.tenant_name.as_deref().unwrap_or(&account.profile));
    let username = Some(account.username.clone());
    Notice {
        title: format!("{place} asks for a sign-in"),
        body: format!("Programs get no more tokens for {} until then.", name(&account.username)),
        sign_in: Some(SignIn { profile: account.profile.clone(), username }),
        waits: false,
    }
}

fn asked(prompt: &PromptReply) -> Notice {
    let (title, body) = (question::title(prompt), question::detail(prompt));
    Notice { title, body, sign_in: None, waits: true }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(Notices::default().update(&locked()), []);
        assert_eq!(
            titles(&Notices::default().update(&asked())),
            ["make waits for a sign-in to work"]
        );
    }

    #[test]
    fn a_settled_need_is_withdrawn() {
        let mut notices = Notices::default();
        notices.update(&asked());
        let about = "profile work".to_owned();
        assert_eq!(notices.update(&fine()), [Step::Withdraw { about }]);
    }

    #[test]
    fn a_waiting_program_takes_the_place_of_the_account() {
        let mut notices = Notices::default();
        notices.update(&fine());
        notices.update(&ended());
        assert_eq!(titles(&notices.update(&asked())), ["make waits for a sign-in to work"]);
        assert_eq!(notices.update(&ended()), []);
    }

    #[test]
    fn every_question_is_told_once_and_has_no_button_that_answers_it() {
        let question = |id: &str, kind| PromptReply { id: id.to_owned(), kind, ..prompt("work") };
        let mut status = fine();
        status.prompts = vec![question("1", PromptKind::Approve), question("2", PromptKind::Act)];
        let mut notices = Notices::default();
        let steps = notices.update(&status);
        assert_eq!(steps.len(), 2);
        let answers =
            |step: &Step| matches!(step, Step::Show { notice, .. } if notice.sign_in.is_some());
        assert!(!steps.iter().any(answers), "{steps:?}");
        assert_eq!(notices.update(&status), []);
        status.prompts.remove(0);
        assert_eq!(titles(&notices.update(&status)), ["withdrawn"]);
    }

    #[test]
    fn a_lock_is_told_and_taken_back() {
        let mut notices = Notices::default();
        notices.update(&fine());
        assert_eq!(titles(&notices.update(&locked())), ["Lanyard is locked"]);
        assert_eq!(titles(&notices.update(&fine())), ["withdrawn"]);
    }

    fn titles(steps: &[Step]) -> Vec<&str> {
        let title = |step| match step {
            &Step::Withdraw { .. } => "withdrawn",
            Step::Show { notice, .. } => &notice.title,
        };
        steps.iter().map(title).collect()
    }

    fn fine() -> StatusReply {
        status(vec![account("maria", 41)])
    }

    fn locked() -> StatusReply {
        let mut status = fine();
        status.broker.locked = true;
        status
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
