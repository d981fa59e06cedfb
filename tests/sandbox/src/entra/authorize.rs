//! The authorization endpoint.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::entra::directory::{self, find_person, find_tenant, is_shared};
use crate::logins::{self, Account, Realm};
use crate::oauth::authorize::answer_error;
use crate::oauth::request::{Dialect, Refused, check};
use crate::page;
use crate::params::Params;
use crate::world::World;

/// Shows the login page, or says what is wrong with the request.
pub(crate) async fn authorize(
    State(world): State<Arc<World>>,
    Path(segment): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    if find_tenant(&segment).is_none() && !is_shared(&segment) {
        return page::refusal("AADSTS90002: The tenant is not known.");
    }
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let realm = Realm::Entra(segment);
    match check(&params, &directory::clients(), Dialect::Entra) {
        Ok(request) => logins::show(&world, realm, request, None),
        Err(Refused::UnknownClient) => {
            page::refusal("AADSTS700016: The application was not found in the directory.")
        }
        Err(Refused::WrongRedirect) => {
            page::refusal("AADSTS50011: The redirect URI does not match those registered.")
        }
        Err(Refused::Answered { redirect_uri, state, error, description }) => {
            let number = number(error, description);
            let text = format!("AADSTS{number}: {description}");
            answer_error(&world, &realm, &redirect_uri, state.as_deref(), error, &text)
        }
    }
}

/// Checks a password, and that the person may enter the tenant.
pub(crate) fn authenticate(
    segment: &str,
    username: &str,
    password: &str,
) -> Result<Account, &'static str> {
    let person = find_person(username).filter(|person| person.password == password);
    let person = person.ok_or("AADSTS50126: Wrong username or password.")?;
    let tenant = find_tenant(segment).map_or(person.home().0, |tenant| tenant.id);
    if person.object_id(tenant).is_none() {
        return Err("AADSTS50020: This account does not exist in the organisation.");
    }
    Ok(Account { username: person.username.into(), realm: tenant.into() })
}

fn number(error: &str, description: &str) -> u32 {
    match error {
        "login_required" => 50_058,
        "unsupported_response_type" => 700_054,
        _ if description.ends_with("is missing") => 900_144,
        _ => 9_002_313,
    }
}
