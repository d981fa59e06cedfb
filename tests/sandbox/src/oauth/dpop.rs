//! Proofs of possession (RFC 9449).

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::oauth::error::OAuthError;
use crate::oauth::signed::Signed;
use crate::world::{World, lock};

/// What the server has proofs repeat, where the fault `dpop_nonce` is on.
pub(crate) const NONCE: &str = "the-servers-nonce";

/// How far a proof's time may be from the server's.
const WINDOW: i64 = 60;

/// The one request that a proof has to be for.
#[derive(Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) access_token: Option<&'a str>,
}

/// Checks the proof of a request, if it has one, and returns the thumbprint of its key.
pub(crate) fn check(
    world: &World,
    headers: &HeaderMap,
    expected: &Expected<'_>,
) -> Result<Option<String>, OAuthError> {
    let mut all = headers.get_all("dpop").iter();
    let Some(proof) = all.next() else { return Ok(None) };
    let refused = |text: &str| OAuthError::new("invalid_dpop_proof", text);
    let proof = proof.to_str().ok().filter(|_| all.next().is_none()).and_then(Signed::parse);
    let proof = proof.ok_or_else(|| refused("there is not exactly one proof"))?;
    let key = proof.own_key().ok_or_else(|| refused("the signature is not of the proof's key"))?;
    if proof.header["typ"] != "dpop+jwt" {
        return Err(refused("typ is not dpop+jwt"));
    }
    if proof.text("htm") != expected.method || proof.text("htu") != expected.url {
        return Err(refused("the proof is for another request"));
    }
    let ath = expected.access_token.map(|token| URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
    if ath.as_deref().unwrap_or_default() != proof.text("ath") {
        return Err(refused("the proof is for another token"));
    }
    let age = world.clock.now() - proof.claims["iat"].as_i64().unwrap_or_default();
    if age.abs() > WINDOW {
        return Err(refused("the proof is of another time"));
    }
    if world.faults.current().dpop_nonce && proof.text("nonce") != NONCE {
        return Err(OAuthError::new("use_dpop_nonce", "the proof has to repeat the nonce"));
    }
    if !lock(&world.seen).insert(format!("dpop {}", proof.text("jti"))) {
        return Err(refused("the proof was used before"));
    }
    Ok(Some(key))
}
