//! Signing keys and signed tokens.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use rsa::pkcs1v15;
use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use rsa::signature::{SignatureEncoding as _, Signer as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use crate::faults::FaultSet;

/// What certified providers use, and the least that clients accept.
const KEY_BITS: usize = 2048;

/// The key of one provider, made when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<Arc<OnceCell<Arc<SigningKey>>>>);

impl Keys {
    /// Returns the key in use.
    pub(crate) async fn current(&self) -> Arc<SigningKey> {
        let cell = Arc::clone(&crate::world::lock(&self.0));
        Arc::clone(cell.get_or_init(SigningKey::generate).await)
    }

    /// Forgets the key in use; the next one has another `kid`.
    pub(crate) fn rotate(&self) {
        *crate::world::lock(&self.0) = Arc::default();
    }
}

/// An RSA key with its public half in the forms that are published.
#[derive(Debug)]
pub(crate) struct SigningKey {
    kid: String,
    signer: pkcs1v15::SigningKey<Sha256>,
    public: RsaPublicKey,
}

impl SigningKey {
    /// Makes a key on a blocking thread: it takes a while.
    async fn generate() -> Arc<Self> {
        let make = || RsaPrivateKey::new(&mut rsa::rand_core::OsRng, KEY_BITS);
        let key = tokio::task::spawn_blocking(make).await.expect("making a key does not panic");
        let key = key.expect("the size is lawful");
        let public = key.to_public_key();
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(public.n().to_bytes_be()));
        Arc::new(Self { kid, signer: pkcs1v15::SigningKey::new(key), public })
    }

    /// Returns the published set with this one key.
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(self.public.n().to_bytes_be()),
            "e": URL_SAFE_NO_PAD.encode(self.public.e().to_bytes_be()),
        }] })
    }

    /// Returns `claims` as a signed token, or one that is as wrong as `faults` say.
    pub(crate) fn sign(&self, claims: &Value, faults: &FaultSet) -> String {
        if faults.alg_none {
            return format!("{}.", self.signing_input("none", claims));
        }
        if faults.alg_hs256 {
            let input = self.signing_input("HS256", claims);
            return format!("{input}.{}", encoded(&self.hmac_with_public_key(&input)));
        }
        let input = self.signing_input("RS256", claims);
        let mut signature = self.signer.sign(input.as_bytes()).to_vec();
        if faults.bad_signature || faults.unknown_key {
            signature[0] ^= 1;
        }
        let input = if faults.unknown_key { self.under_unknown_kid(claims) } else { input };
        format!("{input}.{}", encoded(&signature))
    }

    fn signing_input(&self, alg: &str, claims: &Value) -> String {
        let header = json!({ "alg": alg, "typ": "JWT", "kid": self.kid });
        join(&header, claims)
    }

    fn under_unknown_kid(&self, claims: &Value) -> String {
        let kid = self.kid.chars().rev().collect::<String>();
        join(&json!({ "alg": "RS256", "typ": "JWT", "kid": kid }), claims)
    }

    fn hmac_with_public_key(&self, input: &str) -> Vec<u8> {
        let pem = self.public.to_public_key_pem(LineEnding::LF).expect("RSA keys have a PEM form");
        let mut mac = Hmac::<Sha256>::new_from_slice(pem.as_bytes()).expect("any length is a key");
        mac.update(input.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

fn join(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(header.to_string().as_bytes()), encoded(claims.to_string().as_bytes()))
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
