use jiff::Timestamp;

use crate::{AccountId, Failure, ProfileName};

/// Who signed in through a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Opaque and stable.
    pub id: AccountId,
    /// How they signed in.
    pub profile: ProfileName,
    /// The provider's id, as in the config file.
    pub provider: String,
    /// The issuer that vouches for the subject.
    pub issuer: String,
    /// The provider's name for the person; never shown.
    pub subject: String,
    /// What the person types to sign in, as far as known.
    pub username: String,
    /// The person's name, as far as known.
    pub display_name: Option<String>,
    /// The tenant in which they signed in.
    pub tenant: Option<String>,
    /// Whether programs may read its valid access tokens from the file.
    pub direct: bool,
    /// When they signed in last.
    pub signed_in_at: Timestamp,
    /// When a token was last got.
    pub last_refresh_at: Option<Timestamp>,
    /// What went wrong last, if the last attempt went wrong.
    pub last_error: Option<Failure>,
}

/// A directory, pool or project in which an account gets tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The provider's id of it.
    pub id: String,
    /// Its name, as far as known.
    pub name: Option<String>,
}
