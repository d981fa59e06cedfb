//! Claims of ID tokens, right and wrong.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::faults::FaultSet;
use crate::oauth::grants::Grant;
use crate::settings::User;

/// One hour, in the faults about time.
const HOUR: i64 = 3600;

/// Returns the claims about `user`.
pub(crate) fn claims(issuer: &str, user: &User, client_id: &str, times: (i64, i64)) -> Value {
    let (iat, exp) = times;
    json!({
        "iss": issuer,
        "sub": subject(&user.username),
        "aud": client_id,
        "iat": iat,
        "exp": exp,
        "preferred_username": user.username,
        "name": user.name,
        "email": user.email,
        "email_verified": true,
    })
}

/// Returns the lasting identifier of a user, which is not the name.
pub(crate) fn subject(username: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(format!("sandbox subject {username}"))[..18])
}

/// Adds what ties the token to the sign-in and to the access token that comes with it.
pub(crate) fn bind(claims: &mut Value, grant: &Grant, access_token: &str) {
    claims["auth_time"] = grant.auth_time.into();
    claims["at_hash"] = URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16]).into();
    if let Some(nonce) = &grant.about.nonce {
        claims["nonce"] = nonce.as_str().into();
    }
}

/// Makes the claims as wrong as `faults` say.
pub(crate) fn spoil(claims: &mut Value, faults: &FaultSet) {
    let text_faults = [
        (faults.wrong_token_issuer, "iss", "https://other.example"),
        (faults.wrong_audience, "aud", "another-client"),
        (faults.wrong_subject, "sub", "another-subject"),
        (faults.wrong_nonce, "nonce", "another-nonce"),
        (faults.wrong_at_hash, "at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
    ];
    for (_, name, wrong) in text_faults.into_iter().filter(|(on, ..)| *on) {
        claims[name] = wrong.into();
    }
    if faults.missing_nonce
        && let Value::Object(all) = &mut *claims
    {
        all.remove("nonce");
    }
    if faults.expired_id_token {
        shift(claims, "iat", -2 * HOUR);
        claims["exp"] = (claims["iat"].as_i64().unwrap_or_default() + HOUR).into();
    }
    if faults.future_iat {
        shift(claims, "iat", HOUR);
        shift(claims, "exp", HOUR);
    }
}

fn shift(claims: &mut Value, name: &str, seconds: i64) {
    claims[name] = (claims[name].as_i64().unwrap_or_default() + seconds).into();
}
