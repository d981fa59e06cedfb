//! Requests to the token and revocation endpoints.

use std::time::Duration;

use jiff::Timestamp;
use lanyard_core::provider::{ProviderError, ProviderErrorKind, Revocation};
use lanyard_core::{AccessToken, Binding, Grant, IdToken, ProofKey, RefreshToken, Scopes, Token};
use oauth2::basic::BasicTokenType;
use oauth2::{ExtraTokenFields, StandardTokenResponse, TokenResponse};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::error::Asked;
use super::id_token::unverified;
use super::post::Post;

/// The lifetime of a token whose answer names none; RFC 6749 leaves it open.
const LIFETIME: Duration = Duration::from_mins(5);

/// What an answer holds beside RFC 6749's fields.
#[derive(Serialize, Deserialize)]
pub(crate) struct ExtraWire {
    id_token: Option<String>,
    client_info: Option<String>,
    refresh_token_expires_in: Option<i64>,
}

impl std::fmt::Debug for ExtraWire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExtraWire([redacted])")
    }
}

impl ExtraTokenFields for ExtraWire {}

pub(crate) type AnswerWire = StandardTokenResponse<ExtraWire, BasicTokenType>;

/// A token endpoint's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) token: Token,
    pub(crate) refresh_token: Option<RefreshToken>,
    pub(crate) grant_expires_at: Option<Timestamp>,
    /// Entra's `client_info`, as it came.
    pub(crate) client_info: Option<String>,
}

impl Answer {
    /// Takes the grant out of the answer, bound to where it may be sent.
    pub(crate) fn take_grant(&mut self, binding: Binding) -> Option<Grant> {
        let expires_at = self.grant_expires_at;
        self.refresh_token.take().map(|refresh_token| Grant { refresh_token, binding, expires_at })
    }
}

/// What a refresh asks for.
#[derive(Debug)]
pub(crate) struct RefreshRequest<'a> {
    pub(crate) scopes: &'a Scopes,
    pub(crate) parameters: &'a [(&'static str, &'a str)],
}

/// Refreshes a grant (RFC 6749, section 6) at the endpoint that it is bound to.
#[expect(clippy::disallowed_methods, reason = "the grant goes into the HTTP request")]
pub(crate) async fn refresh(
    endpoint: Post<'_>,
    grant: &Grant,
    request: RefreshRequest<'_>,
) -> Result<Answer, ProviderError> {
    let scope = request.scopes.to_string();
    let mut fields = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", grant.refresh_token.expose_secret()),
    ];
    if !scope.is_empty() {
        fields.push(("scope", &scope));
    }
    fields.extend(request.parameters);
    let answer: AnswerWire = endpoint.ask(&fields, Asked::Refresh).await?;
    answer_of(&answer, request.scopes, endpoint.now, endpoint.key)
}

/// Ends a grant (RFC 7009).
#[expect(clippy::disallowed_methods, reason = "the grant goes into the HTTP request")]
pub(crate) async fn revoke(endpoint: Post<'_>, grant: &Grant) -> Result<Revocation, ProviderError> {
    let token = grant.refresh_token.expose_secret();
    let answer = endpoint.answer(&[("token", token), ("token_type_hint", "refresh_token")]).await?;
    match answer.status().is_success() {
        true => Ok(Revocation::Revoked),
        false => Err(ProviderError::new(
            ProviderErrorKind::Misconfigured,
            "the provider refused to end the grant",
        )),
    }
}

/// Reads an answer. RFC 6749, section 5.1: without `scope` what was asked for was granted.
pub(crate) fn answer_of(
    answer: &AnswerWire,
    asked: &Scopes,
    now: Timestamp,
    key: Option<&ProofKey>,
) -> Result<Answer, ProviderError> {
    check_type(answer.token_type(), key.is_some())?;
    let lifetime = answer.expires_in().unwrap_or(LIFETIME);
    let far = || ProviderError::new(ProviderErrorKind::Protocol, "the provider's token never ends");
    let expires_at = now.checked_add(lifetime).map_err(|_| far())?;
    let granted = answer.scopes().map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect());
    let extra = answer.extra_fields();
    let id_token = extra.id_token.as_ref().map(IdToken::new);
    let grant_lifetime = extra.refresh_token_expires_in.filter(|seconds| *seconds > 0);
    let grant_end = |seconds| now.checked_add(jiff::SignedDuration::from_secs(seconds)).ok();
    let bound =
        |token: &oauth2::RefreshToken| RefreshToken::new(token.secret()).bound_to(key.cloned());
    Ok(Answer {
        token: Token {
            access_token: AccessToken::new(answer.access_token().secret()),
            id_expires_at: id_token.as_ref().and_then(unverified).and_then(|claims| claims.end()),
            id_token,
            scopes: granted.unwrap_or_else(|| asked.clone()),
            obtained_at: now,
            expires_at,
        },
        refresh_token: answer.refresh_token().map(bound),
        grant_expires_at: grant_lifetime.and_then(grant_end),
        client_info: extra.client_info.clone(),
    })
}

fn check_type(found: &BasicTokenType, bound: bool) -> Result<(), ProviderError> {
    let message = match (found, bound) {
        (BasicTokenType::Bearer, false) => return Ok(()),
        (BasicTokenType::Extension(name), true) if name.eq_ignore_ascii_case("dpop") => {
            return Ok(());
        }
        (_, false) => "the provider gave no bearer token",
        (_, true) => "the provider gave a token that is not bound to the key (DPoP)",
    };
    Err(ProviderError::new(ProviderErrorKind::Protocol, message))
}
