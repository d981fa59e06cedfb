//! The signed assertion of a client that holds a private key (RFC 7523, section 3).

use std::sync::Arc;

use jiff::Timestamp;
use lanyard_core::ClientSecret;
use lanyard_core::provider::{ProviderError, ProviderErrorKind};
use rustls::SignatureScheme;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::ExposeSecret;
use serde_json::json;

use super::jws::{self, random_id};

/// How long an assertion may be used: long enough for a clock that is a minute off.
const LIFETIME_SECONDS: i64 = 120;

/// What a key can sign with, in the order of preference.
const ALGORITHMS: [(&str, SignatureScheme); 3] = [
    ("RS256", SignatureScheme::RSA_PKCS1_SHA256),
    ("PS256", SignatureScheme::RSA_PSS_SHA256),
    ("ES256", SignatureScheme::ECDSA_NISTP256_SHA256),
];

/// A client's private key, and whom its assertions are for.
#[derive(Debug)]
pub(crate) struct Assertion {
    key: Arc<dyn rustls::sign::SigningKey>,
    algorithm: &'static str,
    scheme: SignatureScheme,
    audience: String,
}

impl Assertion {
    /// Reads the key, a PEM text. `offered` are the provider's algorithms, where it lists them.
    #[expect(clippy::disallowed_methods, reason = "the key goes into the signature")]
    pub(crate) fn new(
        pem: &ClientSecret,
        offered: Option<&[String]>,
        audience: String,
    ) -> Result<Self, ProviderError> {
        let der = PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes());
        let der = der.map_err(|_| misconfigured("client_key is no private key in PEM form"))?;
        let key = rustls::crypto::ring::sign::any_supported_type(&der)
            .map_err(|_| misconfigured("client_key is neither an RSA nor a P-256 key"))?;
        let is_offered = |name: &str| offered.is_none_or(|all| all.iter().any(|it| it == name));
        let fits = |(name, scheme): &(&'static str, SignatureScheme)| {
            is_offered(name) && key.choose_scheme(&[*scheme]).is_some()
        };
        let (algorithm, scheme) = ALGORITHMS.into_iter().find(fits).ok_or_else(|| {
            misconfigured("the provider takes no signature that client_key can make")
        })?;
        Ok(Self { key, algorithm, scheme, audience })
    }

    /// Returns a new assertion: each is used once.
    pub(crate) fn sign(&self, client_id: &str, now: Timestamp) -> Result<String, ProviderError> {
        let header = json!({"alg": self.algorithm, "typ": "JWT"});
        let claims = json!({
            "iss": client_id,
            "sub": client_id,
            "aud": self.audience,
            "jti": random_id(),
            "iat": now.as_second(),
            "exp": now.as_second() + LIFETIME_SECONDS,
        });
        jws::signed(&header, &claims, |input| self.signature(input))
            .ok_or_else(|| misconfigured("client_key could not sign"))
    }

    fn signature(&self, input: &[u8]) -> Option<Vec<u8>> {
        let signature = self.key.choose_scheme(&[self.scheme])?.sign(input).ok()?;
        if self.scheme != SignatureScheme::ECDSA_NISTP256_SHA256 {
            return Some(signature);
        }
        // TLS carries ECDSA signatures in DER, JWS as two numbers of fixed length (RFC 7518, 3.4).
        Some(p256::ecdsa::Signature::from_der(&signature).ok()?.to_bytes().to_vec())
    }
}

fn misconfigured(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Misconfigured, message)
}
