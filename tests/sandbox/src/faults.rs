//! What the sandbox can be told to do wrong.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Faults by name; the default is none. The names are those of the control interface too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each fault is on or off by itself")]
pub struct FaultSet {
    /// Milliseconds before the token endpoint looks at a request.
    pub slow: u64,
    /// Endpoints that answer 503.
    pub down: BTreeSet<Endpoint>,
    /// Endpoints that close the connection without an answer.
    pub closed: BTreeSet<Endpoint>,
    /// Endpoints that do their work and close the connection in the middle of the answer.
    pub cut: BTreeSet<Endpoint>,
    /// Endpoints that never stop answering.
    pub endless: BTreeSet<Endpoint>,
    /// Endpoints that answer 200 with a web page, as captive portals do.
    pub html_answer: BTreeSet<Endpoint>,
    /// The token endpoint answers 307, to `/elsewhere`.
    pub redirect_token: bool,
    /// What the 503 of an endpoint that is down says in `Retry-After`.
    pub retry_after: Option<String>,
    /// Seconds between two questions for a device code, in place of 5.
    pub device_interval: Option<i64>,
    /// The answer with a device code names no interval.
    pub no_device_interval: bool,
    /// Seconds that a device code is good for, in place of 900.
    pub device_lifetime: Option<i64>,
    /// What is shown in place of the code that a person enters.
    pub device_user_code: Option<String>,
    /// Where a person is to enter the code.
    pub device_page: Option<String>,
    /// The same with the code in it.
    pub device_page_with_code: Option<String>,
    /// The reference to a pushed request is 12 kB long.
    pub huge_request_uri: bool,
    /// No client is registered.
    pub no_registration: bool,
    /// The id that a registered client gets.
    pub registered_id: Option<String>,
    /// A registered client gets a secret that it did not ask for.
    pub registered_with_secret: bool,
    /// Secrets are taken in the form only.
    pub secret_in_form_only: bool,
    /// Proofs of possession have to repeat a nonce.
    pub dpop_nonce: bool,
    /// Tokens are bearer tokens, whatever proof came.
    pub bearer_always: bool,
    /// Discovery names another issuer.
    pub wrong_issuer: bool,
    /// The authorization response names another issuer.
    pub wrong_iss_param: bool,
    /// The authorization response names no issuer.
    pub missing_iss_param: bool,
    /// The authorization response carries another state.
    pub wrong_state: bool,
    /// The code in the authorization response was used before.
    pub replayed_code: bool,
    /// The ID token names another issuer.
    pub wrong_token_issuer: bool,
    /// The ID token carries another nonce.
    pub wrong_nonce: bool,
    /// The ID token carries no nonce.
    pub missing_nonce: bool,
    /// The ID token is for another client.
    pub wrong_audience: bool,
    /// The ID token is about another person.
    pub wrong_subject: bool,
    /// The ID token's `at_hash` is that of another access token.
    pub wrong_at_hash: bool,
    /// The signature of the ID token is spoilt.
    pub bad_signature: bool,
    /// The ID token is not signed.
    pub alg_none: bool,
    /// The ID token is signed with HMAC, the key being the public key's PEM text.
    pub alg_hs256: bool,
    /// The ID token is signed with a key that is not published.
    pub unknown_key: bool,
    /// The ID token expired an hour ago.
    pub expired_id_token: bool,
    /// The ID token will be issued in an hour.
    pub future_iat: bool,
    /// The answer carries no ID token.
    pub no_id_token: bool,
    /// Seconds added to the times in ID tokens.
    pub skew: i64,
    /// Refreshing is refused with `invalid_grant`.
    pub invalid_grant: bool,
    /// Entra refuses to refresh with `interaction_required`.
    pub interaction_required: bool,
    /// Token answers do not say how long they are good for.
    pub no_expires_in: bool,
}

/// An endpoint of either provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    /// The metadata document.
    Discovery,
    /// The public keys.
    Jwks,
    /// Where the browser is sent.
    Authorize,
    /// Codes and refresh tokens for tokens.
    Token,
    /// RFC 7009; OIDC only.
    Revoke,
    /// OIDC only.
    Userinfo,
    /// RFC 8628.
    Device,
    /// RFC 9126; OIDC only.
    Par,
    /// RFC 7591; OIDC only.
    Register,
}

impl Endpoint {
    /// Returns the endpoint that `path` leads to.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let known = [
            ("/.well-known/openid-configuration", Self::Discovery),
            ("/jwks", Self::Jwks),
            ("/discovery/v2.0/keys", Self::Jwks),
            ("/authorize", Self::Authorize),
            ("/token", Self::Token),
            ("/revoke", Self::Revoke),
            ("/userinfo", Self::Userinfo),
            ("/oidc/device", Self::Device),
            ("/devicecode", Self::Device),
            ("/par", Self::Par),
            ("/register", Self::Register),
        ];
        known.into_iter().find(|(end, _)| path.ends_with(end)).map(|(_, endpoint)| endpoint)
    }
}

/// A fault's name or value that the sandbox does not know.
#[derive(Debug)]
pub struct UnknownFault(serde_json::Error);

impl std::fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not a fault: {}", self.0)
    }
}

impl std::error::Error for UnknownFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Switches faults while the sandbox runs.
#[derive(Debug, Default)]
pub struct Faults(Mutex<FaultSet>);

impl Faults {
    /// Returns the faults that are on.
    pub fn current(&self) -> FaultSet {
        crate::world::lock(&self.0).clone()
    }

    /// Replaces all faults.
    pub fn set(&self, faults: FaultSet) {
        *crate::world::lock(&self.0) = faults;
    }

    /// Switches all faults off.
    pub fn clear(&self) {
        self.set(FaultSet::default());
    }

    /// Changes the faults that `changes` names and leaves the others.
    pub fn merge(&self, changes: Map<String, Value>) -> Result<(), UnknownFault> {
        let mut held = crate::world::lock(&self.0);
        let Value::Object(mut all) = serde_json::to_value(&*held).map_err(UnknownFault)? else {
            return Ok(());
        };
        all.extend(changes);
        *held = serde_json::from_value(Value::Object(all)).map_err(UnknownFault)?;
        Ok(())
    }
}
