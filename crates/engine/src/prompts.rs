use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use lanyard_core::config::Profile;
use lanyard_core::{Caller, Code, Failure, ProfileName};

use crate::Engine;

/// A question that waits for the person: to sign in again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The profile it is about. One prompt waits for each.
    pub profile: ProfileName,
    /// The program that asked first, as the system names it.
    pub program: String,
    /// When it asked.
    pub asked_at: Timestamp,
}

/// The questions that wait.
#[derive(Debug, Default)]
pub(crate) struct Prompts(Mutex<BTreeMap<ProfileName, Prompt>>);

impl Engine {
    /// Returns the questions that wait for the person.
    pub fn prompts(&self) -> Vec<Prompt> {
        self.0.prompts.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Raises one prompt where a sign-in is needed and somebody can see it.
    pub(crate) fn ask_person(
        &self,
        profile: &Profile,
        caller: &Caller,
        failure: Failure,
    ) -> Failure {
        if failure.code != Code::SignInRequired || !self.is_watched() {
            return failure;
        }
        let mut prompts = self.0.prompts.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = !prompts.contains_key(&profile.name);
        prompts.entry(profile.name.clone()).or_insert_with(|| Prompt {
            profile: profile.name.clone(),
            program: caller.name(),
            asked_at: self.now(),
        });
        drop(prompts);
        if new {
            self.changed();
        }
        Failure {
            code: Code::PromptPending,
            action: Some("sign in through Lanyard's tray or window".to_owned()),
            ..failure
        }
    }

    pub(crate) fn settle_prompt(&self, profile: &ProfileName) {
        self.0.prompts.0.lock().unwrap_or_else(PoisonError::into_inner).remove(profile);
    }
}
