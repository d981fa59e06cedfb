use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks for a token.
#[derive(Debug, Default, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenCall {
    /// The profile; without it the default one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The issuer, in place of the profile's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// An account's id or user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// A tenant's id or domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The scopes; without them those of the profile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// A resource indicator (RFC 8707), in place of scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Which token of the answer.
    #[serde(default)]
    pub kind: TokenKind,
    /// How long it should be valid, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_i64)]
    pub min_valid: Option<u32>,
    /// Whether to ask the provider although a fresh token is at hand.
    #[serde(default)]
    pub force: bool,
    /// A claims challenge, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<String>,
    /// How long to wait for the person, in seconds, where they have to be asked; 60 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_i64)]
    pub wait: Option<u32>,
    /// The request that the token is going to be sent with: asks for a proof (RFC 9449).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop: Option<DpopCall>,
}

/// The one request that a proof is good for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DpopCall {
    /// Its method, such as `GET`.
    pub method: String,
    /// Its address.
    pub url: String,
}

/// Which token is meant.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// The access token.
    #[default]
    Access,
    /// The ID token.
    Id,
}

/// A token. It carries a secret, so it has no TypeScript form: a view cannot name it.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct TokenReply {
    /// The secret.
    pub token: String,
    /// `Bearer`, or `DPoP` where the profile asks for bound tokens.
    #[serde(rename = "type")]
    pub token_type: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// How long it is valid, in seconds.
    pub expires_in: i64,
    /// What was granted.
    pub scopes: Vec<String>,
    /// The profile it was got through.
    pub profile: String,
    /// Whose it is.
    pub account: String,
    /// The tenant it is for.
    pub tenant: Option<String>,
    /// Where it came from.
    pub source: TokenSource,
    /// The proof that was asked for: the header `DPoP` of that one request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop: Option<String>,
    /// What the person should know, such as a provider that is down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

impl std::fmt::Debug for TokenReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenReply").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Where a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TokenSource {
    /// The cache.
    Cache,
    /// The provider, just now.
    Provider,
    /// A source of a newer broker.
    #[serde(other)]
    Unknown,
}
