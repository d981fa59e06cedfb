//! The device code endpoint.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::Value;

use crate::entra::directory::{CLIENT_ID, find_tenant, is_shared};
use crate::entra::error::EntraError;
use crate::logins::Realm;
use crate::oauth::device::{NewDevice, scopes};
use crate::oauth::error::no_store;
use crate::oauth::form::{read, required};
use crate::params::Params;
use crate::world::{World, lock};

/// Gives a code to the client.
pub(crate) async fn device(
    State(world): State<Arc<World>>,
    Path(segment): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let form = read(&headers, &uri, &body).map_err(EntraError::from);
    match form.and_then(|form| answer(&world, &segment, &form)) {
        Ok(answer) => no_store(Json(answer)),
        Err(error) => error.into_response(world.clock.now()),
    }
}

fn answer(world: &World, segment: &str, form: &Params) -> Result<Value, EntraError> {
    if find_tenant(segment).is_none() && !is_shared(segment) {
        return Err(EntraError::unknown_tenant(segment));
    }
    if required(form, "client_id")? != CLIENT_ID {
        let text = "The application was not found in the directory.";
        return Err(EntraError::new("unauthorized_client", 700_016, text));
    }
    let new = NewDevice {
        realm: Realm::Entra(segment.to_owned()),
        client_id: CLIENT_ID,
        scopes: scopes(form)?,
        page: format!("{}/device", world.origin),
        now: world.clock.now(),
    };
    let answer = lock(&world.devices).begin(new, &world.faults.current());
    world.issue(answer["device_code"].as_str().unwrap_or_default().to_owned());
    Ok(answer)
}
