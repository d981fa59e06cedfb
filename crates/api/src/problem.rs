use lanyard_core::{Code, Failure};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The media type of [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Problem details (RFC 9457) with Lanyard's code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct Problem {
    /// `about:blank`: `code` says what kind it is.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// What happened, in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What views and scripts branch on.
    #[schema(value_type = String)]
    #[ts(type = "Code")]
    pub code: Code,
    /// What the person can do.
    #[serde(default)]
    pub action: Option<String>,
    /// More for a bug report.
    #[serde(default)]
    pub detail: Option<String>,
}

impl Problem {
    /// Returns the problem that stands for a failure.
    pub fn of(failure: Failure) -> Self {
        Self {
            problem_type: "about:blank".to_owned(),
            title: failure.message,
            status: status(failure.code),
            code: failure.code,
            action: failure.action,
            detail: failure.detail,
        }
    }

    /// Returns the failure that the problem stands for.
    pub fn into_failure(self) -> Failure {
        Failure { code: self.code, message: self.title, action: self.action, detail: self.detail }
    }
}

/// The HTTP status that goes with a code.
pub(crate) const fn status(code: Code) -> u16 {
    match code {
        Code::Failed
        | Code::ConfigInvalid
        | Code::CacheUnavailable
        | Code::WrongKey
        | Code::KeyringUnavailable
        | Code::Unknown => 500,
        Code::Usage => 400,
        Code::SignInRequired => 401,
        Code::AccountAmbiguous | Code::PromptPending => 409,
        Code::Refused => 403,
        Code::Locked => 423,
        Code::ProviderRefused => 502,
        Code::ProviderUnreachable => 503,
        Code::TimedOut => 504,
    }
}
