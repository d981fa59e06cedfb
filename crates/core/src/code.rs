use serde::{Deserialize, Serialize};

/// Why something did not work, in the terms that scripts and views branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Something failed for which no other code stands.
    Failed,
    /// The command or request was not understood.
    Usage,
    /// The config file has a mistake.
    ConfigInvalid,
    /// A person has to sign in.
    SignInRequired,
    /// Several accounts match.
    AccountAmbiguous,
    /// A person or a rule said no.
    Refused,
    /// The provider could not be reached.
    ProviderUnreachable,
    /// Something took too long.
    TimedOut,
    /// The cache cannot be used.
    CacheUnavailable,
    /// The key does not fit the cache.
    WrongKey,
    /// The OS keyring cannot be used.
    KeyringUnavailable,
    /// Lanyard is locked.
    Locked,
    /// The provider refused.
    ProviderRefused,
    /// A person has been asked.
    PromptPending,
    /// A code of a newer broker.
    #[serde(other)]
    Unknown,
}

impl Code {
    /// Every code that this version speaks, in the order of the exit codes.
    pub const ALL: [Self; 14] = [
        Self::Failed,
        Self::Usage,
        Self::ConfigInvalid,
        Self::SignInRequired,
        Self::AccountAmbiguous,
        Self::Refused,
        Self::ProviderUnreachable,
        Self::TimedOut,
        Self::CacheUnavailable,
        Self::WrongKey,
        Self::KeyringUnavailable,
        Self::Locked,
        Self::ProviderRefused,
        Self::PromptPending,
    ];

    /// Returns the code as it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::ConfigInvalid => "config-invalid",
            Self::SignInRequired => "sign-in-required",
            Self::AccountAmbiguous => "account-ambiguous",
            Self::Refused => "refused",
            Self::ProviderUnreachable => "provider-unreachable",
            Self::TimedOut => "timed-out",
            Self::CacheUnavailable => "cache-unavailable",
            Self::WrongKey => "wrong-key",
            Self::KeyringUnavailable => "keyring-unavailable",
            Self::Locked => "locked",
            Self::ProviderRefused => "provider-refused",
            Self::PromptPending => "prompt-pending",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the process exit code that stands for this code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed | Self::Unknown => 1,
            Self::Usage | Self::ConfigInvalid => 2,
            Self::SignInRequired => 3,
            Self::AccountAmbiguous => 4,
            Self::Refused => 5,
            Self::ProviderUnreachable | Self::TimedOut => 6,
            Self::CacheUnavailable | Self::WrongKey | Self::KeyringUnavailable => 7,
            Self::Locked => 8,
            Self::ProviderRefused => 9,
            Self::PromptPending => 10,
        }
    }
}

/// The detail of the failure of a broker that finds another one at work.
pub const ALREADY_RUNNING: &str = "already-running";

/// Begins the detail of a pending failure that the asker's own terminal can settle, before the
/// question's id.
pub const TERMINAL_PROMPT: &str = "terminal prompt ";

/// Begins the detail of an ambiguity, before the name of the profile whose accounts match.
pub const OF_PROFILE: &str = "profile ";

/// What leaves a process when something fails: what happened, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What scripts and views branch on.
    pub code: Code,
    /// What happened, in words.
    pub message: String,
    /// What the person can do about it.
    #[serde(default)]
    pub action: Option<String>,
    /// More for a bug report: a provider's error code, a place in a file.
    #[serde(default)]
    pub detail: Option<String>,
}

impl Failure {
    /// Returns a failure with neither action nor detail.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), action: None, detail: None }
    }

    /// Returns it with what the person can do.
    #[must_use]
    pub fn action(mut self, action: impl Into<String>) -> Self {
        self.action = Some(action.into());
        self
    }

    /// Returns it with a detail for a bug report.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_as_itself() {
        for code in Code::ALL {
            let json = serde_json_name(code);
            assert_eq!(json, code.as_str());
        }
    }

    #[test]
    fn exit_codes_are_those_of_the_contract() {
        let codes: Vec<u8> = Code::ALL.iter().map(|code| code.exit_code()).collect();
        assert_eq!(codes, [1, 2, 2, 3, 4, 5, 6, 6, 7, 7, 7, 8, 9, 10]);
    }

    fn serde_json_name(code: Code) -> String {
        serde_json::to_value(code).unwrap().as_str().unwrap().to_owned()
    }
}
