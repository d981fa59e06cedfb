//! Sign-ins that wait for a person.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;

use crate::entra::{self, directory};
use crate::oauth::authorize::{self, AuthorizeRequest};
use crate::page::{self, LoginPage};
use crate::params::Params;
use crate::random;
use crate::world::{World, lock};

/// A person may take their time, but a page left open over lunch is over.
const LOGIN_SECONDS: i64 = 900;

/// Which provider a person signs in to.
#[derive(Clone, Debug)]
pub(crate) enum Realm {
    /// The OIDC issuer.
    Oidc,
    /// A tenant as it stands in the path: a known one, `common` or `organizations`.
    Entra(String),
}

/// One login page that was shown.
#[derive(Debug)]
pub(crate) struct Login {
    realm: Realm,
    request: AuthorizeRequest,
    expires: i64,
}

/// Login pages by the one-time id in their form.
#[derive(Debug, Default)]
pub(crate) struct Logins(HashMap<String, Login>);

impl Logins {
    fn take(&mut self, id: &str, now: i64) -> Option<Login> {
        self.0.remove(id).filter(|login| now < login.expires)
    }
}

/// Returns a login page for `request`, with `problem` on it.
pub(crate) fn show(
    world: &World,
    realm: Realm,
    request: AuthorizeRequest,
    problem: Option<&str>,
) -> Response {
    let id = random::token("login-");
    let place = match &realm {
        Realm::Oidc => "Company",
        Realm::Entra(tenant) => directory::display_name(tenant),
    };
    let page =
        LoginPage { place, id: &id, request: &request, problem, hints: hints(world, &realm) };
    let response = page.render();
    let expires = world.clock.now() + LOGIN_SECONDS;
    lock(&world.logins).0.insert(id, Login { realm, request, expires });
    response
}

/// Takes what the person typed.
pub(crate) async fn submit(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let form = Params::parse(&body);
    let id = form.find("transaction").unwrap_or_default();
    let Some(login) = lock(&world.logins).take(id, world.clock.now()) else {
        return page::refusal("This sign-in page was used before, or is too old.");
    };
    if form.has("deny") {
        return denied(&world, &login);
    }
    let username = form.find("username").unwrap_or_default();
    let password = form.find("password").unwrap_or_default();
    let request = login.request;
    match authenticate(&world, &login.realm, username, password) {
        Ok(account) => authorize::grant(&world, &login.realm, account, &request),
        Err(problem) => show(&world, login.realm, request.hinting(username), Some(problem)),
    }
}

fn denied(world: &World, login: &Login) -> Response {
    let reason = match login.realm {
        Realm::Oidc => "the person refused",
        Realm::Entra(_) => "AADSTS65004: User declined to consent to access the app.",
    };
    authorize::send_error(world, &login.realm, &login.request, "access_denied", reason)
}

/// Someone who proved who they are, and the realm that their grant belongs to.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) realm: String,
}

/// Returns who a username and a password stand for.
pub(crate) fn authenticate(
    world: &World,
    realm: &Realm,
    username: &str,
    password: &str,
) -> Result<Account, &'static str> {
    match realm {
        Realm::Entra(tenant) => entra::authenticate(tenant, username, password),
        Realm::Oidc => match world.user(username) {
            Some(user) if user.password == password => {
                Ok(Account { username: user.username.clone(), realm: "oidc".into() })
            }
            Some(_) | None => Err("Wrong username or password."),
        },
    }
}

fn hints(world: &World, realm: &Realm) -> Vec<[String; 3]> {
    match realm {
        Realm::Oidc => {
            let users = world.settings.users.iter();
            users.map(|u| [u.username.clone(), u.password.clone(), u.name.clone()]).collect()
        }
        Realm::Entra(_) => {
            let users = directory::USERS.iter();
            users.map(|u| [u.username.into(), u.password.into(), u.name.into()]).collect()
        }
    }
}
