//! How a client shows who it is (RFC 6749 section 2.3, RFC 7523, OpenID Connect Core section 9).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use lanyard_core::ClientSecret;
use lanyard_core::provider::ProviderError;
use secrecy::ExposeSecret;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::assertion::Assertion;

/// The kind of a client assertion (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client, and how it shows that it is the one.
#[derive(Debug)]
pub(crate) struct ClientAuth {
    pub(crate) client_id: String,
    pub(crate) proof: ClientProof,
}

/// What a client shows.
#[derive(Debug)]
pub(crate) enum ClientProof {
    /// Nothing: a public client.
    None,
    /// `client_secret_basic`.
    Basic(ClientSecret),
    /// `client_secret_post`.
    Post(ClientSecret),
    /// `private_key_jwt`.
    Assertion(Assertion),
}

impl ClientAuth {
    /// Returns a client without a secret.
    pub(crate) fn public(client_id: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), proof: ClientProof::None }
    }

    /// Returns whether the client's id stands in the header and not in the form.
    pub(crate) fn is_basic(&self) -> bool {
        matches!(self.proof, ClientProof::Basic(_))
    }

    /// Adds the client to a form, or returns the header that names it.
    #[expect(clippy::disallowed_methods, reason = "the secret goes into the HTTP request")]
    pub(crate) fn apply(
        &self,
        form: &mut Serializer<'_, String>,
        now: Timestamp,
    ) -> Result<Option<String>, ProviderError> {
        if let ClientProof::Basic(secret) = &self.proof {
            return Ok(Some(basic(&self.client_id, secret)));
        }
        form.append_pair("client_id", &self.client_id);
        match &self.proof {
            ClientProof::None | ClientProof::Basic(_) => {}
            ClientProof::Post(secret) => {
                form.append_pair("client_secret", secret.expose_secret());
            }
            ClientProof::Assertion(assertion) => {
                form.append_pair("client_assertion_type", JWT_BEARER);
                form.append_pair("client_assertion", &assertion.sign(&self.client_id, now)?);
            }
        }
        Ok(None)
    }
}

/// Returns the header of HTTP Basic authentication: both parts are form-encoded first (RFC 6749,
/// section 2.3.1).
#[expect(clippy::disallowed_methods, reason = "the secret goes into the HTTP request")]
fn basic(client_id: &str, secret: &ClientSecret) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(client_id), encoded(secret.expose_secret()));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_and_secret_are_form_encoded_before_they_are_joined() {
        let header = basic("a:b c", &ClientSecret::new("p%+ä"));
        let pair = BASE64_STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(pair).unwrap(), "a%3Ab+c:p%25%2B%C3%A4");
    }
}
