//! Which client sends a form (RFC 6749, 2.3).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::oauth::error::OAuthError;
use crate::oauth::form::required;
use crate::params::Params;
use crate::settings::Client;
use crate::world::World;

/// Returns the client, once it proved itself as it is registered: by its secret, or by none.
pub(crate) fn authenticate<'a>(
    world: &'a World,
    headers: &HeaderMap,
    form: &Params,
) -> Result<&'a Client, OAuthError> {
    let (id, secret) = credentials(headers, form)?;
    let client = world.client(&id).ok_or_else(|| refused("the client is not registered"))?;
    match (&client.secret, secret) {
        (None, None) => Ok(client),
        (Some(expected), Some(sent)) if *expected == sent => Ok(client),
        (None, Some(_)) => Err(refused("a public client has no secret")),
        (Some(_), Some(_)) => Err(refused("the secret is wrong")),
        (Some(_), None) => Err(refused("the secret is missing")),
    }
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
