use jiff::Timestamp;

use crate::{AccessToken, AccountId, Audience, IdToken, RefreshToken, Scopes};

/// Where a grant may be sent, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The issuer that gave it.
    pub issuer: String,
    /// The token endpoint; `{tenant}` stands for the tenant where the provider has one for each.
    pub token_endpoint: String,
    /// The client that it was given to.
    pub client_id: String,
}

/// What a sign-in leaves behind to get tokens later.
#[derive(Debug)]
pub struct Grant {
    /// The secret itself.
    pub refresh_token: RefreshToken,
    /// Where it may be sent.
    pub binding: Binding,
    /// When the provider ends it, as far as it said.
    pub expires_at: Option<Timestamp>,
}

/// What a cached token is found by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKey {
    /// Whose it is.
    pub account: AccountId,
    /// The tenant it is for; empty where the provider has none.
    pub tenant: String,
    /// The client it was given to.
    pub client_id: String,
    /// What it is for.
    pub audience: Audience,
}

/// What programs ask for.
#[derive(Debug, Clone)]
pub struct Token {
    /// The bearer token.
    pub access_token: AccessToken,
    /// The ID token of the same answer.
    pub id_token: Option<IdToken>,
    /// When the ID token ends.
    pub id_expires_at: Option<Timestamp>,
    /// What was granted.
    pub scopes: Scopes,
    /// When it was got.
    pub obtained_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}
