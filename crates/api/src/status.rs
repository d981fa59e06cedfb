use jiff::Timestamp;
use lanyard_core::Code;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{AccountReply, ProfileReply, PromptReply, ProviderReply, SignInReply};

/// Everything that tray, window and `lanyard status` show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct StatusReply {
    /// The broker.
    pub broker: BrokerReply,
    /// The accounts, one entry for each tenant.
    pub accounts: Vec<AccountReply>,
    /// The profiles of the config file.
    pub profiles: Vec<ProfileReply>,
    /// The providers of these profiles.
    pub providers: Vec<ProviderReply>,
    /// Questions that wait for the person.
    pub prompts: Vec<PromptReply>,
    /// Sign-ins under way.
    pub sign_ins: Vec<SignInReply>,
    /// How early an end is announced, in seconds.
    pub notify_before: u32,
    /// What is wrong with the config file, if it cannot be used.
    pub config_problem: Option<crate::Problem>,
}

/// The broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct BrokerReply {
    /// The program's version.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// Whether it is locked.
    pub locked: bool,
    /// The path of the cache.
    pub cache: String,
    /// Where the cache's keys come from.
    pub key: String,
}

/// What `/v1/events` sends: one whole state for each change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The whole state.
    State {
        /// What `/v1/status` would answer.
        status: Box<StatusReply>,
    },
    /// The window is wanted: it is to come to the front.
    Show,
    /// An event of a newer broker.
    #[serde(other)]
    Unknown,
}

/// One entry of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct AuditReply {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What was done: `token`, `refresh`, `sign-in`, `sign-out`, `prompt`, `answer`, `approval`,
    /// `config`, `lock`, `unlock`, `cache`.
    pub action: String,
    /// The program that asked.
    pub caller: String,
    /// The path of its executable.
    #[serde(default)]
    pub executable: Option<String>,
    /// The folder that it worked in.
    pub folder: Option<String>,
    /// The profile.
    pub profile: String,
    /// The account.
    pub account: Option<String>,
    /// What it was for.
    pub audience: Option<String>,
    /// The code, or nothing where it worked.
    #[schema(value_type = Option<String>)]
    #[ts(type = "Code | null")]
    pub code: Option<Code>,
    /// What else there is to say: why it was locked, which question was asked.
    #[serde(default)]
    pub detail: Option<String>,
}
