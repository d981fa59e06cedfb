//! The device authorization endpoint, and the codes that it gave (RFC 8628).

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::faults::FaultSet;
use crate::logins::{Account, Realm};
use crate::oauth::client_auth;
use crate::oauth::error::{OAuthError, no_store};
use crate::oauth::form::{read, required};
use crate::oauth::grants::NewGrant;
use crate::params::Params;
use crate::random;
use crate::world::{World, lock};

/// The grant type of the token request.
pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What `slow_down` adds (section 3.5).
const SLOWER: i64 = 5;

/// The device codes since the start.
#[derive(Debug, Default)]
pub(crate) struct Devices(HashMap<String, Device>);

#[derive(Debug)]
struct Device {
    realm: Realm,
    client_id: String,
    scopes: Vec<String>,
    user_code: String,
    expires: i64,
    interval: i64,
    last_asked: i64,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Pending,
    Denied,
    /// By this person.
    Allowed(Account),
    Used,
}

/// What a code is for.
#[derive(Debug)]
pub(crate) struct NewDevice<'a> {
    pub(crate) realm: Realm,
    pub(crate) client_id: &'a str,
    pub(crate) scopes: Vec<String>,
    /// Where the person enters the code.
    pub(crate) page: String,
    pub(crate) now: i64,
}

impl Devices {
    /// Gives a code, as wrong as `faults` say.
    pub(crate) fn begin(&mut self, new: NewDevice<'_>, faults: &FaultSet) -> Value {
        let secret = random::token("device-");
        let user_code = random::user_code();
        let expires_in = faults.device_lifetime.unwrap_or(900);
        let interval = faults.device_interval.unwrap_or(5);
        let shown = faults.device_user_code.clone().unwrap_or_else(|| user_code.clone());
        let page = faults.device_page.clone().unwrap_or(new.page);
        let complete = format!("{page}?user_code={user_code}");
        let mut answer = json!({
            "device_code": secret,
            "user_code": shown,
            "verification_uri": page,
            "verification_uri_complete": faults.device_page_with_code.clone().unwrap_or(complete),
            "expires_in": expires_in,
        });
        if !faults.no_device_interval {
            answer["interval"] = interval.into();
        }
        let device = Device {
            realm: new.realm,
            client_id: new.client_id.to_owned(),
            scopes: new.scopes,
            user_code,
            expires: new.now + expires_in,
            interval,
            last_asked: new.now,
            outcome: Outcome::Pending,
        };
        self.0.insert(secret, device);
        answer
    }

    /// Returns where the person of a code signs in.
    pub(crate) fn realm(&self, user_code: &str) -> Option<Realm> {
        let found = self.0.values().find(|device| device.user_code == user_code);
        found.map(|device| device.realm.clone())
    }

    /// Notes what the person did with a code; says whether there is such a code.
    pub(crate) fn decide(&mut self, user_code: &str, allowed: Option<Account>) -> bool {
        let found = self.0.values_mut().find(|device| device.user_code == user_code);
        let Some(device) = found else { return false };
        device.outcome = match allowed {
            Some(account) => Outcome::Allowed(account),
            None => Outcome::Denied,
        };
        true
    }

    /// Returns the grant of a code, once: else how things stand with it.
    pub(crate) fn redeem(
        &mut self,
        secret: &str,
        client_id: &str,
        now: i64,
    ) -> Result<NewGrant, (&'static str, &'static str)> {
        let device = self.0.get_mut(secret).ok_or(("invalid_grant", "the code is not known"))?;
        if device.client_id != client_id {
            return Err(("invalid_grant", "the code is another client's"));
        }
        if now >= device.expires {
            return Err(("expired_token", "the code is too old"));
        }
        let early = now - device.last_asked < device.interval;
        device.last_asked = now;
        if early {
            device.interval += SLOWER;
            return Err(("slow_down", "asked before the interval was over"));
        }
        match std::mem::replace(&mut device.outcome, Outcome::Used) {
            Outcome::Pending => {
                device.outcome = Outcome::Pending;
                Err(("authorization_pending", "nobody entered the code yet"))
            }
            Outcome::Denied => Err(("access_denied", "the person refused")),
            Outcome::Used => Err(("invalid_grant", "the code was used before")),
            Outcome::Allowed(Account { username, realm }) => Ok(NewGrant {
                realm,
                client_id: device.client_id.clone(),
                username,
                scopes: device.scopes.clone(),
                nonce: None,
                key: None,
            }),
        }
    }
}

/// Gives a code to a client of the OIDC issuer.
pub(crate) async fn device(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    match answer(&world, &headers, &uri, &body) {
        Ok(answer) => no_store(Json(answer)),
        Err(error) => error.into_response(),
    }
}

fn answer(world: &World, headers: &HeaderMap, uri: &Uri, body: &[u8]) -> Result<Value, OAuthError> {
    let form = read(headers, uri, body)?;
    let client = client_auth::authenticate(world, headers, &form)?;
    let scopes = scopes(&form)?;
    if !scopes.iter().any(|scope| scope == "openid") {
        return Err(OAuthError::new("invalid_scope", "scope openid is missing"));
    }
    let new = NewDevice {
        realm: Realm::Oidc,
        client_id: &client.id,
        scopes,
        page: format!("{}/device", world.origin),
        now: world.clock.now(),
    };
    let answer = lock(&world.devices).begin(new, &world.faults.current());
    world.issue(answer["device_code"].as_str().unwrap_or_default().to_owned());
    Ok(answer)
}

/// Returns the scopes of a form.
pub(crate) fn scopes(form: &Params) -> Result<Vec<String>, OAuthError> {
    Ok(required(form, "scope")?.split(' ').map(str::to_owned).collect())
}
