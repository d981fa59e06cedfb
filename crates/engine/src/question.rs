use jiff::Timestamp;
use lanyard_core::config::{KeySource, Loosening};
use lanyard_core::{AccountId, Caller, ProfileName};

/// A question that waits for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What to answer it by.
    pub id: String,
    /// What is asked.
    pub question: Question,
    /// The program that asked first, as the system describes it.
    pub caller: Caller,
    /// The agent that it is or works for, with where that was seen.
    pub agent: Option<String>,
    /// When it asked.
    pub asked_at: Timestamp,
    /// When it goes away by itself.
    pub ends_at: Timestamp,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// To sign in.
    SignIn {
        /// The profile.
        profile: ProfileName,
    },
    /// Which account is meant.
    PickAccount {
        /// The profile.
        profile: ProfileName,
        /// The accounts that match.
        choices: Vec<Choice>,
    },
    /// Whether a program may have a token.
    Approve {
        /// The profile.
        profile: ProfileName,
        /// The account.
        account: AccountId,
        /// Its user name.
        username: String,
        /// What the token is for.
        audience: String,
        /// Why it is asked.
        why: &'static str,
    },
    /// Whether a changed config file may loosen what it loosens.
    Loosen {
        /// The differences.
        changes: Vec<Loosening>,
    },
    /// Whether a program may do what is the person's.
    Act {
        /// What it wants to do.
        act: Act,
    },
}

/// An account to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The account.
    pub account: AccountId,
    /// Its user name.
    pub username: String,
    /// Its tenant.
    pub tenant: Option<String>,
}

/// What is the person's to do, and a program may only ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// To read the audit trail.
    ReadAudit,
    /// To read the remembered answers.
    ReadApprovals,
    /// To end the lock.
    Unlock,
    /// To give the cache new keys.
    Rekey,
    /// To hand the cache's keys to this holder.
    HandOver(KeySource),
    /// To copy the cache.
    Backup,
}

impl Act {
    /// Returns its name in the socket's contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadAudit => "read-audit",
            Self::ReadApprovals => "read-approvals",
            Self::Unlock => "unlock",
            Self::Rekey => "rekey",
            Self::HandOver(KeySource::Keyring) => "keys-to-keyring",
            Self::HandOver(KeySource::Passphrase) => "keys-to-passphrase",
            Self::HandOver(KeySource::Keyfile) => "keys-to-keyfile",
            Self::Backup => "backup",
        }
    }
}

/// What the person says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Allow,
    /// No.
    Refuse,
    /// This account.
    Account(AccountId),
}

impl Question {
    /// Returns the profile that it is about.
    pub fn profile(&self) -> Option<&ProfileName> {
        match self {
            Self::SignIn { profile }
            | Self::PickAccount { profile, .. }
            | Self::Approve { profile, .. } => Some(profile),
            Self::Loosen { .. } | Self::Act { .. } => None,
        }
    }

    /// Returns its kind's name in the socket's contract.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SignIn { .. } => "sign-in",
            Self::PickAccount { .. } => "pick-account",
            Self::Approve { .. } => "approve",
            Self::Loosen { .. } => "confirm-config",
            Self::Act { .. } => "act",
        }
    }

    /// Returns what makes two askings of one program the same question.
    pub(crate) fn topic(&self) -> String {
        match self {
            Self::SignIn { profile } => format!("sign-in {profile}"),
            Self::PickAccount { profile, .. } => format!("pick-account {profile}"),
            Self::Approve { account, audience, .. } => format!("approve {account} {audience}"),
            Self::Loosen { .. } => "confirm-config".to_owned(),
            Self::Act { act } => format!("act {}", act.as_str()),
        }
    }

    /// Returns whether it is the same question whoever asks.
    pub(crate) fn is_everybodys(&self) -> bool {
        matches!(self, Self::SignIn { .. } | Self::Loosen { .. })
    }
}
