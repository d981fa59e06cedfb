use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lanyard_core::{Caller, Code, Failure};
use tokio::sync::watch;

use crate::question::{Answer, Prompt, Question};
use crate::sign_ins::random_id;

/// How long a refused question stays refused.
const REFUSED: SignedDuration = SignedDuration::from_mins(10);

/// How long an answer that counts once waits to be used.
const ONCE: SignedDuration = SignedDuration::from_mins(2);

/// How long a question waits for the person since it was last asked.
const WAITS: SignedDuration = SignedDuration::from_mins(10);

/// How many questions of one program wait at a time.
const MOST: usize = 3;

/// The questions that wait, and the answers that are not kept in the cache.
#[derive(Debug, Default)]
pub(crate) struct Prompts(Mutex<Desk>);

#[derive(Debug, Default)]
struct Desk {
    waiting: Vec<Waiting>,
    refused: HashMap<Key, Timestamp>,
    once: HashMap<Key, (Timestamp, Answer)>,
}

/// Who asked, and what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    asker: String,
    pub(crate) topic: String,
}

#[derive(Debug)]
struct Waiting {
    key: Key,
    prompt: Prompt,
    answer: watch::Sender<Option<Answer>>,
}

/// A question that was put.
#[derive(Debug)]
pub(crate) struct Put {
    pub(crate) prompt: Prompt,
    pub(crate) answer: watch::Receiver<Option<Answer>>,
    pub(crate) new: bool,
}

impl Key {
    pub(crate) fn of(caller: &Caller, agent: Option<&str>, question: &Question) -> Self {
        let asker = if question.is_everybodys() { String::new() } else { asker(caller, agent) };
        Self { asker, topic: question.topic() }
    }
}

/// Returns what tells one asking program from another: what approvals are keyed by or, of an unknown
/// program, its process.
pub(crate) fn asker(caller: &Caller, agent: Option<&str>) -> String {
    approval_key(caller, agent).unwrap_or_else(|| {
        let (pid, started) = (caller.pid.unwrap_or_default(), caller.started.unwrap_or_default());
        format!("process {pid} of {started}")
    })
}

/// Returns the key of a program's remembered approvals: an answer for a program by itself is none for
/// an agent that uses it. `None` where nothing may be remembered.
pub(crate) fn approval_key(caller: &Caller, agent: Option<&str>) -> Option<String> {
    let program = agent.map(|evidence| evidence.split(" (").next().unwrap_or_default());
    let key = caller.key()?;
    Some(program.map_or(key.clone(), |program| format!("{key}\nagent {program}")))
}

impl Prompts {
    /// Puts a question, or joins the same one that waits.
    ///
    /// # Errors
    /// `refused` within ten minutes of a refusal, and where three questions of the program wait.
    pub(crate) fn put(
        &self,
        key: Key,
        question: Question,
        caller: &Caller,
        agent: Option<String>,
        now: Timestamp,
    ) -> Result<Put, Failure> {
        let mut desk = self.lock(now);
        if desk.refused.contains_key(&key) {
            return Err(lately_refused());
        }
        if let Some(waiting) = desk.waiting.iter_mut().find(|waiting| waiting.key == key) {
            waiting.prompt.ends_at = now + WAITS;
            let answer = waiting.answer.subscribe();
            return Ok(Put { prompt: waiting.prompt.clone(), answer, new: false });
        }
        let of_program = desk.waiting.iter().filter(|waiting| waiting.key.asker == key.asker);
        if !key.asker.is_empty() && of_program.count() >= MOST {
            return Err(Failure::new(Code::Refused, "too many questions of this program wait")
                .action("answer them in Lanyard's window first"));
        }
        let (caller, ends_at) = (caller.clone(), now + WAITS);
        let prompt = Prompt { id: random_id(), question, caller, agent, asked_at: now, ends_at };
        let (answer, receiver) = watch::channel(None);
        desk.waiting.push(Waiting { key, prompt: prompt.clone(), answer });
        Ok(Put { prompt, answer: receiver, new: true })
    }

    /// Uses up an answer that counts once.
    pub(crate) fn take_answer(&self, key: &Key, now: Timestamp) -> Option<Answer> {
        self.lock(now).once.remove(key).map(|(_, answer)| answer)
    }

    /// Returns whether the question was refused lately.
    pub(crate) fn is_refused(&self, key: &Key, now: Timestamp) -> bool {
        self.lock(now).refused.contains_key(key)
    }

    /// Takes a question off, with what came of it.
    pub(crate) fn answer(&self, id: &str, answer: &Answer, now: Timestamp) -> Option<Prompt> {
        let mut desk = self.lock(now);
        let position = desk.waiting.iter().position(|waiting| waiting.prompt.id == id)?;
        let waiting = desk.waiting.remove(position);
        match answer {
            _ if is_kept(&waiting.prompt) => {}
            Answer::Refuse => drop(desk.refused.insert(waiting.key, now + REFUSED)),
            Answer::Allow | Answer::Account(_) => {
                drop(desk.once.insert(waiting.key, (now + ONCE, answer.clone())));
            }
        }
        waiting.answer.send_replace(Some(answer.clone()));
        Some(waiting.prompt)
    }

    pub(crate) fn find(&self, id: &str, now: Timestamp) -> Option<Prompt> {
        let desk = self.lock(now);
        desk.waiting.iter().find(|waiting| waiting.prompt.id == id).map(|w| w.prompt.clone())
    }

    /// Returns the questions that wait, in the order in which they were asked.
    pub(crate) fn all(&self, now: Timestamp) -> Vec<Prompt> {
        self.lock(now).waiting.iter().map(|waiting| waiting.prompt.clone()).collect()
    }

    /// Takes questions off that settled themselves.
    pub(crate) fn settle(&self, is_settled: impl Fn(&Question) -> bool, now: Timestamp) {
        self.lock(now).waiting.retain(|waiting| !is_settled(&waiting.prompt.question));
    }

    /// Forgets the answers that allowed something, and every question but those that `stay`.
    pub(crate) fn forget(&self, now: Timestamp, stay: impl Fn(&Question) -> bool) {
        let mut desk = self.lock(now);
        desk.once.clear();
        desk.waiting.retain(|waiting| stay(&waiting.prompt.question));
    }

    /// Returns the desk without what is over. A clock that was put back ends what it cannot judge.
    fn lock(&self, now: Timestamp) -> MutexGuard<'_, Desk> {
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        desk.waiting.retain(|waiting| waiting.prompt.ends_at > now);
        desk.refused.retain(|_, end| *end > now);
        desk.once.retain(|_, (end, _)| *end > now && end.duration_since(now) <= ONCE);
        desk
    }
}

/// Returns whether the cache keeps the answer, where it can be revoked.
fn is_kept(prompt: &Prompt) -> bool {
    matches!(prompt.question, Question::Approve { .. })
        && approval_key(&prompt.caller, prompt.agent.as_deref()).is_some()
}

/// What came of waiting for an answer.
#[derive(Debug)]
pub(crate) enum Waited {
    /// The person said this.
    Answered(Answer),
    /// The question settled itself: somebody signed in, say.
    Settled,
    /// It still waits.
    Waits,
}

/// Waits for the answer, for `limit` at most.
pub(crate) async fn wait(mut answer: watch::Receiver<Option<Answer>>, limit: Duration) -> Waited {
    if limit.is_zero() {
        return Waited::Waits;
    }
    match tokio::time::timeout(limit, answer.wait_for(Option::is_some)).await {
        Err(_) => Waited::Waits,
        Ok(Err(_)) => Waited::Settled,
        Ok(Ok(answer)) => answer.clone().map_or(Waited::Waits, Waited::Answered),
    }
}

pub(crate) fn lately_refused() -> Failure {
    Failure::new(Code::Refused, "this was refused a short while ago")
        .action("ask again in ten minutes, or allow it in Lanyard's window")
}
