//! Forms that a client posts to its provider, and the answers to them.

use ::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use jiff::Timestamp;
use lanyard_core::ProofKey;
use lanyard_core::provider::{ProviderError, ProviderErrorKind};
use oauth2::basic::BasicErrorResponse;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use url::{Url, form_urlencoded};

use super::dpop::Proof;
use super::error::{Asked, aadsts, refused};
use super::{ClientAuth, Fields};
use crate::http::{DPOP_NONCE, Http, HttpError};

/// An endpoint that takes forms of a client.
#[derive(Clone, Copy)]
pub(crate) struct Post<'a> {
    pub(crate) http: &'a Http,
    pub(crate) auth: &'a ClientAuth,
    pub(crate) url: &'a Url,
    /// The key that the answer's tokens are bound to.
    pub(crate) key: Option<&'a ProofKey>,
    pub(crate) now: Timestamp,
}

/// The provider's refusal (RFC 6749, section 5.2), in its own words.
pub(crate) struct Refusal(BasicErrorResponse);

impl Refusal {
    pub(crate) fn code(&self) -> &str {
        self.0.error().as_ref()
    }

    /// Returns it as an error. The provider's words are left out: they could quote what was sent.
    pub(crate) fn into_error(self, asked: Asked) -> ProviderError {
        let number = self.0.error_description().and_then(|text| aadsts(text));
        refused(self.code(), number, asked)
    }
}

impl Post<'_> {
    /// Posts a form and reads the answer; every refusal is an error.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        fields: &Fields<'_>,
        asked: Asked,
    ) -> Result<T, ProviderError> {
        self.send(fields).await?.map_err(|refusal| refusal.into_error(asked))
    }

    /// Posts a form and reads the answer or the refusal.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        fields: &Fields<'_>,
    ) -> Result<Result<T, Refusal>, ProviderError> {
        let answer = self.answer(fields).await?;
        let unreadable =
            |_| protocol("the provider's answer could not be read: it is not the expected JSON");
        if answer.status().is_success() {
            return serde_json::from_slice(answer.body()).map(Ok).map_err(unreadable);
        }
        serde_json::from_slice(answer.body()).map(|wire| Err(Refusal(wire))).map_err(unreadable)
    }

    /// Posts a form; once more if the server gives a number that the proof has to repeat (RFC 9449,
    /// section 8).
    pub(crate) async fn answer(&self, fields: &Fields<'_>) -> Result<HttpResponse, ProviderError> {
        let answer = self.once(fields, None).await?;
        let nonce = answer.headers().get(DPOP_NONCE).and_then(|nonce| nonce.to_str().ok());
        match nonce {
            Some(nonce) if self.key.is_some() && asks_for_nonce(&answer) => {
                self.once(fields, Some(nonce)).await
            }
            Some(_) | None => Ok(answer),
        }
    }

    async fn once(
        &self,
        fields: &Fields<'_>,
        nonce: Option<&str>,
    ) -> Result<HttpResponse, ProviderError> {
        let request = self.request(fields, nonce)?;
        self.http.call(request).await.map_err(HttpError::into_provider_error)
    }

    fn request(
        &self,
        fields: &Fields<'_>,
        nonce: Option<&str>,
    ) -> Result<HttpRequest, ProviderError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut request = ::http::Request::post(self.url.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json");
        if let Some(header) = self.auth.apply(&mut form, self.now)? {
            request = request.header(AUTHORIZATION, header);
        }
        if let Some(key) = self.key {
            let proof = Proof { method: "POST", url: self.url, token: None, nonce, now: self.now };
            let proof = proof.sign(key).ok_or_else(|| protocol("the grant's key is damaged"))?;
            request = request.header("DPoP", proof);
        }
        request
            .body(form.finish().into_bytes())
            .map_err(|_| protocol("the provider's endpoint is no address"))
    }
}

fn asks_for_nonce(answer: &HttpResponse) -> bool {
    let wire: Option<BasicErrorResponse> = serde_json::from_slice(answer.body()).ok();
    wire.is_some_and(|wire| wire.error().as_ref() == "use_dpop_nonce")
}

fn protocol(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Protocol, message)
}
