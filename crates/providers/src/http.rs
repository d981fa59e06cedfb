//! The one way to a provider: no redirects, bounded bodies, time limits, the system's trust store,
//! and never a proxy for loopback.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use lanyard_core::config::Network;
use lanyard_core::host_is_loopback;
use lanyard_core::provider::{ProviderError, ProviderErrorKind};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Certificate, NoProxy, Proxy, redirect};
use serde::de::DeserializeOwned;
use url::Url;

/// Largest answer that is read. Discovery documents and key sets are a few kilobytes.
const LARGEST_ANSWER: usize = 1 << 20;

/// Longest that a whole request may take.
const WHOLE_REQUEST: Duration = Duration::from_secs(30);

/// Longest that a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept: a broker at rest holds none.
const KEEP_IDLE: Duration = Duration::from_secs(30);

/// Longest wait that a provider can ask for: after it, the question costs nobody anything.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// What a proof of possession has to repeat (RFC 9449, section 8).
pub(crate) const DPOP_NONCE: &str = "dpop-nonce";

/// An HTTP client for providers. Clones share their connections. The system's certificates are read
/// when it is first used: a broker that only answers from the cache never needs them.
#[derive(Debug, Clone)]
pub struct Http(Arc<Lazy>);

struct Lazy {
    settings: Settings,
    client: OnceLock<reqwest::Client>,
}

/// Makes the client that is meant, once it is needed.
type Maker = dyn Fn() -> Result<Http, String> + Send + Sync;

enum Settings {
    Known { proxy: Box<Option<Proxy>>, certificates: Vec<Certificate> },
    Later(Box<Maker>),
}

impl std::fmt::Debug for Lazy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

/// Why the HTTP client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum HttpSetupError {
    /// The proxy's address is none.
    #[error("network.proxy is not a proxy's address")]
    Proxy(#[source] reqwest::Error),
    /// The file with certificate authorities cannot be used.
    #[error("network.ca_file holds no PEM certificates")]
    CaFile(#[source] reqwest::Error),
}

/// Why a request gave no answer. Holds neither body nor query.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No connection came about.
    #[error("{host} could not be reached")]
    Unreachable {
        /// The host.
        host: String,
        /// What the system said.
        source: reqwest::Error,
    },
    /// There was no answer in time.
    #[error("{0} did not answer in time")]
    TimedOut(String),
    /// The host asks for another try later.
    #[error("{host} is not available (HTTP {status})")]
    Unavailable {
        /// The host.
        host: String,
        /// The HTTP status: 429 or 5xx.
        status: u16,
        /// What the `Retry-After` header asks for.
        retry_after: Option<Duration>,
    },
    /// The host answered with a redirect.
    #[error("{0} sent the request elsewhere, which is not followed")]
    Redirected(String),
    /// The answer is too large.
    #[error("{0} answered with more than {LARGEST_ANSWER} bytes")]
    TooLarge(String),
    /// The connection broke within the answer.
    #[error("{host} broke its answer off")]
    Cut {
        /// The host.
        host: String,
        /// What the system said.
        source: reqwest::Error,
    },
    /// The answer is no JSON, or JSON of another shape.
    #[error("{0} answered with something that is not the expected JSON")]
    NotJson(String),
    /// The host answered with another HTTP status.
    #[error("{host} answered with HTTP {status}")]
    Status {
        /// The host.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The network cannot be reached as the config says.
    #[error("the network's settings cannot be used: {0}")]
    Setup(String),
    /// The request could not be made.
    #[error("the request could not be made")]
    Request(#[source] reqwest::Error),
}

impl Http {
    /// Returns a client that reaches the network as the config says. `ca_pem` is the content of
    /// `network.ca_file`.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn new(network: &Network, ca_pem: Option<&[u8]>) -> Result<Self, HttpSetupError> {
        let direct =
            format!("localhost,127.0.0.0/8,::1,{}", network.no_proxy.as_deref().unwrap_or(""));
        let proxy = network.proxy.as_ref().map(Proxy::https).transpose();
        let proxy = proxy.map_err(HttpSetupError::Proxy)?;
        let certificates = ca_pem.map(Certificate::from_pem_bundle).transpose();
        let settings = Settings::Known {
            proxy: Box::new(proxy.map(|proxy| proxy.no_proxy(NoProxy::from_string(&direct)))),
            certificates: certificates.map_err(HttpSetupError::CaFile)?.unwrap_or_default(),
        };
        Ok(Self(Arc::new(Lazy { settings, client: OnceLock::new() })))
    }

    /// Returns a client that is made by `maker` when it is first used: only then is it known which
    /// settings hold.
    pub fn later(maker: impl Fn() -> Result<Self, String> + Send + Sync + 'static) -> Self {
        let settings = Settings::Later(Box::new(maker));
        Self(Arc::new(Lazy { settings, client: OnceLock::new() }))
    }

    pub(crate) fn client(&self) -> Result<&reqwest::Client, HttpError> {
        let Lazy { settings, client } = &*self.0;
        if let Some(client) = client.get() {
            return Ok(client);
        }
        let made = match settings {
            Settings::Known { proxy, certificates } => {
                build(proxy.as_ref().as_ref(), certificates)?
            }
            Settings::Later(maker) => maker().map_err(HttpError::Setup)?.client()?.clone(),
        };
        Ok(client.get_or_init(|| made))
    }

    /// Returns the JSON document at `url`.
    pub(crate) async fn get_json<T: DeserializeOwned>(&self, url: &Url) -> Result<T, HttpError> {
        let response = self.send(self.client()?.get(url.clone()), url).await?;
        let host = host(url);
        if !response.status().is_success() {
            return Err(HttpError::Status { host, status: response.status().as_u16() });
        }
        serde_json::from_slice(response.body()).map_err(|_| HttpError::NotJson(host))
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        url: &Url,
    ) -> Result<HttpResponse, HttpError> {
        let host = host(url);
        let response = request.send().await.map_err(|error| failed(error, &host))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(HttpError::Redirected(host));
        }
        if status.is_server_error() || status.as_u16() == 429 {
            let retry_after = retry_after(response.headers());
            return Err(HttpError::Unavailable { host, status: status.as_u16(), retry_after });
        }
        let kept = [CONTENT_TYPE, HeaderName::from_static(DPOP_NONCE)];
        let kept = kept.map(|name| (response.headers().get(&name).cloned(), name));
        let body = bounded(response, &host).await?;
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = status;
        answer
            .headers_mut()
            .extend(kept.into_iter().filter_map(|(value, name)| Some((name, value?))));
        Ok(answer)
    }
}

fn build(
    proxy: Option<&Proxy>,
    certificates: &[Certificate],
) -> Result<reqwest::Client, HttpError> {
    drop(rustls::crypto::ring::default_provider().install_default());
    #[expect(clippy::disallowed_methods, reason = "the one lawful home of the HTTP client")]
    let mut builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .timeout(WHOLE_REQUEST)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(KEEP_IDLE)
        .tls_certs_merge(certificates.to_vec())
        .user_agent(concat!("lanyard/", env!("CARGO_PKG_VERSION")));
    if let Some(proxy) = proxy {
        builder = builder.proxy(proxy.clone());
    }
    builder.build().map_err(HttpError::Request)
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let url = Url::parse(&parts.uri.to_string());
            let url = url.map_err(|_| HttpError::NotJson("the provider".to_owned()))?;
            let request =
                self.client()?.request(parts.method, url.clone()).headers(parts.headers).body(body);
            self.send(request, &url).await
        })
    }
}

/// Reads `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). A date is compared to the
/// answer's own, as this machine's clock may be wrong.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let value = text(RETRY_AFTER)?;
    let wait = if !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()) {
        value.parse().map_or(LONGEST_WAIT, Duration::from_secs)
    } else {
        let (until, now) = (date(value)?, date(text(DATE)?)?);
        Duration::try_from(until.duration_since(now)).ok()?
    };
    Some(wait.min(LONGEST_WAIT))
}

/// Reads a date as HTTP writes them.
fn date(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

async fn bounded(mut response: reqwest::Response, host: &str) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|source| cut(source, host))? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(HttpError::TooLarge(host.to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn failed(error: reqwest::Error, host: &str) -> HttpError {
    let error = error.without_url();
    let host = host.to_owned();
    if error.is_timeout() {
        return HttpError::TimedOut(host);
    }
    if error.is_builder() {
        return HttpError::Request(error);
    }
    HttpError::Unreachable { host, source: error }
}

fn cut(error: reqwest::Error, host: &str) -> HttpError {
    if error.is_timeout() {
        return HttpError::TimedOut(host.to_owned());
    }
    HttpError::Cut { host: host.to_owned(), source: error.without_url() }
}

fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or("the provider");
    match url.port() {
        Some(port) if host_is_loopback(url) => format!("{name}:{port}"),
        Some(_) | None => name.to_owned(),
    }
}

impl HttpError {
    /// Returns what the provider's caller can do about it.
    pub(crate) fn into_provider_error(self) -> ProviderError {
        let kind = match &self {
            Self::Unreachable { .. } | Self::Cut { .. } => ProviderErrorKind::TRANSIENT,
            Self::Unavailable { retry_after, .. } => {
                ProviderErrorKind::Transient { retry_after: *retry_after }
            }
            Self::TimedOut(_) => ProviderErrorKind::TimedOut,
            Self::Status { .. } | Self::Request(_) | Self::Setup(_) => {
                ProviderErrorKind::Misconfigured
            }
            Self::Redirected(_) | Self::TooLarge(_) | Self::NotJson(_) => {
                ProviderErrorKind::Protocol
            }
        };
        ProviderError::new(kind, self.to_string()).source(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_waits() {
        assert_eq!(wait("120", None), Some(Duration::from_mins(2)));
        assert_eq!(wait(" 0 ", None), Some(Duration::ZERO));
        let (until, now) = ("Fri, 31 Dec 1999 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:19 GMT");
        assert_eq!(wait(until, Some(now)), Some(Duration::from_secs(40)));
    }

    #[test]
    fn a_wait_is_bounded() {
        assert_eq!(wait("99999999999999999999999999", None), Some(LONGEST_WAIT));
        let (until, now) = ("Thu, 31 Dec 2099 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:19 GMT");
        assert_eq!(wait(until, Some(now)), Some(LONGEST_WAIT));
    }

    #[test]
    fn what_is_neither_says_nothing() {
        for value in ["", "-5", "soon", "1.5", "Fri, 99 Foo 1999 23:59:59 GMT"] {
            assert_eq!(wait(value, Some("Fri, 31 Dec 1999 23:59:19 GMT")), None, "{value}");
        }
        assert_eq!(wait("Fri, 31 Dec 1999 23:59:59 GMT", None), None, "no date to compare it to");
        let past = wait("Fri, 31 Dec 1999 23:59:59 GMT", Some("Sat, 01 Jan 2000 00:00:00 GMT"));
        assert_eq!(past, None);
    }

    fn wait(value: &str, now: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        headers.extend(now.map(|now| (DATE, now.parse().unwrap())));
        retry_after(&headers)
    }
}
