use jiff::Timestamp;
use lanyard_core::{AccountState, Code};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// An account in one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct AccountReply {
    /// The profile it signed in through.
    pub profile: String,
    /// The provider's id.
    pub provider: String,
    /// The issuer that vouches for the person; of Entra, the authority.
    #[serde(default)]
    pub issuer: String,
    /// Opaque and stable.
    pub account: String,
    /// What the person types to sign in.
    pub username: String,
    /// The person's name.
    pub display_name: Option<String>,
    /// The tenant's id.
    pub tenant: Option<String>,
    /// The tenant's name.
    pub tenant_name: Option<String>,
    /// How it stands.
    #[schema(value_type = String)]
    #[ts(type = "AccountState")]
    pub state: AccountState,
    /// Whether there is a grant that gets new tokens by itself.
    #[serde(default)]
    pub renews: bool,
    /// When the longest token of this tenant ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[ts(type = "string | null")]
    pub token_expires_at: Option<Timestamp>,
    /// When that token was got.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[ts(type = "string | null")]
    pub token_obtained_at: Option<Timestamp>,
    /// When the grant ends, as far as the provider said.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[ts(type = "string | null")]
    pub grant_expires_at: Option<Timestamp>,
    /// When a token was last got.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[ts(type = "string | null")]
    pub last_refresh_at: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<LastErrorReply>,
}

/// What went wrong last, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct LastErrorReply {
    /// What views branch on.
    #[schema(value_type = String)]
    #[ts(type = "Code")]
    pub code: Code,
    /// What happened.
    pub message: String,
}

/// What became of a sign-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct SignOutReply {
    /// Who was signed out.
    pub account: String,
    /// Their user name.
    pub username: String,
    /// Whether the provider ended the grant too.
    pub revoked: bool,
    /// What the person should know.
    pub message: String,
}
