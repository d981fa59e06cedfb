//! What a sandbox is started with.

use serde::Deserialize;

use crate::redirect::Redirect;

/// Everything that can be chosen before the start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Port on 127.0.0.1; 0 leaves the choice to the system.
    pub port: u16,
    /// Accounts of the OIDC issuer. The Entra stand-in has its own directory.
    pub users: Vec<User>,
    /// Applications registered with the OIDC issuer.
    pub clients: Vec<Client>,
    /// How long tokens live.
    pub lifetimes: Lifetimes,
    /// What happens to a refresh token that was used.
    pub rotation: Rotation,
    /// Whether requests are pushed.
    pub pushing: Pushing,
    /// Seconds by which the times in tokens are ahead of the clock; negative for behind.
    pub clock_skew: i64,
}

/// What the OIDC issuer says of pushed authorization requests (RFC 9126).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushing {
    /// It has no endpoint for them.
    Off,
    /// It takes them.
    Offered,
    /// It takes no others.
    Required,
}

/// Lifetimes in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Of access tokens and ID tokens.
    pub access: i64,
    /// Of refresh tokens, counted anew at each rotation.
    pub refresh: i64,
}

/// What the OIDC issuer does with a refresh token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It stays good, and the answer carries no other.
    Off,
    /// Each use gives a new one. A used one gets the newest answer again for `grace` seconds;
    /// afterwards it ends the whole grant.
    On {
        /// Seconds; 0 for none.
        grace: i64,
    },
}

/// A demo account.
#[derive(Clone, Debug)]
pub struct User {
    /// What the person types.
    pub username: String,
    /// Shown on the login page: it protects nothing.
    pub password: String,
    /// The `name` claim.
    pub name: String,
    /// The `email` claim.
    pub email: String,
}

/// A registered application.
#[derive(Clone, Debug)]
pub struct Client {
    /// The `client_id`.
    pub id: String,
    /// `None` for a public client.
    pub secret: Option<String>,
    /// The public key, in PEM form, of a client that signs assertions.
    pub key: Option<String>,
    /// Where answers may be sent.
    pub redirects: Vec<Redirect>,
}

/// New lifetimes; what is absent stays.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LifetimeChange {
    pub(crate) access_lifetime: Option<i64>,
    pub(crate) refresh_lifetime: Option<i64>,
}

impl Lifetimes {
    pub(crate) fn change(&mut self, change: LifetimeChange) {
        self.access = change.access_lifetime.unwrap_or(self.access);
        self.refresh = change.refresh_lifetime.unwrap_or(self.refresh);
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            users: demo_users(),
            clients: demo_clients(),
            lifetimes: Lifetimes { access: 3600, refresh: 30 * 86_400 },
            rotation: Rotation::On { grace: 10 },
            pushing: Pushing::Off,
            clock_skew: 0,
        }
    }
}

fn demo_users() -> Vec<User> {
    vec![
        user("maria", "correct-horse", "Maria Klein"),
        user("omar", "battery-staple", "Omar Haddad"),
        user("mallory", "tr0ub4dor", &hostile_name()),
    ]
}

fn user(username: &str, password: &str, name: &str) -> User {
    User {
        username: username.into(),
        password: password.into(),
        name: name.into(),
        email: format!("{username}@company.example"),
    }
}

/// Markup, a right-to-left override that is never closed, a control character, and 300 characters.
fn hostile_name() -> String {
    let start = "<b onclick=\"alert(1)\">Mallory</b> & 'co' \u{202e}nimda\u{200f} \u{1b}[31m";
    start.chars().chain(std::iter::repeat('M')).take(300).collect()
}

fn demo_clients() -> Vec<Client> {
    vec![
        Client {
            id: "lanyard".into(),
            secret: None,
            key: None,
            redirects: vec![Redirect::Loopback { path: "/callback".into() }],
        },
        Client {
            id: "lanyard-confidential".into(),
            secret: Some("sandbox-client-secret".into()),
            key: None,
            redirects: vec![
                Redirect::Loopback { path: "/callback".into() },
                Redirect::Exact("https://app.company.example/signed-in".into()),
            ],
        },
    ]
}
