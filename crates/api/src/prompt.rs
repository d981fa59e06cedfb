use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A question that waits for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct PromptReply {
    /// What to answer it by.
    pub id: String,
    /// What is asked.
    pub kind: PromptKind,
    /// The profile it is about, where it is about one.
    #[serde(default)]
    pub profile: Option<String>,
    /// The program that asked, as the system names it.
    pub program: String,
    /// What else the system says of the program.
    #[serde(default)]
    pub evidence: EvidenceReply,
    /// The account that a token is asked of.
    #[serde(default)]
    pub account: Option<String>,
    /// Its user name.
    #[serde(default)]
    pub username: Option<String>,
    /// What the token is for.
    #[serde(default)]
    pub audience: Option<String>,
    /// Why it is asked, in words.
    #[serde(default)]
    pub why: Option<String>,
    /// The accounts to choose from.
    #[serde(default)]
    pub choices: Vec<ChoiceReply>,
    /// What the config file loosens.
    #[serde(default)]
    pub changes: Vec<ChangeReply>,
    /// What a program wants to do that is the person's: `read-audit`, `read-approvals`, `unlock`,
    /// `rekey`, `keys-to-keyring`, `keys-to-passphrase`, `keys-to-keyfile` or `backup`.
    #[serde(default)]
    pub act: Option<String>,
    /// When it was first asked.
    #[schema(value_type = String, format = DateTime)]
    #[ts(type = "string")]
    pub asked_at: Timestamp,
    /// When it goes away by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[ts(type = "string | null")]
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum PromptKind {
    /// To sign in.
    SignIn,
    /// Which account is meant.
    PickAccount,
    /// Whether a program may have a token.
    Approve,
    /// Whether a changed config file may loosen what it loosens.
    ConfirmConfig,
    /// Whether a program may do what is the person's.
    Act,
    /// A kind of a newer broker.
    #[serde(other)]
    Unknown,
}

/// What the system says of a program, apart from what it says of itself.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
#[serde(default)]
pub struct EvidenceReply {
    /// Its process.
    pub pid: Option<u32>,
    /// The path of its executable.
    pub executable: Option<String>,
    /// The script or module that it runs.
    pub script: Option<String>,
    /// The folder that it works in.
    pub folder: Option<String>,
    /// Its ancestors, nearest first.
    pub ancestors: Vec<String>,
    /// Whether it belongs to a terminal.
    pub terminal: bool,
    /// The agent that it is or works for, with where that was seen.
    pub agent: Option<String>,
    /// Why the program counts as unknown.
    pub unknown: Option<String>,
}

/// An account to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct ChoiceReply {
    /// The account.
    pub account: String,
    /// Its user name.
    pub username: String,
    /// Its tenant.
    pub tenant: Option<String>,
}

/// One place that a config file loosens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct ChangeReply {
    /// The key, with its tables.
    pub place: String,
    /// What holds until the person agrees.
    pub was: String,
    /// What the file says.
    pub becomes: String,
}

/// Answers a question. Only the tray and window that the broker started can.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct AnswerCall {
    /// What the person says.
    pub answer: AnswerKind,
    /// The chosen account.
    #[serde(default)]
    pub account: Option<String>,
}

/// What the person says to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    /// Yes.
    Allow,
    /// No, for ten minutes.
    Refuse,
    /// The account that `account` names.
    Account,
}

/// Answers a question of the caller's own terminal with yes, proved by the passphrase.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminalAnswerCall {
    /// The passphrase that wraps the cache's keys.
    pub passphrase: String,
}

/// Ends the lock.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnlockCall {
    /// The passphrase, where the keys are wrapped by one.
    #[serde(default)]
    pub passphrase: Option<String>,
}

/// Gives the cache new keys, or hands its keys to another holder.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RekeyCall {
    /// The holder that gets the keys as they are; without one they are made anew.
    #[serde(default)]
    pub to: Option<KeyPlace>,
    /// The passphrase, where the keys are wrapped by one.
    #[serde(default)]
    pub passphrase: Option<String>,
    /// The passphrase that wraps them from then on, with `passphrase` as the holder.
    #[serde(default)]
    pub new_passphrase: Option<String>,
}

/// Who can hold the cache's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyPlace {
    /// The OS keyring.
    Keyring,
    /// A file beside the cache, wrapped by a passphrase.
    Passphrase,
    /// A file beside the cache, in the clear.
    Keyfile,
}

/// What became of the keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RekeyReply {
    /// Whether they are new.
    pub rekeyed: bool,
    /// Who holds them.
    pub key: String,
}

/// Makes a backup.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupCall {
    /// The passphrase that opens it.
    pub passphrase: String,
}

/// Where the backup is, for its caller to move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackupReply {
    /// A file in the cache's folder.
    pub file: String,
}

/// Whether Lanyard is locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct LockReply {
    /// Whether it is.
    pub locked: bool,
}

/// Has the broker show its tray or window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowCall {
    /// What to show.
    pub show: Showing,
    /// The desktop that it is shown on: the caller's variables such as `DISPLAY`. Others than those
    /// that Lanyard's programs may inherit are left out.
    #[serde(default)]
    pub environment: std::collections::BTreeMap<String, String>,
}

/// What the broker can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Showing {
    /// The icon in the panel.
    Tray,
    /// The window.
    Window,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShowReply {
    /// The process.
    pub pid: u32,
    /// Whether it was there before.
    pub was_there: bool,
}

/// A remembered answer: what a program may have, or may not, until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct ApprovalReply {
    /// What to revoke it by.
    pub id: String,
    /// The program.
    pub program: String,
    /// The path of its executable.
    pub executable: Option<String>,
    /// The folder that it works in.
    pub folder: Option<String>,
    /// The account.
    pub account: String,
    /// Its user name.
    pub username: String,
    /// The profile.
    pub profile: String,
    /// What the tokens are for.
    pub audience: String,
    /// Whether it was allowed.
    pub allowed: bool,
    /// When the person answered.
    #[schema(value_type = String, format = DateTime)]
    #[ts(type = "string")]
    pub created_at: Timestamp,
    /// When the answer ends; a lock ends it sooner.
    #[schema(value_type = String, format = DateTime)]
    #[ts(type = "string")]
    pub expires_at: Timestamp,
}

/// Whether the audit trail is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct AuditCheckReply {
    /// Whether every entry fits the one before it, and none is missing at the end.
    pub whole: bool,
    /// How many entries there are.
    #[ts(type = "number")]
    pub entries: u64,
    /// When the oldest was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[ts(type = "string | null")]
    pub first: Option<Timestamp>,
    /// When the newest was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[ts(type = "string | null")]
    pub last: Option<Timestamp>,
    /// The number of the first entry that does not fit.
    #[ts(type = "number | null")]
    pub broken_at: Option<i64>,
    /// The number of the last entry that an older version wrote without a chain.
    #[ts(type = "number | null")]
    pub unchained_until: Option<i64>,
}

/// What was done; there is nothing to say about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct DoneReply {}
