//! Errors as Entra words them.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::oauth::error::{OAuthError, no_store};
use crate::oauth::grants::Refusal;
use crate::random;

/// An error answer: RFC 6749's `error`, and the AADSTS number that tells what it is.
#[derive(Debug)]
pub(crate) struct EntraError {
    code: &'static str,
    number: u32,
    text: String,
    extra: Value,
}

impl EntraError {
    pub(crate) fn new(code: &'static str, number: u32, text: impl Into<String>) -> Self {
        Self { code, number, text: text.into(), extra: json!({}) }
    }

    pub(crate) fn unknown_tenant(segment: &str) -> Self {
        let text = format!(
            "Tenant '{segment}' not found. Check to make sure you have the correct tenant ID."
        );
        Self::new("invalid_request", 90002, text)
    }

    /// A guest or member of another tenant only.
    pub(crate) fn not_a_member(username: &str, tenant: &str) -> Self {
        let text = format!(
            "User account '{username}' does not exist in tenant '{tenant}' and cannot access the application."
        );
        Self::new("invalid_grant", 50020, text)
    }

    /// A policy that only a person can satisfy, with the claims to sign in with.
    pub(crate) fn interaction_required() -> Self {
        let claims = json!({ "access_token": { "capolids": { "essential": true } } }).to_string();
        Self {
            extra: json!({ "suberror": "basic_action", "claims": claims }),
            ..Self::new("interaction_required", 50076, "You must use multi-factor authentication.")
        }
    }

    pub(crate) fn into_response(self, now: i64) -> Response {
        let (trace, correlation) = (random::uuid(), random::uuid());
        let time = Timestamp::from_second(now).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%SZ");
        let time = time.to_string();
        let mut body = self.extra;
        body["error"] = self.code.into();
        body["error_description"] = format!(
            "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}",
            self.number, self.text
        )
        .into();
        body["error_codes"] = json!([self.number]);
        body["timestamp"] = time.into();
        body["trace_id"] = trace.into();
        body["correlation_id"] = correlation.into();
        let refused_client = self.code == "invalid_client";
        let status =
            if refused_client { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        no_store((status, Json(body)).into_response())
    }
}

impl From<OAuthError> for EntraError {
    /// For malformed and missing parameters, which have the same numbers everywhere.
    fn from(error: OAuthError) -> Self {
        let number = if error.description.ends_with("is missing") { 900_144 } else { 9_002_313 };
        Self::new(error.code, number, error.description)
    }
}

impl EntraError {
    /// Words the state of a device code, which has names of its own here.
    pub(crate) fn of_device((code, text): (&'static str, &'static str)) -> Self {
        match code {
            "access_denied" => Self::new("authorization_declined", 70_018, text),
            "invalid_grant" => Self::new("bad_verification_code", 70_019, text),
            "expired_token" => Self::new(code, 70_020, text),
            _ => Self::new(code, 70_016, text),
        }
    }
}

impl From<Refusal> for EntraError {
    fn from(refusal: Refusal) -> Self {
        let (number, text) = match refusal {
            Refusal::Unknown => (9_002_313, "Invalid request. The code or token is malformed."),
            Refusal::OtherClient => (700_003, "The grant was issued to another application."),
            Refusal::OtherRedirect => (50_011, "The redirect URI does not match."),
            Refusal::WrongVerifier => (501_481, "The Code_Verifier does not match."),
            Refusal::Expired => (70_008, "The provided authorization code or token has expired."),
            Refusal::Replayed => (54_005, "OAuth2 Authorization code was already redeemed."),
            Refusal::Revoked => (50_173, "The provided grant has been revoked."),
        };
        Self::new("invalid_grant", number, text)
    }
}
