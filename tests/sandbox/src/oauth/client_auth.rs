//! Which client sends a form (RFC 6749, 2.3).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::oauth::error::OAuthError;
use crate::oauth::form::required;
use crate::oauth::signed::Signed;
use crate::params::Params;
use crate::settings::Client;
use crate::world::{World, lock};

/// The kind of a client assertion (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Longest that an assertion may be good for, in seconds.
const LONGEST: i64 = 300;

/// Returns the client, once it proved itself as it is registered: by its secret, its key, or by none.
pub(crate) fn authenticate(
    world: &World,
    headers: &HeaderMap,
    form: &Params,
) -> Result<Client, OAuthError> {
    if form.has("client_assertion") || form.has("client_assertion_type") {
        return by_assertion(world, headers, form);
    }
    let (id, secret) = credentials(headers, form)?;
    let client = world.client(&id).ok_or_else(|| refused("the client is not registered"))?;
    if client.key.is_some() {
        return Err(refused("the assertion is missing"));
    }
    if headers.contains_key(AUTHORIZATION) && world.faults.current().secret_in_form_only {
        return Err(refused("the secret belongs into the form"));
    }
    match (&client.secret, secret) {
        (None, None) => Ok(client),
        (Some(expected), Some(sent)) if *expected == sent => Ok(client),
        (None, Some(_)) => Err(refused("a public client has no secret")),
        (Some(_), Some(_)) => Err(refused("the secret is wrong")),
        (Some(_), None) => Err(refused("the secret is missing")),
    }
}

fn by_assertion(world: &World, headers: &HeaderMap, form: &Params) -> Result<Client, OAuthError> {
    if headers.contains_key(AUTHORIZATION) || form.has("client_secret") {
        return Err(OAuthError::new("invalid_request", "two ways of naming the client"));
    }
    if form.find("client_assertion_type") != Some(JWT_BEARER) {
        return Err(refused("client_assertion_type is another"));
    }
    let signed = Signed::parse(required(form, "client_assertion")?);
    let signed = signed.ok_or_else(|| refused("the assertion is no signed JWT"))?;
    let client = world.client(signed.text("sub")).filter(|client| client.key.is_some());
    let client = client.ok_or_else(|| refused("the client is not registered with a key"))?;
    if !client.key.as_ref().is_some_and(|key| signed.is_by(key)) {
        return Err(refused("the assertion's signature is wrong"));
    }
    let named = form.find("client_id").unwrap_or(&client.id);
    if signed.text("iss") != client.id || named != client.id {
        return Err(refused("the assertion is another client's"));
    }
    let issuer = world.oidc_issuer();
    if ![issuer.as_str(), &format!("{issuer}/token")].contains(&signed.text("aud")) {
        return Err(refused("the assertion is for another server"));
    }
    let left = signed.claims["exp"].as_i64().unwrap_or_default() - world.clock.now();
    if left <= 0 || left > LONGEST {
        return Err(refused("the assertion is over, or good for too long"));
    }
    let id = signed.text("jti");
    if id.is_empty() || !lock(&world.seen).insert(format!("assertion {id}")) {
        return Err(refused("the assertion was used before"));
    }
    Ok(client)
}

fn credentials(headers: &HeaderMap, form: &Params) -> Result<(String, Option<String>), OAuthError> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        let secret = form.has("client_secret");
        let secret = secret.then(|| form.find("client_secret").unwrap_or_default().to_owned());
        return Ok((required(form, "client_id")?.to_owned(), secret));
    };
    let (id, secret) = header
        .to_str()
        .ok()
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(basic_pair)
        .ok_or_else(|| refused("the authorization header is not a lawful Basic one"))?;
    if form.has("client_secret") || form.find("client_id").is_some_and(|other| other != id) {
        return Err(OAuthError::new("invalid_request", "two ways of naming the client"));
    }
    Ok((id, Some(secret)))
}

/// Decodes `base64(form(id) ":" form(secret))`.
fn basic_pair(encoded: &str) -> Option<(String, String)> {
    let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs.next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

fn refused(description: &str) -> OAuthError {
    OAuthError::new("invalid_client", description)
}
