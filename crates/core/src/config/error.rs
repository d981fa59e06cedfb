use crate::{Code, Failure};

/// A mistake in the config file: where it is, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {key}: {problem}; expected {expected}")]
pub struct ConfigError {
    /// The line, from 1.
    pub line: usize,
    /// The key with its tables, such as `profile.contoso.tenant`.
    pub key: String,
    /// What is wrong.
    pub problem: String,
    /// What should stand there.
    pub expected: String,
}

impl ConfigError {
    /// Returns what scripts and views get to see of a mistake in the file at `path`.
    pub fn to_failure(&self, path: &str) -> Failure {
        let message = format!("{path}:{}: {}: {}", self.line, self.key, self.problem);
        Failure::new(Code::ConfigInvalid, message).action(format!("expected {}", self.expected))
    }
}
