//! The authorization endpoint and its answers.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect as SeeOther, Response};

use crate::logins::{self, Account, Realm};
use crate::oauth::error::no_store;
use crate::oauth::grants::{NewCode, NewGrant};
pub(crate) use crate::oauth::request::AuthorizeRequest;
use crate::oauth::request::{Dialect, Refused, check};
use crate::page;
use crate::params::Params;
use crate::redirect::with_fields;
use crate::settings::Pushing;
use crate::world::{World, lock};

/// Shows the login page, or says what is wrong with the request.
pub(crate) async fn authorize(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    if params.has("request_uri") {
        return match lock(&world.pushed).take(&params, world.clock.now()) {
            Some(request) => logins::show(&world, Realm::Oidc, request, None),
            None => page::refusal("The pushed request was used before, or is too old."),
        };
    }
    if world.settings.pushing == Pushing::Required {
        return page::refusal("Only requests that were pushed are taken.");
    }
    match check(&params, &world.clients(), Dialect::Oidc) {
        Ok(request) => logins::show(&world, Realm::Oidc, request, None),
        Err(Refused::UnknownClient) => page::refusal("The application is not registered."),
        Err(Refused::WrongRedirect) => {
            page::refusal("The application's return address is not registered.")
        }
        Err(Refused::Answered { redirect_uri, state, error, description }) => {
            answer_error(&world, &Realm::Oidc, &redirect_uri, state.as_deref(), error, description)
        }
    }
}

/// Sends the browser back with a code for `account`.
pub(crate) fn grant(
    world: &World,
    realm: &Realm,
    account: Account,
    request: &AuthorizeRequest,
) -> Response {
    let faults = world.faults.current();
    let grant = NewGrant {
        realm: account.realm,
        client_id: request.client_id.clone(),
        username: account.username,
        scopes: request.scopes.clone(),
        nonce: request.nonce.clone(),
        key: request.key.clone(),
    };
    let code = NewCode {
        redirect_uri: request.redirect_uri.clone(),
        challenge: request.challenge.clone(),
        used: faults.replayed_code,
    };
    let code = lock(&world.grants).begin(grant, code, world.clock.now());
    let code = world.issue(code);
    let state = if faults.wrong_state { "another-state" } else { &request.state };
    let iss = response_issuer(world, realm);
    let mut fields = vec![("code", code.as_str()), ("state", state)];
    fields.extend(iss.as_deref().map(|iss| ("iss", iss)));
    send(&request.redirect_uri, &fields)
}

/// Sends the browser back with an error that belongs to a lawful request.
pub(crate) fn send_error(
    world: &World,
    realm: &Realm,
    request: &AuthorizeRequest,
    error: &str,
    description: &str,
) -> Response {
    let state = Some(request.state.as_str());
    answer_error(world, realm, &request.redirect_uri, state, error, description)
}

/// Sends the browser back with an error.
pub(crate) fn answer_error(
    world: &World,
    realm: &Realm,
    redirect_uri: &str,
    state: Option<&str>,
    error: &str,
    description: &str,
) -> Response {
    let iss = response_issuer(world, realm);
    let mut fields = vec![("error", error), ("error_description", description)];
    fields.extend(state.map(|state| ("state", state)));
    fields.extend(iss.as_deref().map(|iss| ("iss", iss)));
    send(redirect_uri, &fields)
}

/// Returns the `iss` parameter (RFC 9207), which Entra does not send.
fn response_issuer(world: &World, realm: &Realm) -> Option<String> {
    let faults = world.faults.current();
    match realm {
        Realm::Entra(_) => None,
        Realm::Oidc if faults.missing_iss_param => None,
        Realm::Oidc if faults.wrong_iss_param => Some("https://other.example".into()),
        Realm::Oidc => Some(world.oidc_issuer()),
    }
}

fn send(redirect_uri: &str, fields: &[(&str, &str)]) -> Response {
    no_store(SeeOther::to(&with_fields(redirect_uri, fields)).into_response())
}
