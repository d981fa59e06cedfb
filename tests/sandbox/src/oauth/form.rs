//! Reads the forms that clients post.

use axum::http::{HeaderMap, Uri};

use crate::oauth::error::OAuthError;
use crate::params::{Params, is_form};

/// Returns the form, if it is one, names nothing twice and the URL carries no parameters.
pub(crate) fn read(headers: &HeaderMap, uri: &Uri, body: &[u8]) -> Result<Params, OAuthError> {
    if !is_form(headers) {
        return Err(invalid("the body is not a form".into()));
    }
    if uri.query().is_some_and(|query| !query.is_empty()) {
        return Err(invalid("parameters belong into the body, not into the URL".into()));
    }
    let params = Params::parse(body);
    if let Some(name) = params.first_repeated() {
        return Err(invalid(format!("{name} comes more than once")));
    }
    Ok(params)
}

/// Returns the parameter `name`, which the request must have.
pub(crate) fn required<'a>(params: &'a Params, name: &str) -> Result<&'a str, OAuthError> {
    params.find(name).ok_or_else(|| invalid(format!("{name} is missing")))
}

fn invalid(description: String) -> OAuthError {
    OAuthError::new("invalid_request", description)
}
