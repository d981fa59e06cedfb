//! The authorization code grant with PKCE, for native apps (RFC 6749 section 4.1, RFC 7636,
//! RFC 8252, RFC 9207), with pushed requests where the provider takes them (RFC 9126).

use lanyard_core::provider::{Person, ProviderError, ProviderErrorKind, RedirectRule};
use lanyard_core::{Clock, ProofKey, RedirectAnswer, Scopes};
use oauth2::{CsrfToken, PkceCodeChallenge};
use openidconnect::Nonce;
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::Url;

use super::post::Post;
use super::token::{AnswerWire, answer_of};
use super::{Answer, Asked, ClientAuth, Discovery, dpop, refused};
use crate::http::Http;

/// Longest reference to a pushed request that is handed to the browser.
const LONGEST_REFERENCE: usize = 2048;

/// One run of the flow.
pub(crate) struct CodeFlow<'a> {
    pub(crate) http: &'a Http,
    pub(crate) discovery: &'a Discovery,
    pub(crate) auth: &'a ClientAuth,
    pub(crate) key: Option<&'a ProofKey>,
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

/// The answer to a pushed request (RFC 9126, section 2.2).
#[derive(Deserialize)]
struct PushedWire {
    request_uri: String,
}

impl CodeFlow<'_> {
    /// Sends the person to the provider, and exchanges the code that they come back with.
    pub(crate) async fn run(
        &self,
        rule: RedirectRule,
        person: &dyn Person,
    ) -> Result<Exchanged, ProviderError> {
        let redirect = person.expect_redirect(rule).await?;
        let redirect_uri = redirect.uri().to_string();
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (state, nonce) = (CsrfToken::new_random(), Nonce::new_random());
        let scope = self.scopes.to_string();
        let thumbprint = self.key.and_then(dpop::thumbprint);
        let mut request = vec![
            ("response_type", "code"),
            ("redirect_uri", &redirect_uri),
            ("scope", &scope),
            ("state", state.secret()),
            ("nonce", nonce.secret()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", challenge.method().as_str()),
        ];
        request.extend(self.parameters.iter().map(|(name, value)| (*name, value.as_str())));
        request.extend(thumbprint.as_deref().map(|thumbprint| ("dpop_jkt", thumbprint)));
        let page = self.page(&request).await?;
        let answer = redirect.visit(page, state.secret().clone()).await?;
        let code = self.code(answer)?;
        let answer = self.exchange(&code, &redirect_uri, verifier.secret()).await?;
        Ok(Exchanged { answer, nonce })
    }

    /// Returns the page to visit: with the request in it, or with a reference to the pushed one.
    async fn page(&self, request: &[(&'static str, &str)]) -> Result<Url, ProviderError> {
        let mut page = self.discovery.authorization_endpoint.clone();
        page.query_pairs_mut().append_pair("client_id", &self.auth.client_id);
        let Some(endpoint) = &self.discovery.pushed_authorization_request_endpoint else {
            if self.discovery.requires_pushed {
                return Err(protocol("the provider wants pushed requests, and names no endpoint"));
            }
            page.query_pairs_mut().extend_pairs(request);
            return Ok(page);
        };
        let mut fields = request.to_vec();
        if self.auth.is_basic() {
            fields.push(("client_id", &self.auth.client_id));
        }
        let post = Post { url: endpoint, ..self.token_endpoint() };
        let PushedWire { request_uri } = post.ask(&fields, Asked::Code).await?;
        if request_uri.is_empty() || request_uri.len() > LONGEST_REFERENCE {
            return Err(protocol("the provider's reference to the request is empty or too long"));
        }
        page.query_pairs_mut().append_pair("request_uri", &request_uri);
        Ok(page)
    }

    async fn exchange(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<Answer, ProviderError> {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        fields.extend(self.token_parameters);
        let post = self.token_endpoint();
        let answer: AnswerWire = post.ask(&fields, Asked::Code).await?;
        answer_of(&answer, self.scopes, post.now, self.key)
    }

    fn token_endpoint(&self) -> Post<'_> {
        Post {
            http: self.http,
            auth: self.auth,
            url: &self.discovery.token_endpoint,
            key: self.key,
            now: self.clock.now(),
        }
    }

    /// Takes the code out of the answer, once it is clear that the right issuer sent it.
    #[expect(clippy::disallowed_methods, reason = "the code goes into the HTTP request")]
    fn code(&self, answer: RedirectAnswer) -> Result<String, ProviderError> {
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
            Ok(code) => Ok(code.expose_secret().to_owned()),
            Err(error) => Err(refused(&error.error, None, Asked::Code)),
        }
    }
}

fn protocol(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Protocol, message)
}
