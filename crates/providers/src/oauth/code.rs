//! The authorization code grant with PKCE, for native apps (RFC 6749 section 4.1, RFC 7636,
//! RFC 8252, RFC 9207).

use std::borrow::Cow;

use lanyard_core::provider::{Person, ProviderError, ProviderErrorKind, RedirectRule};
use lanyard_core::{Clock, RedirectAnswer, Scopes};
use oauth2::{AuthUrl, AuthorizationCode, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope};
use openidconnect::Nonce;
use secrecy::ExposeSecret;

use super::token::{answer_of, token_client};
use super::{Answer, Asked, ClientAuth, Discovery, refused};
use crate::http::Http;

/// One run of the flow.
pub(crate) struct CodeFlow<'a> {
    pub(crate) http: &'a Http,
    pub(crate) discovery: &'a Discovery,
    pub(crate) auth: &'a ClientAuth,
    pub(crate) scopes: &'a Scopes,
    /// Further parameters of the authorization request.
    pub(crate) parameters: &'a [(&'static str, String)],
    /// Further parameters of the token request.
    pub(crate) token_parameters: &'a [(&'static str, &'static str)],
    pub(crate) clock: &'a dyn Clock,
}

/// What the code was exchanged for.
#[derive(Debug)]
pub(crate) struct Exchanged {
    pub(crate) answer: Answer,
    /// What the ID token has to repeat.
    pub(crate) nonce: Nonce,
}

impl CodeFlow<'_> {
    /// Sends the person to the provider, and exchanges the code that they come back with.
    pub(crate) async fn run(
        &self,
        rule: RedirectRule,
        person: &dyn Person,
    ) -> Result<Exchanged, ProviderError> {
        let redirect = person.expect_redirect(rule).await?;
        let redirect_uri = RedirectUrl::new(redirect.uri().to_string());
        let redirect_uri =
            redirect_uri.map_err(|_| protocol("the redirect URI could not be made"))?;
        let client = token_client(self.auth, &self.discovery.token_endpoint)
            .set_auth_uri(AuthUrl::from_url(self.discovery.authorization_endpoint.clone()))
            .set_redirect_uri(redirect_uri);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = Nonce::new_random();
        let mut page = client
            .authorize_url(CsrfToken::new_random)
            .set_pkce_challenge(challenge)
            .add_extra_param("nonce", nonce.secret().clone());
        for scope in self.scopes.iter() {
            page = page.add_scope(Scope::new(scope.to_owned()));
        }
        for (name, value) in self.parameters {
            page = page.add_extra_param(*name, value.clone());
        }
        let (page, state) = page.url();
        let answer = redirect.visit(page, state.secret().clone()).await?;
        let code = self.code(answer)?;
        let now = self.clock.now();
        let mut call = client.exchange_code(code).set_pkce_verifier(verifier);
        for (name, value) in self.token_parameters {
            call = call.add_extra_param(Cow::Borrowed(*name), Cow::Borrowed(*value));
        }
        let answer = call.request_async(self.http).await;
        let answer = answer.map_err(|error| super::error::token_error(error, Asked::Code))?;
        Ok(Exchanged { answer: answer_of(&answer, self.scopes, now)?, nonce })
    }

    /// Takes the code out of the answer, once it is clear that the right issuer sent it.
    #[expect(clippy::disallowed_methods, reason = "the code goes into the HTTP request")]
    fn code(&self, answer: RedirectAnswer) -> Result<AuthorizationCode, ProviderError> {
        match &answer.issuer {
            Some(issuer) if *issuer != self.discovery.issuer => {
                return Err(protocol(
                    "another issuer answered than the one that was asked (RFC 9207)",
                ));
            }
            None if self.discovery.says_issuer => {
                return Err(protocol(
                    "the answer does not name its issuer, though the provider promises it",
                ));
            }
            Some(_) | None => {}
        }
        match answer.outcome {
            Ok(code) => Ok(AuthorizationCode::new(code.expose_secret().to_owned())),
            Err(error) => Err(refused(&error.error, None, Asked::Code)),
        }
    }
}

fn protocol(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Protocol, message)
}
