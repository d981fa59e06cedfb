//! What only the person does.

use lanyard_core::{Caller, Code, Failure, ProfileName};

use crate::Engine;
use crate::prompts::Key;
use crate::question::{Answer, Prompt, Question};

impl Engine {
    /// Returns the questions that wait.
    pub fn prompts(&self) -> Vec<Prompt> {
        self.ask_to_loosen();
        self.0.prompts.all(self.now())
    }

    /// Asks about a config file that loosens for as long as it does.
    fn ask_to_loosen(&self) {
        drop(self.config());
        let changes = self.loosenings();
        if changes.is_empty() || self.is_locked() {
            return;
        }
        let (question, caller) = (Question::Loosen { changes }, Caller::default());
        let key = Key::of(&caller, None, &question);
        if let Ok(put) = self.0.prompts.put(key, question, &caller, None, self.now())
            && put.new
        {
            self.note_prompt("prompt", &put.prompt, None);
        }
    }

    /// Returns the questions of this program that wait.
    pub fn prompts_of(&self, caller: &Caller) -> Vec<Prompt> {
        let own = |prompt: &Prompt| {
            let same_process =
                (prompt.caller.pid, prompt.caller.started) == (caller.pid, caller.started);
            (caller.pid.is_some() && same_process)
                || (caller.key().is_some() && prompt.caller.key() == caller.key())
        };
        self.prompts().into_iter().filter(own).collect()
    }

    /// Takes the person's answer. The caller of this has made sure that it is theirs.
    ///
    /// # Errors
    /// `usage` if there is no such question, or the answer is none to it.
    pub async fn answer(&self, id: &str, answer: Answer) -> Result<(), Failure> {
        let now = self.now();
        let prompt = self.0.prompts.find(id, now).ok_or_else(unknown_prompt)?;
        if !fits(&prompt.question, &answer) {
            return Err(Failure::new(Code::Usage, "this is no answer to that question")
                .action("look at the question again"));
        }
        self.remember(&prompt, &answer).await?;
        self.choose(&prompt, &answer).await?;
        if let (Question::Loosen { changes }, Answer::Allow) = (&prompt.question, &answer) {
            self.confirm_config(changes).await?;
        }
        self.0.prompts.answer(id, &answer, now);
        let code = (answer == Answer::Refuse).then_some(Code::Refused);
        self.note_prompt("answer", &prompt, code);
        self.changed();
        Ok(())
    }

    /// Takes a question off without an answer of the person: whoever asked may give up, and nobody
    /// gets anything by it.
    ///
    /// # Errors
    /// `usage` if there is no such question.
    pub async fn withdraw(&self, id: &str, caller: &Caller) -> Result<(), Failure> {
        let mine = self.prompts_of(caller).into_iter().any(|prompt| prompt.id == id);
        match mine {
            true => self.answer(id, Answer::Refuse).await,
            false => Err(unknown_prompt()),
        }
    }

    /// Returns whether the caller may say on which desktop the person is asked: no agent, and no
    /// program that is not known.
    pub fn may_name_desktop(&self, caller: &Caller) -> bool {
        caller.is_known() && self.agent(caller).is_none()
    }

    /// Notes that a program tried to answer in the person's place.
    pub fn note_false_answer(&self, caller: &Caller) {
        self.remark("answer", Some(caller), None, Some(Code::Refused));
    }

    pub(crate) fn settle_sign_in(&self, signed_in: &ProfileName) {
        let settled = |question: &Question| matches!(question, Question::SignIn { profile } if profile == signed_in);
        self.0.prompts.settle(settled, self.now());
    }

    pub(crate) fn note_prompt(&self, action: &'static str, prompt: &Prompt, code: Option<Code>) {
        let profile = prompt.question.profile().map_or("", ProfileName::as_str);
        let (account, audience) = match &prompt.question {
            Question::Approve { account, audience, .. } => {
                (Some(account.to_string()), audience.clone())
            }
            Question::SignIn { .. }
            | Question::PickAccount { .. }
            | Question::Loosen { .. }
            | Question::Act { .. } => (None, prompt.question.topic()),
        };
        self.note(action, Some(&prompt.caller), profile, account, Some(audience), code);
    }
}

fn fits(question: &Question, answer: &Answer) -> bool {
    match (question, answer) {
        (Question::PickAccount { choices, .. }, Answer::Account(account)) => {
            choices.iter().any(|choice| choice.account == *account)
        }
        (Question::PickAccount { .. } | Question::SignIn { .. }, Answer::Allow)
        | (_, Answer::Account(_)) => false,
        (_, Answer::Allow | Answer::Refuse) => true,
    }
}

pub(crate) fn unknown_prompt() -> Failure {
    Failure::new(Code::Usage, "there is no such question")
        .action("it was answered, or is over; see `lanyard status`")
}
