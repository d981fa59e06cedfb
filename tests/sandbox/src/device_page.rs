//! The page on which a person enters a device code, for both providers.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use crate::logins::authenticate;
use crate::page;
use crate::params::Params;
use crate::world::{World, lock};

/// Shows the form, with the code in it where the address has one.
pub(crate) async fn show(RawQuery(query): RawQuery) -> Response {
    let query = Params::parse(query.unwrap_or_default().as_bytes());
    page::device(query.find("user_code").unwrap_or_default(), None)
}

/// Takes the code and what the person says to it.
pub(crate) async fn submit(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let form = Params::parse(&body);
    let code = form.find("user_code").unwrap_or_default();
    let Some(realm) = lock(&world.devices).realm(code) else {
        return page::device(code, Some("There is no such code."));
    };
    let field = |name| form.find(name).unwrap_or_default();
    let allowed = match form.has("deny") {
        true => None,
        false => match authenticate(&world, &realm, field("username"), field("password")) {
            Ok(account) => Some(account),
            Err(problem) => return page::device(code, Some(problem)),
        },
    };
    lock(&world.devices).decide(code, allowed);
    page::device(code, Some("Done. Go back to the program that showed you the code."))
}
