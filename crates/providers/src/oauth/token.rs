//! Requests to the token and revocation endpoints.

use std::borrow::Cow;
use std::time::Duration;

use ::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use lanyard_core::provider::{ProviderError, ProviderErrorKind, Revocation};
use lanyard_core::{
    AccessToken, Binding, ClientSecret, Grant, IdToken, RefreshToken, Scopes, Token,
};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthType, Client, ClientId, EndpointNotSet, EndpointSet, ExtraTokenFields,
    HttpRequest, Scope, StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::error::{Asked, token_error};
use super::id_token::unverified;
use crate::http::{Http, HttpError};

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

type AnswerWire = StandardTokenResponse<ExtraWire, BasicTokenType>;

/// An OAuth client with a token endpoint.
pub(crate) type TokenClient<Auth = EndpointNotSet> = Client<
    BasicErrorResponse,
    AnswerWire,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    Auth,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// How the client shows who it is.
#[derive(Debug)]
pub(crate) struct ClientAuth {
    pub(crate) client_id: String,
    pub(crate) secret: Option<ClientSecret>,
}

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

/// Returns the client for a token endpoint.
#[expect(clippy::disallowed_methods, reason = "the secret goes into the HTTP request")]
pub(crate) fn token_client(auth: &ClientAuth, endpoint: &Url) -> TokenClient {
    let client = Client::new(ClientId::new(auth.client_id.clone()))
        .set_token_uri(TokenUrl::from_url(endpoint.clone()));
    match &auth.secret {
        None => client.set_auth_type(AuthType::RequestBody),
        Some(secret) => {
            client.set_client_secret(oauth2::ClientSecret::new(secret.expose_secret().to_owned()))
        }
    }
}

/// Refreshes a grant (RFC 6749, section 6) at the endpoint that it is bound to.
#[expect(clippy::disallowed_methods, reason = "the grant goes into the HTTP request")]
pub(crate) async fn refresh(
    http: &Http,
    auth: &ClientAuth,
    endpoint: &Url,
    grant: &Grant,
    request: RefreshRequest<'_>,
) -> Result<Answer, ProviderError> {
    let client = token_client(auth, endpoint);
    let secret = oauth2::RefreshToken::new(grant.refresh_token.expose_secret().to_owned());
    let mut call = client.exchange_refresh_token(&secret);
    for scope in request.scopes.iter() {
        call = call.add_scope(Scope::new(scope.to_owned()));
    }
    for (name, value) in request.parameters {
        call = call.add_extra_param(Cow::Borrowed(*name), Cow::Borrowed(*value));
    }
    let answer =
        call.request_async(http).await.map_err(|error| token_error(error, Asked::Refresh))?;
    answer_of(&answer, request.scopes, request.now)
}

/// What a refresh asks for.
#[derive(Debug)]
pub(crate) struct RefreshRequest<'a> {
    pub(crate) scopes: &'a Scopes,
    pub(crate) parameters: &'a [(&'static str, &'a str)],
    pub(crate) now: Timestamp,
}

/// Ends a grant (RFC 7009). The request is made here: `oauth2` takes no http on loopback for it.
pub(crate) async fn revoke(
    http: &Http,
    auth: &ClientAuth,
    endpoint: &Url,
    grant: &Grant,
) -> Result<Revocation, ProviderError> {
    let refused = |message| ProviderError::new(ProviderErrorKind::Misconfigured, message);
    let request = revocation(auth, endpoint, grant);
    let request = request.map_err(|_| refused("the revocation endpoint is no address"))?;
    let answer = http.call(request).await.map_err(HttpError::into_provider_error)?;
    match answer.status().is_success() {
        true => Ok(Revocation::Revoked),
        false => Err(refused("the provider refused to end the grant")),
    }
}

#[expect(clippy::disallowed_methods, reason = "the grant goes into the HTTP request")]
fn revocation(
    auth: &ClientAuth,
    endpoint: &Url,
    grant: &Grant,
) -> Result<HttpRequest, ::http::Error> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", grant.refresh_token.expose_secret());
    form.append_pair("token_type_hint", "refresh_token");
    let mut request = ::http::Request::builder().method("POST").uri(endpoint.as_str());
    request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(secret) = &auth.secret {
        request = request.header(AUTHORIZATION, basic(&auth.client_id, secret));
    } else {
        form.append_pair("client_id", &auth.client_id);
    }
    request.body(form.finish().into_bytes())
}

/// Returns the header of HTTP Basic authentication (RFC 6749, section 2.3.1).
#[expect(clippy::disallowed_methods, reason = "the secret goes into the HTTP request")]
fn basic(client_id: &str, secret: &ClientSecret) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(client_id), encoded(secret.expose_secret()));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

/// Reads an answer. RFC 6749, section 5.1: without `scope` what was asked for was granted.
pub(crate) fn answer_of(
    answer: &AnswerWire,
    asked: &Scopes,
    now: Timestamp,
) -> Result<Answer, ProviderError> {
    if !matches!(answer.token_type(), BasicTokenType::Bearer) {
        return Err(ProviderError::new(
            ProviderErrorKind::Protocol,
            "the provider gave no bearer token",
        ));
    }
    let lifetime = answer.expires_in().unwrap_or(LIFETIME);
    let far = || ProviderError::new(ProviderErrorKind::Protocol, "the provider's token never ends");
    let expires_at = now.checked_add(lifetime).map_err(|_| far())?;
    let granted = answer.scopes().map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect());
    let extra = answer.extra_fields();
    let id_token = extra.id_token.as_ref().map(IdToken::new);
    let grant_lifetime = extra.refresh_token_expires_in.filter(|seconds| *seconds > 0);
    let grant_end = |seconds| now.checked_add(jiff::SignedDuration::from_secs(seconds)).ok();
    Ok(Answer {
        token: Token {
            access_token: AccessToken::new(answer.access_token().secret()),
            id_expires_at: id_token.as_ref().and_then(unverified).and_then(|claims| claims.end()),
            id_token,
            scopes: granted.unwrap_or_else(|| asked.clone()),
            obtained_at: now,
            expires_at,
        },
        refresh_token: answer.refresh_token().map(|token| RefreshToken::new(token.secret())),
        grant_expires_at: grant_lifetime.and_then(grant_end),
        client_info: extra.client_info.clone(),
    })
}
