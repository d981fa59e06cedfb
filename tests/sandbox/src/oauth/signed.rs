//! Signed JSON of clients: assertions (RFC 7523) and proofs of possession (RFC 9449).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey as _;
use rsa::RsaPublicKey;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A signed text, taken apart.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    input: String,
    signature: Vec<u8>,
}

impl Signed {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (input, signature) = text.rsplit_once('.')?;
        let (header, claims) = input.split_once('.')?;
        let json = |part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        Some(Self {
            header: json(header)?,
            claims: json(claims)?,
            input: input.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Returns the claim `name`, a text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.claims[name].as_str().unwrap_or_default()
    }

    /// Says whether the key of a PEM text made the signature, with the algorithm of the header.
    pub(crate) fn is_by(&self, pem: &str) -> bool {
        match self.header["alg"].as_str() {
            Some("ES256") => {
                VerifyingKey::from_public_key_pem(pem).is_ok_and(|key| self.is_by_p256(&key))
            }
            Some("RS256") => {
                let signature = rsa::pkcs1v15::Signature::try_from(self.signature.as_slice());
                signature.ok().zip(rsa_key(pem)).is_some_and(|(signature, key)| {
                    rsa::pkcs1v15::VerifyingKey::<Sha256>::new(key)
                        .verify(self.input.as_bytes(), &signature)
                        .is_ok()
                })
            }
            Some("PS256") => {
                let signature = rsa::pss::Signature::try_from(self.signature.as_slice());
                signature.ok().zip(rsa_key(pem)).is_some_and(|(signature, key)| {
                    rsa::pss::VerifyingKey::<Sha256>::new(key)
                        .verify(self.input.as_bytes(), &signature)
                        .is_ok()
                })
            }
            Some(_) | None => false,
        }
    }

    /// Returns the thumbprint of the key in the header, if that key made the signature.
    pub(crate) fn own_key(&self) -> Option<String> {
        let jwk = self.header["jwk"].as_object()?;
        if self.header["alg"] != "ES256" || jwk.contains_key("d") || jwk.get("crv")? != "P-256" {
            return None;
        }
        let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok();
        let point = [vec![4], part("x")?, part("y")?].concat();
        let key = VerifyingKey::from_sec1_bytes(&point).ok()?;
        let text =
            format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk.get("x")?, jwk.get("y")?);
        self.is_by_p256(&key).then(|| URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
    }

    fn is_by_p256(&self, key: &VerifyingKey) -> bool {
        let signature = Signature::from_slice(&self.signature);
        signature.is_ok_and(|signature| key.verify(self.input.as_bytes(), &signature).is_ok())
    }
}

fn rsa_key(pem: &str) -> Option<RsaPublicKey> {
    rsa::pkcs8::DecodePublicKey::from_public_key_pem(pem).ok()
}
