//! Whether a provider can be reached, for a person who wants to know why not.

use std::error::Error;
use std::io;

use jiff::Timestamp;
use lanyard_core::WebUrl;
use reqwest::header::DATE;

use crate::http::{Http, HttpError};

/// What a provider answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// The HTTP status.
    pub status: u16,
    /// The time by the provider's clock, where it says it.
    pub date: Option<Timestamp>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The host's name has no address.
    #[error("its name cannot be resolved")]
    Name,
    /// Nothing listens there.
    #[error("the connection was refused")]
    Refused,
    /// There was no answer in time.
    #[error("it did not answer in time")]
    TimedOut,
    /// It is not trusted, or speaks no TLS.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Http {
    /// Asks for a public document, as a sign-in would.
    ///
    /// # Errors
    /// Tells the name, the connection and TLS apart.
    pub async fn probe(&self, address: &WebUrl) -> Result<Probe, ProbeError> {
        let client =
            self.client().map_err(|error: HttpError| ProbeError::Other(deepest(&error)))?;
        let sent = client.get(address.url().clone()).send().await;
        let response = sent.map_err(|error| why(&error.without_url()))?;
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        Ok(Probe { status: response.status().as_u16(), date: date.map(|date| date.timestamp()) })
    }
}

fn why(error: &reqwest::Error) -> ProbeError {
    if error.is_timeout() {
        return ProbeError::TimedOut;
    }
    for cause in causes(error) {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return ProbeError::Tls(tls.to_string());
        }
        let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
        if cause.downcast_ref::<io::Error>().is_some_and(refused) {
            return ProbeError::Refused;
        }
        // The connector keeps this error's type to itself.
        if cause.to_string().starts_with("dns error") {
            return ProbeError::Name;
        }
    }
    ProbeError::Other(deepest(error))
}

/// Returns the error and what lies under it. An I/O error's `source` leaves out the error that it
/// wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
        Some(error)
    })
}

fn deepest(error: &(dyn Error + 'static)) -> String {
    let text = causes(error).last().map(ToString::to_string).unwrap_or_default();
    lanyard_core::printable(&text, 200)
}
