//! Who signed in, said by the provider and checked (OpenID Connect Core 1.0, section 3.1.3.7).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jiff::Timestamp;
use lanyard_core::provider::{ProviderError, ProviderErrorKind};
use lanyard_core::{IdToken, printable};
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{AdditionalClaims, ClientId, IdTokenVerifier, IssuerUrl, Nonce};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

/// How far a provider's clock may be from ours.
const SKEW: TimeDelta = TimeDelta::seconds(120);

/// Longest name that is kept.
const LONGEST_NAME: usize = 256;

/// Signatures that are accepted: asymmetric ones only.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Entra's claims beside the standard's.
#[derive(Debug, Serialize, Deserialize)]
struct EntraWire {
    tid: Option<String>,
    oid: Option<String>,
}

impl AdditionalClaims for EntraWire {}

type SignedToken = openidconnect::IdToken<
    EntraWire,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What an ID token has to say.
#[derive(Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    /// What the sign-in's request said; a device code's request has none.
    pub(crate) nonce: Option<&'a Nonce>,
    pub(crate) now: Timestamp,
}

/// What is taken from an ID token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) preferred_username: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    /// When the token ends, in seconds since 1970.
    pub(crate) exp: Option<i64>,
    /// Entra: the tenant's id.
    pub(crate) tid: Option<String>,
    /// Entra: the person's object id in the tenant.
    pub(crate) oid: Option<String>,
}

impl Claims {
    /// Returns what the person types to sign in, as far as the token says.
    pub(crate) fn username(&self) -> String {
        let name = self.preferred_username.as_ref().or(self.email.as_ref()).unwrap_or(&self.sub);
        printable(name, LONGEST_NAME)
    }

    /// Returns the person's name.
    pub(crate) fn display_name(&self) -> Option<String> {
        self.name.as_ref().map(|name| printable(name, LONGEST_NAME))
    }

    /// Returns when the ID token ends.
    pub(crate) fn end(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.exp?).ok()
    }
}

impl Expected<'_> {
    /// Checks an ID token in full and returns its claims.
    #[expect(clippy::disallowed_methods, reason = "the provider's own answer is read")]
    pub(crate) fn check(
        &self,
        token: &IdToken,
        keys: CoreJsonWebKeySet,
    ) -> Result<Claims, ProviderError> {
        let text = token.expose_secret();
        let signed: SignedToken =
            text.parse().map_err(|_| refused("the ID token is not a signed JWT"))?;
        let issuer = IssuerUrl::new(self.issuer.to_owned());
        let issuer = issuer.map_err(|_| refused("the issuer is not an address"))?;
        let now = DateTime::<Utc>::from_timestamp(self.now.as_second(), 0);
        let now = now.ok_or_else(|| refused("the clock shows no date"))?;
        let verifier = IdTokenVerifier::new_public_client(
            ClientId::new(self.client_id.to_owned()),
            issuer,
            keys,
        )
        .set_allowed_algs(ALGORITHMS)
        .set_other_audience_verifier_fn(|_| true)
        .set_time_fn(move || now - SKEW)
        .set_issue_time_verifier_fn(move |issued| match issued <= now + SKEW {
            true => Ok(()),
            false => Err("issued in the future".to_owned()),
        });
        let claims = match self.nonce {
            Some(nonce) => signed.claims(&verifier, nonce),
            None => signed.claims(&verifier, |_: Option<&Nonce>| Ok(())),
        };
        let claims = claims.map_err(|error| refused(reason(&error)))?;
        let party = claims.authorized_party().map(|party| party.as_str());
        let several = claims.audiences().len() > 1;
        if party.is_some_and(|party| party != self.client_id) || (several && party.is_none()) {
            return Err(refused("the ID token was given to another client (azp)"));
        }
        unverified(token).ok_or_else(|| refused("the ID token's claims could not be read"))
    }
}

/// Returns the claims without a look at the signature: for answers to a refresh, which come straight
/// from the token endpoint over TLS (section 3.1.3.7, number 6), and for claims just verified.
#[expect(clippy::disallowed_methods, reason = "the provider's own answer is read")]
pub(crate) fn unverified(token: &IdToken) -> Option<Claims> {
    let payload = token.expose_secret().split('.').nth(1)?;
    let json = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&json).ok()
}

fn refused(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Protocol, message)
}

/// Says which check failed, in words of ours: the library's could quote the token.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library may add checks")]
fn reason(error: &openidconnect::ClaimsVerificationError) -> &'static str {
    use openidconnect::ClaimsVerificationError as Error;
    match error {
        Error::Expired(_) => "the ID token is over, or this machine's clock is wrong",
        Error::InvalidAudience(_) => "the ID token is for another client",
        Error::InvalidIssuer(_) => "the ID token is another issuer's",
        Error::InvalidNonce(_) => "the ID token belongs to another sign-in (nonce)",
        Error::InvalidSubject(_) => "the ID token is another person's",
        Error::SignatureVerification(_) => "the ID token's signature is not the provider's",
        _ => "the ID token is not valid",
    }
}
