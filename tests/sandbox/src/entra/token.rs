//! The token endpoint.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use crate::entra::claims::Facts;
use crate::entra::directory::{CLIENT_ID, find_person, find_tenant, is_shared};
use crate::entra::discovery::issuer;
use crate::entra::error::EntraError;
use crate::entra::scopes::access;
use crate::faults::FaultSet;
use crate::keys::SigningKey;
use crate::oauth::device::GRANT_TYPE;
use crate::oauth::error::no_store;
use crate::oauth::form::{read, required};
use crate::oauth::grants::{CodeProof, Grant, GrantId, Grants, Presented};
use crate::oauth::id_token::{bind, spoil};
use crate::params::Params;
use crate::world::{World, lock};

/// Answers with tokens, or says why not.
pub(crate) async fn token(
    State(world): State<Arc<World>>,
    Path(segment): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let key = world.entra_keys.current().await;
    let form = read(&headers, &uri, &body).map_err(EntraError::from);
    match form.and_then(|form| answer(&world, &key, &segment, &form)) {
        Ok(answer) => no_store(Json(answer)),
        Err(error) => error.into_response(world.clock.now()),
    }
}

fn answer(
    world: &World,
    key: &SigningKey,
    segment: &str,
    form: &Params,
) -> Result<Value, EntraError> {
    if find_tenant(segment).is_none() && !is_shared(segment) {
        return Err(EntraError::unknown_tenant(segment));
    }
    if required(form, "client_id")? != CLIENT_ID {
        let text = "The application was not found in the directory.";
        return Err(EntraError::new("unauthorized_client", 700_016, text));
    }
    if form.has("client_secret") || form.has("client_assertion") {
        let text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
        return Err(EntraError::new("invalid_client", 700_025, text));
    }
    let grants = &mut *lock(&world.grants);
    let id = match required(form, "grant_type")? {
        "authorization_code" => redeem(world, grants, segment, form)?,
        "refresh_token" => refresh(world, grants, form)?,
        GRANT_TYPE => by_device(world, grants, form)?,
        _ => {
            let text = "The grant type is not supported.";
            return Err(EntraError::new("unsupported_grant_type", 70_003, text));
        }
    };
    tokens(world, key, grants, id, segment, form)
}

fn redeem(
    world: &World,
    grants: &mut Grants,
    segment: &str,
    form: &Params,
) -> Result<GrantId, EntraError> {
    let code = required(form, "code")?;
    let proof = CodeProof {
        client_id: CLIENT_ID,
        redirect_uri: required(form, "redirect_uri")?,
        verifier: required(form, "code_verifier")?,
    };
    let id = grants.redeem(code, &proof, world.clock.now())?;
    let home = grants.grant(id).about.realm.as_str();
    if find_tenant(segment).is_some_and(|tenant| tenant.id != home) {
        let text = "The code was issued by another tenant.";
        return Err(EntraError::new("invalid_grant", 70_000, text));
    }
    Ok(id)
}

fn by_device(world: &World, grants: &mut Grants, form: &Params) -> Result<GrantId, EntraError> {
    let secret = required(form, "device_code")?;
    let now = world.clock.now();
    let about = lock(&world.devices).redeem(secret, CLIENT_ID, now);
    Ok(grants.open(about.map_err(EntraError::of_device)?, now))
}

fn refresh(world: &World, grants: &mut Grants, form: &Params) -> Result<GrantId, EntraError> {
    let token = required(form, "refresh_token")?;
    let faults = world.faults.current();
    if faults.interaction_required {
        return Err(EntraError::interaction_required());
    }
    if faults.invalid_grant {
        return Err(EntraError::new("invalid_grant", 70_008, "The fault invalid_grant is on."));
    }
    // No rotation: Entra's older refresh tokens stay good.
    match grants.present(token, CLIENT_ID, world.clock.now(), 0)? {
        Presented::Fresh(id) | Presented::Again(id) => Ok(id),
    }
}

/// Returns the tokens of a grant, for the tenant of the path and the resource of the scopes.
fn tokens(
    world: &World,
    key: &SigningKey,
    grants: &mut Grants,
    id: GrantId,
    segment: &str,
    form: &Params,
) -> Result<Value, EntraError> {
    let faults = world.faults.current();
    let grant = grants.grant(id);
    let asked: Vec<String> = match form.find("scope") {
        Some(scope) => scope.split(' ').map(str::to_owned).collect(),
        None => grant.about.scopes.clone(),
    };
    let asks_for = |name: &str| asked.iter().any(|scope| scope == name);
    let access = access(&asked)?;
    let facts = facts(world, grant, segment, &faults)?;
    let access_token = facts.access_token(&access);
    let access_token = world.issue(key.sign(&access_token, &FaultSet::default()));
    let mut answer = json!({
        "token_type": "Bearer",
        "scope": access.scopes.join(" "),
        "access_token": access_token,
    });
    if !faults.no_expires_in {
        answer["expires_in"] = facts.lifetime.into();
        answer["ext_expires_in"] = facts.lifetime.into();
    }
    if asks_for("openid") && !faults.no_id_token {
        let mut claims = facts.id_token();
        bind(&mut claims, grant, &access_token);
        spoil(&mut claims, &faults);
        answer["id_token"] = world.issue(key.sign(&claims, &faults)).into();
    }
    if form.find("client_info") == Some("1") {
        answer["client_info"] = facts.client_info().into();
    }
    if asks_for("offline_access") {
        let expires = world.clock.now() + world.current_lifetimes().refresh;
        answer["refresh_token"] = world.issue(grants.add_refresh(id, expires)).into();
    }
    Ok(answer)
}

/// Returns what the tokens are about, if the person may enter the tenant of the path.
fn facts(
    world: &World,
    grant: &Grant,
    segment: &str,
    faults: &FaultSet,
) -> Result<Facts, EntraError> {
    let person = find_person(&grant.about.username).expect("a grant is for a known person");
    let tenant = find_tenant(segment).map_or(person.home().0, |tenant| tenant.id);
    let object_id = person
        .object_id(tenant)
        .ok_or_else(|| EntraError::not_a_member(person.username, tenant))?;
    Ok(Facts {
        issuer: issuer(&world.entra_authority(), tenant),
        tenant,
        object_id,
        person,
        client_id: CLIENT_ID,
        issued_at: world.token_time(faults),
        lifetime: world.current_lifetimes().access,
    })
}
