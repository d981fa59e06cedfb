//! Who may have what without being asked about, and what the person answered.

use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use lanyard_cache::Approval;
use lanyard_core::config::{Approval as Rules, Config, Profile, Rule};
use lanyard_core::{
    Account, Audience, Caller, Code, Failure, Passphrase, TERMINAL_PROMPT, TokenKey,
};

use crate::answers::unknown_prompt;
use crate::prompts::{self, Key, Put, Waited, approval_key};
use crate::question::{Act, Answer, Question};
use crate::{Engine, choose};

/// Longest life of a remembered answer. A lock ends it sooner.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(12);

/// How long a refusal is remembered.
const REFUSED: SignedDuration = SignedDuration::from_mins(10);

/// What the rules say, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Verdict {
    rule: Rule,
    why: &'static str,
}

impl Engine {
    /// Lets the caller have the token, or says why not.
    ///
    /// # Errors
    /// `refused` by a rule or the person, `prompt-pending` once the person was asked.
    pub(crate) async fn permit(
        &self,
        config: &Config,
        profile: &Profile,
        account: &Account,
        key: &TokenKey,
        caller: &Caller,
        wait: Duration,
    ) -> Result<(), Failure> {
        let agent = caller.agent(&config.approval.agent_programs);
        let covered = is_covered(profile, &key.audience);
        let verdict = judge(&config.approval, caller.is_known(), agent.is_some(), covered);
        match verdict.rule {
            Rule::Allow => return Ok(()),
            Rule::Deny => return Err(denied(agent.is_some())),
            Rule::Ask => {}
        }
        let audience = audience_text(key);
        if let Some(program) = approval_key(caller, agent.as_deref()) {
            let (id, wanted, now) = (account.id.clone(), audience.clone(), self.now());
            let found =
                self.0.store.run(move |cache| cache.find_approval(&program, &id, &wanted, now));
            match found.await?.map(|approval| approval.allowed) {
                Some(true) => return Ok(()),
                Some(false) => return Err(prompts::lately_refused()),
                None => {}
            }
        }
        let question = Question::Approve {
            profile: profile.name.clone(),
            account: account.id.clone(),
            username: account.username.clone(),
            audience,
            why: verdict.why,
        };
        self.ask(question, caller, agent, wait).await.map(drop)
    }

    /// Lets a program do what is the person's, once they agreed.
    ///
    /// # Errors
    /// `refused`, or `prompt-pending` once the person was asked; `locked` for all but the unlock.
    pub async fn permit_act(
        &self,
        act: Act,
        caller: &Caller,
        wait: Duration,
    ) -> Result<(), Failure> {
        if act != Act::Unlock {
            self.check_unlocked()?;
        }
        let agent = self.agent(caller);
        self.ask(Question::Act { act }, caller, agent, wait).await.map(drop)
    }

    /// Asks the person to sign in, where somebody can see that, and returns once they did.
    ///
    /// # Errors
    /// `failure` as it is where nobody sees it, else `prompt-pending`.
    pub(crate) async fn ask_to_sign_in(
        &self,
        profile: &Profile,
        caller: &Caller,
        failure: Failure,
        wait: Duration,
    ) -> Result<(), Failure> {
        if !self.is_watched() {
            return Err(failure);
        }
        let question = Question::SignIn { profile: profile.name.clone() };
        let key = Key::of(caller, None, &question);
        let agent = self.agent(caller);
        let put = self.0.prompts.put(key, question, caller, agent, self.now())?;
        if put.new {
            self.note_prompt("prompt", &put.prompt, None);
            self.changed();
        }
        match prompts::wait(put.answer, wait).await {
            Waited::Settled => Ok(()),
            Waited::Answered(_) => Err(refused_by_person()),
            Waited::Waits => Err(Failure {
                code: Code::PromptPending,
                action: Some("sign in through Lanyard's tray or window".to_owned()),
                ..failure
            }),
        }
    }

    /// Lets the caller begin a sign-in, unless it works for an agent: then the person is asked to.
    ///
    /// # Errors
    /// `prompt-pending` once the person was asked, `refused` where nobody sees that.
    pub async fn may_sign_in(&self, profile: Option<&str>, caller: &Caller) -> Result<(), Failure> {
        let config = self.config()?;
        let rules = &config.approval;
        if caller.agent(&rules.agent_programs).is_none() || rules.agents == Rule::Allow {
            return Ok(());
        }
        let profile = choose::profile(&config, profile)?;
        let refused = Failure::new(Code::Refused, "an agent does not begin a sign-in")
            .action(format!("run `lanyard login {}` yourself, or start the tray", profile.name));
        self.ask_to_sign_in(profile, caller, refused, Duration::ZERO).await
    }

    /// Puts a question to the person, and waits for the answer as long as the caller wants to.
    pub(crate) async fn ask(
        &self,
        question: Question,
        caller: &Caller,
        agent: Option<String>,
        wait: Duration,
    ) -> Result<Answer, Failure> {
        if caller.pid.is_none() {
            return Err(nobody_asks());
        }
        let now = self.now();
        let key = Key::of(caller, agent.as_deref(), &question);
        if let Some(answer) = self.0.prompts.take_answer(&key, now) {
            return Ok(answer);
        }
        if self.0.prompts.is_refused(&key, now) {
            return Err(prompts::lately_refused());
        }
        let shown = self.shows();
        if !shown && !self.may_ask_in_terminal(caller, agent.as_deref()) {
            return Err(nobody_to_ask());
        }
        let put = self.0.prompts.put(key.clone(), question, caller, agent, now);
        let Put { prompt, answer, new } = put.inspect_err(|failure| {
            self.note(
                "prompt",
                Some(caller),
                "",
                None,
                Some(key.topic.clone()),
                Some(failure.code),
            );
        })?;
        if new {
            self.note_prompt("prompt", &prompt, None);
            self.bring_up();
        }
        let wait = if shown { wait } else { Duration::ZERO };
        match prompts::wait(answer, wait).await {
            Waited::Answered(Answer::Refuse) => Err(refused_by_person()),
            Waited::Answered(answer) => {
                self.0.prompts.take_answer(&key, self.now());
                Ok(answer)
            }
            Waited::Settled | Waited::Waits => Err(pending(&prompt.id, shown)),
        }
    }

    /// Returns whether the caller's own terminal may settle a question that needs the person: by a
    /// passphrase, and for nobody that works for an agent.
    fn may_ask_in_terminal(&self, caller: &Caller, agent: Option<&str>) -> bool {
        agent.is_none() && caller.terminal.is_some() && self.has_passphrase()
    }

    /// Takes an answer that the caller's terminal gave, proved by the passphrase.
    ///
    /// # Errors
    /// `usage` for a question of somebody else, `refused` for an agent, `wrong-key`.
    pub async fn answer_in_terminal(
        &self,
        id: &str,
        caller: &Caller,
        passphrase: Passphrase,
    ) -> Result<(), Failure> {
        let own = self.prompts_of(caller).into_iter().find(|prompt| prompt.id == id);
        let prompt = own.ok_or_else(unknown_prompt)?;
        let agent = prompt.agent.or_else(|| self.agent(caller));
        if !self.may_ask_in_terminal(caller, agent.as_deref()) {
            return Err(nobody_to_ask());
        }
        self.check_passphrase(passphrase).await?;
        self.answer(id, Answer::Allow).await
    }

    /// Returns the agent that the caller is or works for, with where that was seen.
    pub(crate) fn agent(&self, caller: &Caller) -> Option<String> {
        caller.agent(&self.last_config().approval.agent_programs)
    }

    /// Keeps the answer to a question about a token.
    pub(crate) async fn remember(
        &self,
        prompt: &crate::Prompt,
        answer: &Answer,
    ) -> Result<(), Failure> {
        let Question::Approve { account, audience, .. } = &prompt.question else { return Ok(()) };
        let Some(program) = approval_key(&prompt.caller, prompt.agent.as_deref()) else {
            return Ok(());
        };
        let allowed = *answer == Answer::Allow;
        let life = if allowed { REMEMBERED } else { REFUSED };
        let (path, now) = (|path: &Path| path.to_string_lossy().into_owned(), self.now());
        let approval = Approval {
            caller: program,
            caller_name: prompt.caller.name(),
            executable: prompt.caller.executable.as_ref().map(|found| path(&found.path)),
            folder: prompt.caller.folder.as_deref().map(path),
            account: account.clone(),
            audience: audience.clone(),
            created_at: now,
            expires_at: now + life,
            allowed,
        };
        self.0.store.run(move |cache| cache.put_approval(&approval)).await
    }

    /// Returns the remembered answers with their numbers, newest first.
    pub async fn approvals(&self) -> Result<Vec<(i64, Approval)>, Failure> {
        let now = self.now();
        self.0.store.run(move |cache| cache.approvals(now)).await
    }

    /// Forgets a remembered answer: the question is then asked again.
    ///
    /// # Errors
    /// `usage` if there is none with this number.
    pub async fn revoke_approval(&self, id: i64, caller: &Caller) -> Result<(), Failure> {
        let found = self.0.store.run(move |cache| cache.remove_approval(id)).await?;
        if !found {
            return Err(Failure::new(Code::Usage, "there is no such approval")
                .action("see `lanyard approvals list`"));
        }
        self.remark("approval", Some(caller), Some("revoked"), None);
        self.changed();
        Ok(())
    }
}

/// Returns what a token is for, as approvals and people name it.
pub(crate) fn audience_text(key: &TokenKey) -> String {
    let audience = match &key.audience {
        Audience::Scopes(scopes) => scopes.to_string(),
        Audience::Resource(resource) => resource.clone(),
    };
    match key.tenant.is_empty() {
        true => audience,
        false => format!("{audience} in {}", key.tenant),
    }
}

/// Returns whether the profile itself lists what is asked for.
fn is_covered(profile: &Profile, audience: &Audience) -> bool {
    match audience {
        Audience::Scopes(scopes) => {
            scopes.iter().all(|scope| profile.scopes.iter().any(|known| known == scope))
        }
        Audience::Resource(_) => false,
    }
}

/// The rules of the config, where nothing but strictness adds up: an agent is held to both.
fn judge(approval: &Rules, known: bool, agent: bool, covered: bool) -> Verdict {
    let own = if agent { approval.default.max(approval.agents) } else { approval.default };
    if own == Rule::Deny {
        return Verdict { rule: Rule::Deny, why: "the config refuses it" };
    }
    let reasons = [
        (!known, "it is not known which program this is"),
        (agent && approval.agents == Rule::Ask, "an agent asks"),
        (own == Rule::Ask, "the config asks for every program"),
        (!covered, "the profile does not list what it asks for"),
    ];
    match reasons.into_iter().find(|(holds, _)| *holds) {
        Some((_, why)) => Verdict { rule: Rule::Ask, why },
        None => Verdict { rule: Rule::Allow, why: "" },
    }
}

fn denied(agent: bool) -> Failure {
    let key = if agent { "agents" } else { "default" };
    Failure::new(Code::Refused, format!("approval.{key} = \"deny\" refuses this"))
        .action("change it in the config file if that is not meant")
}

/// Without a process there is nobody that the person could be told of.
fn nobody_asks() -> Failure {
    Failure::new(Code::Refused, "the program that asks could not be looked at")
        .action("try again; a program has to stay what it was while it asks")
}

fn nobody_to_ask() -> Failure {
    Failure::new(Code::Refused, "the person has to agree, and cannot be asked here").action(
        "start `lanyard tray` or Lanyard's window on the desktop, or run the command in a terminal",
    )
}

fn refused_by_person() -> Failure {
    Failure::new(Code::Refused, "the person refused")
        .action("ask again in ten minutes, or allow it in Lanyard's window")
}

/// The detail names the question, so that the caller's terminal can put it.
fn pending(id: &str, shown: bool) -> Failure {
    let (action, mark) = match shown {
        true => ("answer in Lanyard's tray or window, then try again", "prompt "),
        false => ("run the command in a terminal to answer there", TERMINAL_PROMPT),
    };
    Failure::new(Code::PromptPending, "the person has been asked")
        .action(action)
        .detail(format!("{mark}{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_is_held_to_the_strictest_reason() {
        let rules = [Rule::Allow, Rule::Ask, Rule::Deny];
        for (default, agents) in rules.into_iter().flat_map(|d| rules.map(|a| (d, a))) {
            let approval = Rules { default, agents, agent_programs: Vec::new() };
            for bits in 0..8 {
                let (known, agent, covered) = (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
                let rule = judge(&approval, known, agent, covered).rule;
                let own = if agent { default.max(agents) } else { default };
                let expected = if known && covered { own } else { own.max(Rule::Ask) };
                assert_eq!(rule, expected, "{approval:?} {known} {agent} {covered}");
            }
        }
    }
}
