//! Who allowed what to whom, and the codes and tokens that stand for it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::random;

/// A code is for the next moment, not for keeping.
const CODE_SECONDS: i64 = 60;

/// Finds a grant among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GrantId(usize);

/// One sign-in of one person at one client.
#[derive(Clone, Debug)]
pub(crate) struct NewGrant {
    /// `oidc`, or the id of an Entra tenant.
    pub(crate) realm: String,
    pub(crate) client_id: String,
    pub(crate) username: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    /// The thumbprint of the key that tokens are bound to (RFC 9449).
    pub(crate) key: Option<String>,
}

/// What a code is bound to.
#[derive(Debug)]
pub(crate) struct NewCode {
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    /// Born used: the fault `replayed_code`.
    pub(crate) used: bool,
}

/// What a client shows for a code.
#[derive(Debug)]
pub(crate) struct CodeProof<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: &'a str,
}

/// A grant and what became of it.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) about: NewGrant,
    pub(crate) auth_time: i64,
    /// The newest token answer, for a refresh that is repeated within the grace.
    pub(crate) newest: Option<Value>,
    revoked: bool,
}

/// Why a code or token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unknown,
    OtherClient,
    OtherRedirect,
    WrongVerifier,
    Expired,
    Replayed,
    Revoked,
}

#[derive(Debug)]
struct Code {
    grant: GrantId,
    bound: NewCode,
    expires: i64,
}

#[derive(Debug)]
struct Refresh {
    grant: GrantId,
    expires: i64,
    rotated: Option<i64>,
}

#[derive(Debug)]
struct Access {
    grant: GrantId,
    expires: i64,
}

/// All grants since the start.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    all: Vec<Grant>,
    codes: HashMap<String, Code>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
}

/// What a refresh token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    /// A new answer.
    Fresh(GrantId),
    /// The newest answer once more.
    Again(GrantId),
}

impl Grants {
    /// Opens a grant and returns its code.
    pub(crate) fn begin(&mut self, about: NewGrant, bound: NewCode, now: i64) -> String {
        let grant = self.open(about, now);
        let code = random::token("code-");
        self.codes.insert(code.clone(), Code { grant, bound, expires: now + CODE_SECONDS });
        code
    }

    /// Opens a grant without a code.
    pub(crate) fn open(&mut self, about: NewGrant, now: i64) -> GrantId {
        self.all.push(Grant { about, auth_time: now, newest: None, revoked: false });
        GrantId(self.all.len() - 1)
    }

    /// Binds a grant to a key; says whether it is bound to no other.
    pub(crate) fn bind(&mut self, id: GrantId, key: Option<&str>) -> bool {
        let bound = &mut self.all[id.0].about.key;
        if bound.is_none() && self.all[id.0].newest.is_none() {
            self.all[id.0].about.key = key.map(str::to_owned);
        }
        self.all[id.0].about.key.as_deref() == key
    }

    /// Returns the grant of `code`, which is used up even if the proof is wrong.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        proof: &CodeProof<'_>,
        now: i64,
    ) -> Result<GrantId, Refusal> {
        let code = self.codes.get_mut(code).ok_or(Refusal::Unknown)?;
        let grant = &mut self.all[code.grant.0];
        if grant.about.client_id != proof.client_id {
            return Err(Refusal::OtherClient);
        }
        if std::mem::replace(&mut code.bound.used, true) {
            grant.revoked = true;
            return Err(Refusal::Replayed);
        }
        if now >= code.expires {
            return Err(Refusal::Expired);
        }
        if code.bound.redirect_uri != proof.redirect_uri {
            return Err(Refusal::OtherRedirect);
        }
        if !fits(proof.verifier, &code.bound.challenge) {
            return Err(Refusal::WrongVerifier);
        }
        if grant.revoked { Err(Refusal::Revoked) } else { Ok(code.grant) }
    }

    /// Looks at a refresh token. One that was used ends its grant, unless the grace still runs.
    pub(crate) fn present(
        &mut self,
        token: &str,
        client_id: &str,
        now: i64,
        grace: i64,
    ) -> Result<Presented, Refusal> {
        let refresh = self.refresh.get(token).ok_or(Refusal::Unknown)?;
        let grant = &mut self.all[refresh.grant.0];
        if grant.about.client_id != client_id {
            return Err(Refusal::OtherClient);
        }
        if grant.revoked {
            return Err(Refusal::Revoked);
        }
        match refresh.rotated {
            Some(when) if now - when < grace => Ok(Presented::Again(refresh.grant)),
            Some(_) => {
                grant.revoked = true;
                Err(Refusal::Replayed)
            }
            None if now >= refresh.expires => Err(Refusal::Expired),
            None => Ok(Presented::Fresh(refresh.grant)),
        }
    }

    /// Notes that another token took the place of `token`.
    pub(crate) fn rotate(&mut self, token: &str, now: i64) {
        if let Some(refresh) = self.refresh.get_mut(token) {
            refresh.rotated = Some(now);
        }
    }

    /// Returns a new refresh token.
    pub(crate) fn add_refresh(&mut self, grant: GrantId, expires: i64) -> String {
        let token = random::token("refresh-");
        self.refresh.insert(token.clone(), Refresh { grant, expires, rotated: None });
        token
    }

    /// Makes `token` known as an access token.
    pub(crate) fn add_access(&mut self, grant: GrantId, token: String, expires: i64) {
        self.access.insert(token, Access { grant, expires });
    }

    /// Returns the grant of an access token that is still good.
    pub(crate) fn find_by_access(&self, token: &str, now: i64) -> Option<&Grant> {
        let access = self.access.get(token).filter(|access| now < access.expires)?;
        Some(&self.all[access.grant.0]).filter(|grant| !grant.revoked)
    }

    /// Returns when an access token ends.
    pub(crate) fn access_expiry(&self, token: &str) -> Option<i64> {
        self.access.get(token).map(|access| access.expires)
    }

    pub(crate) fn grant(&self, id: GrantId) -> &Grant {
        &self.all[id.0]
    }

    pub(crate) fn keep_newest(&mut self, id: GrantId, answer: Value) {
        self.all[id.0].newest = Some(answer);
    }

    /// Revokes a token (RFC 7009): an access token alone, a refresh token with its whole grant.
    pub(crate) fn revoke_token(&mut self, token: &str, client_id: &str) -> Result<(), Refusal> {
        let refresh = self.refresh.get(token).map(|refresh| refresh.grant);
        let access = self.access.get(token).map(|access| access.grant);
        let Some(owner) = refresh.or(access) else { return Ok(()) };
        if self.all[owner.0].about.client_id != client_id {
            return Err(Refusal::OtherClient);
        }
        self.access.remove(token);
        if let Some(grant) = refresh {
            self.all[grant.0].revoked = true;
        }
        Ok(())
    }

    /// Revokes everything that `username` allowed.
    pub(crate) fn revoke_user(&mut self, username: &str) {
        let theirs = self.all.iter_mut().filter(|grant| grant.about.username == username);
        theirs.for_each(|grant| grant.revoked = true);
    }

    /// Ends all access tokens.
    pub(crate) fn expire_access(&mut self, now: i64) {
        self.access.values_mut().for_each(|access| access.expires = access.expires.min(now));
    }
}

/// RFC 7636, 4.1 and 4.6.
fn fits(verifier: &str, challenge: &str) -> bool {
    let lawful = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    (43..=128).contains(&verifier.len()) && verifier.bytes().all(lawful) && hash == challenge
}
