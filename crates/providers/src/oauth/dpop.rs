//! Proof of possession (RFC 9449): whoever uses a token shows that they hold its key.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use lanyard_core::{AccessToken, ProofKey};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;
use zeroize::Zeroizing;

use super::jws::{self, random_id};

/// What a proof is about.
#[derive(Debug)]
pub(crate) struct Proof<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a Url,
    /// The token that is sent along to a resource.
    pub(crate) token: Option<&'a AccessToken>,
    /// What the server gave to be repeated.
    pub(crate) nonce: Option<&'a str>,
    pub(crate) now: Timestamp,
}

impl Proof<'_> {
    /// Returns the proof, signed with ES256; `None` if `key` is none.
    #[expect(clippy::disallowed_methods, reason = "the token's hash goes into the HTTP request")]
    pub(crate) fn sign(&self, key: &ProofKey) -> Option<String> {
        let key = signing_key(key)?;
        let mut place = self.url.clone();
        place.set_query(None);
        place.set_fragment(None);
        let mut claims = json!({
            "jti": random_id(),
            "htm": self.method,
            "htu": place.as_str(),
            "iat": self.now.as_second(),
        });
        if let Some(token) = self.token {
            claims["ath"] = hash(token.expose_secret().as_bytes()).into();
        }
        if let Some(nonce) = self.nonce {
            claims["nonce"] = nonce.into();
        }
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(&key)});
        jws::signed(&header, &claims, |input| {
            let signature: Signature = key.sign(input);
            Some(signature.to_bytes().to_vec())
        })
    }
}

/// Returns a new key.
pub(crate) fn new_key() -> ProofKey {
    loop {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).expect("the system has random numbers");
        let key = ProofKey::new(bytes);
        // All but one in 2^32 numbers are below the order of the curve.
        if signing_key(&key).is_some() {
            return key;
        }
    }
}

/// Returns the key's thumbprint, which binds a code to it (RFC 9449, section 10).
pub(crate) fn thumbprint(key: &ProofKey) -> Option<String> {
    let jwk = jwk(&signing_key(key)?);
    // RFC 7638, section 3.2: the members in this order, and nothing else.
    let text = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
    Some(hash(text.as_bytes()))
}

#[expect(clippy::disallowed_methods, reason = "the key goes into the signature")]
fn signing_key(key: &ProofKey) -> Option<SigningKey> {
    SigningKey::from_slice(key.expose_secret()).ok()
}

fn jwk(key: &SigningKey) -> Value {
    let point = key.verifying_key().to_encoded_point(false);
    let part = |bytes: Option<&p256::FieldBytes>| {
        bytes.map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_default()
    };
    json!({"kty": "EC", "crv": "P-256", "x": part(point.x()), "y": part(point.y())})
}

fn hash(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}
