//! The token endpoint.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::keys::SigningKey;
use crate::oauth::device::GRANT_TYPE;
use crate::oauth::error::{OAuthError, no_store};
use crate::oauth::form::{read, required};
use crate::oauth::grants::{CodeProof, GrantId, Grants, Presented, Refusal};
use crate::oauth::{client_auth, dpop, id_token};
use crate::params::Params;
use crate::random;
use crate::settings::{Client, Rotation};
use crate::world::{World, lock};

/// Answers with tokens, or says why not.
pub(crate) async fn token(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    // The key is made first, so that nothing waits between looking at a token and rotating it.
    let key = world.oidc_keys.current().await;
    match answer(&world, &key, &headers, &uri, &body) {
        Ok(answer) => no_store(Json(answer)),
        Err(error) => error.into_response(),
    }
}

fn answer(
    world: &World,
    key: &SigningKey,
    headers: &HeaderMap,
    uri: &Uri,
    body: &[u8],
) -> Result<Value, OAuthError> {
    let form = read(headers, uri, body)?;
    let client = client_auth::authenticate(world, headers, &form)?;
    let url = format!("{}/token", world.oidc_issuer());
    let expected = dpop::Expected { method: "POST", url: &url, access_token: None };
    let proof = dpop::check(world, headers, &expected)?;
    let asked = Asked { client: &client, form: &form, proof: proof.as_deref() };
    match required(&form, "grant_type")? {
        "authorization_code" => exchange(world, key, &asked),
        "refresh_token" => refresh(world, key, &asked),
        GRANT_TYPE => by_device(world, key, &asked),
        _ => Err(OAuthError::new("unsupported_grant_type", "not offered here")),
    }
}

/// A token request, with the thumbprint of the key that was shown.
struct Asked<'a> {
    client: &'a Client,
    form: &'a Params,
    proof: Option<&'a str>,
}

fn exchange(world: &World, key: &SigningKey, asked: &Asked<'_>) -> Result<Value, OAuthError> {
    let Asked { client, form, proof: shown } = *asked;
    let code = required(form, "code")?;
    let proof = CodeProof {
        client_id: &client.id,
        redirect_uri: required(form, "redirect_uri")?,
        verifier: required(form, "code_verifier")?,
    };
    let grants = &mut *lock(&world.grants);
    let id = grants.redeem(code, &proof, world.clock.now()).map_err(invalid_grant)?;
    first_answer(world, key, grants, id, shown)
}

fn by_device(world: &World, key: &SigningKey, asked: &Asked<'_>) -> Result<Value, OAuthError> {
    let secret = required(asked.form, "device_code")?;
    let now = world.clock.now();
    let about = lock(&world.devices).redeem(secret, &asked.client.id, now);
    let about = about.map_err(|(code, description)| OAuthError::new(code, description))?;
    let grants = &mut *lock(&world.grants);
    let id = grants.open(about, now);
    first_answer(world, key, grants, id, asked.proof)
}

fn first_answer(
    world: &World,
    key: &SigningKey,
    grants: &mut Grants,
    id: GrantId,
    shown: Option<&str>,
) -> Result<Value, OAuthError> {
    bind(grants, id, shown)?;
    let scopes = grants.grant(id).about.scopes.clone();
    let mut answer = fresh_answer(world, key, grants, id, &scopes);
    if scopes.iter().any(|scope| scope == "offline_access") {
        add_refresh_token(world, grants, id, &mut answer);
    }
    grants.keep_newest(id, answer.clone());
    Ok(answer)
}

fn bind(grants: &mut Grants, id: GrantId, shown: Option<&str>) -> Result<(), OAuthError> {
    match grants.bind(id, shown) {
        true => Ok(()),
        false => Err(OAuthError::new("invalid_dpop_proof", "the grant is bound to another key")),
    }
}

fn refresh(world: &World, key: &SigningKey, asked: &Asked<'_>) -> Result<Value, OAuthError> {
    let Asked { client, form, proof: shown } = *asked;
    if world.faults.current().invalid_grant {
        return Err(OAuthError::new("invalid_grant", "the fault invalid_grant is on"));
    }
    let token = required(form, "refresh_token")?;
    let now = world.clock.now();
    let grace = match world.settings.rotation {
        Rotation::On { grace } => grace,
        Rotation::Off => 0,
    };
    let grants = &mut *lock(&world.grants);
    let id = match grants.present(token, &client.id, now, grace).map_err(invalid_grant)? {
        Presented::Fresh(id) => id,
        Presented::Again(id) => {
            bind(grants, id, shown)?;
            return newest_answer(grants, id, now);
        }
    };
    bind(grants, id, shown)?;
    let scopes = narrowed(&grants.grant(id).about.scopes, form.find("scope"))?;
    let mut answer = fresh_answer(world, key, grants, id, &scopes);
    if matches!(world.settings.rotation, Rotation::On { .. }) {
        grants.rotate(token, now);
        add_refresh_token(world, grants, id, &mut answer);
    }
    grants.keep_newest(id, answer.clone());
    Ok(answer)
}

/// Returns the newest answer again, with the time that is left of it.
fn newest_answer(grants: &Grants, id: GrantId, now: i64) -> Result<Value, OAuthError> {
    let mut answer = grants.grant(id).newest.clone().unwrap_or_default();
    let token = answer["access_token"].as_str().unwrap_or_default();
    let expires = grants.access_expiry(token).ok_or_else(|| invalid_grant(Refusal::Revoked))?;
    if answer.get("expires_in").is_some() {
        answer["expires_in"] = (expires - now).max(0).into();
    }
    Ok(answer)
}

/// Returns an access token and an ID token.
fn fresh_answer(
    world: &World,
    key: &SigningKey,
    grants: &mut Grants,
    id: GrantId,
    scopes: &[String],
) -> Value {
    let faults = world.faults.current();
    let lifetime = world.current_lifetimes().access;
    let bound = grants.grant(id).about.key.is_some() && !faults.bearer_always;
    let access_token = world.issue(random::token("access-"));
    grants.add_access(id, access_token.clone(), world.clock.now() + lifetime);
    let mut answer = json!({
        "access_token": access_token,
        "token_type": if bound { "DPoP" } else { "Bearer" },
        "scope": scopes.join(" "),
    });
    if !faults.no_expires_in {
        answer["expires_in"] = lifetime.into();
    }
    if !faults.no_id_token {
        answer["id_token"] = world.issue(id_token(world, key, grants, id, &access_token)).into();
    }
    answer
}

fn id_token(
    world: &World,
    key: &SigningKey,
    grants: &Grants,
    id: GrantId,
    access_token: &str,
) -> String {
    let faults = world.faults.current();
    let grant = grants.grant(id);
    let user = world.user(&grant.about.username).expect("a grant is for a known user");
    let iat = world.token_time(&faults);
    let times = (iat, iat + world.current_lifetimes().access);
    let issuer = world.oidc_issuer();
    let mut claims = id_token::claims(&issuer, user, &grant.about.client_id, times);
    id_token::bind(&mut claims, grant, access_token);
    id_token::spoil(&mut claims, &faults);
    key.sign(&claims, &faults)
}

fn add_refresh_token(world: &World, grants: &mut Grants, id: GrantId, answer: &mut Value) {
    let expires = world.clock.now() + world.current_lifetimes().refresh;
    answer["refresh_token"] = world.issue(grants.add_refresh(id, expires)).into();
}

/// Returns the scopes that a refresh asks for: the granted ones, or some of them.
fn narrowed(granted: &[String], asked: Option<&str>) -> Result<Vec<String>, OAuthError> {
    let Some(asked) = asked else { return Ok(granted.to_vec()) };
    let asked: Vec<String> = asked.split(' ').map(str::to_owned).collect();
    if asked.iter().all(|scope| granted.contains(scope)) {
        return Ok(asked);
    }
    Err(OAuthError::new("invalid_scope", "more than the person allowed"))
}

fn invalid_grant(refusal: Refusal) -> OAuthError {
    let description = match refusal {
        Refusal::Unknown => "the code or token is not known",
        Refusal::OtherClient => "the code or token belongs to another client",
        Refusal::OtherRedirect => "redirect_uri is not that of the authorization request",
        Refusal::WrongVerifier => "code_verifier does not fit code_challenge",
        Refusal::Expired => "the code or token is too old",
        Refusal::Replayed => "the code or token was used before; the grant is revoked",
        Refusal::Revoked => "the grant is revoked",
    };
    OAuthError::new("invalid_grant", description)
}
