use lanyard_core::Failure;
use serde::Serialize;

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// Lanyard works; a person should know it.
    Warn,
    /// Something does not work, or is not safe.
    Fail,
    /// It could not be looked at, or does not matter here.
    Skipped,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Finding {
    pub(super) group: &'static str,
    pub(super) name: String,
    pub(super) state: State,
    pub(super) what: String,
    /// The command or click that repairs it.
    pub(super) repair: Option<String>,
    pub(super) detail: Option<String>,
}

impl Finding {
    fn new(name: impl Into<String>, state: State, what: impl Into<String>) -> Self {
        let (name, what) = (name.into(), what.into());
        Self { group: "", name, state, what, repair: None, detail: None }
    }

    pub(super) fn ok(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(name, State::Ok, what)
    }

    pub(super) fn warn(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(name, State::Warn, what)
    }

    pub(super) fn fail(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(name, State::Fail, what)
    }

    pub(super) fn skipped(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(name, State::Skipped, what)
    }

    pub(super) fn of_failure(name: impl Into<String>, failure: Failure) -> Self {
        let finding = Self::fail(name, failure.message);
        Self { repair: failure.action, detail: failure.detail, ..finding }
    }

    pub(super) fn repair(self, repair: impl Into<String>) -> Self {
        Self { repair: Some(repair.into()), ..self }
    }

    pub(super) fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}
