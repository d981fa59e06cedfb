//! Proofs for tokens that are bound to a key (RFC 9449).

use lanyard_core::config::Profile;
use lanyard_core::provider::TokenUse;
use lanyard_core::{Account, Code, Failure, Token, WebUrl};

use crate::Engine;
use crate::token::over;

/// The one request that a proof is good for (RFC 9449).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFor {
    /// Its method, such as `GET`.
    pub method: String,
    /// Its address.
    pub url: WebUrl,
}

impl Engine {
    /// Has the provider make the proof: the key stays in the broker.
    pub(crate) async fn prove(
        &self,
        profile: &Profile,
        account: &Account,
        token: &Token,
        proof_for: &ProofFor,
    ) -> Result<String, Failure> {
        let id = account.id.clone();
        let found = self.0.store.run(move |cache| cache.find_grant(&id)).await?;
        let (grant, _) = found.ok_or_else(|| over(&profile.name))?;
        let (method, url) = (proof_for.method.as_str(), proof_for.url.url());
        let usage = TokenUse { token: &token.access_token, method, url, now: self.now() };
        let proof = self.provider(profile)?.prove(&grant, &usage);
        proof.map_err(|error| error.to_failure())
    }
}

/// Refuses a proof where the profile's tokens need none, and for what is no request.
pub(crate) fn check(profile: &Profile, proof_for: Option<&ProofFor>) -> Result<(), Failure> {
    let usage = |message: &str, action: &str| Failure::new(Code::Usage, message).action(action);
    let Some(ProofFor { method, .. }) = proof_for else { return Ok(()) };
    if !profile.binds_tokens() {
        let message = "the profile's tokens are bearer tokens, which need no proof";
        return Err(usage(message, "leave --dpop out, or set dpop = true and sign in again"));
    }
    let letters = |method: &str| method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-');
    match !method.is_empty() && method.len() <= 32 && letters(method) {
        true => Ok(()),
        false => Err(usage("this is not an HTTP method", "give one such as GET")),
    }
}
