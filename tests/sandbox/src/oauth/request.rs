//! Checks an authorization request.

use crate::params::Params;
use crate::settings::Client;

/// Length of a SHA-256 hash in base64url.
const CHALLENGE_LENGTH: usize = 43;

/// An authorization request that may be answered.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizeRequest {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) state: String,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    pub(crate) login_hint: Option<String>,
    /// The thumbprint of the key that the code is bound to (RFC 9449, section 10).
    pub(crate) key: Option<String>,
}

impl AuthorizeRequest {
    /// Returns the request with another name to start with.
    pub(crate) fn hinting(self, username: &str) -> Self {
        Self { login_hint: Some(username.to_owned()), ..self }
    }
}

/// Why an authorization request is turned down.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Nobody may be redirected: the client is not registered.
    UnknownClient,
    /// Nobody may be redirected: the place is not registered.
    WrongRedirect,
    /// The client is told.
    Answered {
        redirect_uri: String,
        state: Option<String>,
        error: &'static str,
        description: &'static str,
    },
}

/// What the two providers ask for differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Scope `openid` and a nonce are required.
    Oidc,
    /// A nonce is required along with scope `openid`.
    Entra,
}

/// Checks everything that can be wrong in `params`.
pub(crate) fn check(
    params: &Params,
    clients: &[Client],
    dialect: Dialect,
) -> Result<AuthorizeRequest, Refused> {
    let client_id = single(params, "client_id").ok_or(Refused::UnknownClient)?;
    let client =
        clients.iter().find(|client| client.id == client_id).ok_or(Refused::UnknownClient)?;
    let redirect_uri = single(params, "redirect_uri").ok_or(Refused::WrongRedirect)?;
    if !client.redirects.iter().any(|registered| registered.permits(redirect_uri)) {
        return Err(Refused::WrongRedirect);
    }
    fields(params, client_id, redirect_uri, dialect).map_err(|(error, description)| {
        let state = single(params, "state").map(str::to_owned);
        Refused::Answered { redirect_uri: redirect_uri.to_owned(), state, error, description }
    })
}

type Problem = (&'static str, &'static str);

fn fields(
    params: &Params,
    client_id: &str,
    redirect_uri: &str,
    dialect: Dialect,
) -> Result<AuthorizeRequest, Problem> {
    if params.first_repeated().is_some() {
        return Err(("invalid_request", "a parameter comes more than once"));
    }
    flow(params)?;
    let challenge = challenge(params)?;
    let scope = params.find("scope").ok_or(("invalid_scope", "scope is missing"))?;
    let scopes: Vec<String> = scope.split(' ').map(str::to_owned).collect();
    let openid = scopes.iter().any(|scope| scope == "openid");
    if dialect == Dialect::Oidc && !openid {
        return Err(("invalid_scope", "scope openid is missing"));
    }
    let nonce = params.find("nonce").map(str::to_owned);
    if openid && nonce.is_none() {
        return Err(("invalid_request", "nonce is missing"));
    }
    let state = params.find("state").ok_or(("invalid_request", "state is missing"))?;
    prompt(params)?;
    Ok(AuthorizeRequest {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        scopes,
        state: state.to_owned(),
        nonce,
        challenge: challenge.to_owned(),
        login_hint: params.find("login_hint").map(str::to_owned),
        key: params.find("dpop_jkt").map(str::to_owned),
    })
}

fn flow(params: &Params) -> Result<(), Problem> {
    if params.has("request") {
        return Err(("request_not_supported", "request objects are not supported"));
    }
    if params.has("request_uri") {
        return Err(("request_uri_not_supported", "request objects are not supported"));
    }
    match params.find("response_type") {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "only response_type=code is offered")),
        None => return Err(("invalid_request", "response_type is missing")),
    }
    match params.find("response_mode") {
        None | Some("query") => Ok(()),
        Some(_) => Err(("invalid_request", "only response_mode=query is offered")),
    }
}

fn challenge(params: &Params) -> Result<&str, Problem> {
    let challenge =
        params.find("code_challenge").ok_or(("invalid_request", "code_challenge is missing"))?;
    if params.find("code_challenge_method") != Some("S256") {
        return Err(("invalid_request", "code_challenge_method must be S256"));
    }
    let lawful = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if challenge.len() != CHALLENGE_LENGTH || !challenge.bytes().all(lawful) {
        return Err(("invalid_request", "code_challenge is no SHA-256 hash in base64url"));
    }
    Ok(challenge)
}

/// Nobody is ever signed in already, so that `none` cannot succeed.
fn prompt(params: &Params) -> Result<(), Problem> {
    let values: Vec<&str> = params.find("prompt").unwrap_or_default().split(' ').collect();
    let known = ["", "none", "login", "consent", "select_account"];
    if values.iter().any(|value| !known.contains(value)) {
        return Err(("invalid_request", "prompt has an unknown value"));
    }
    if !values.contains(&"none") {
        return Ok(());
    }
    if values.len() > 1 {
        return Err(("invalid_request", "prompt none stands alone"));
    }
    Err(("login_required", "nobody is signed in"))
}

fn single<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    params.find(name).filter(|_| !params.is_repeated(name))
}
