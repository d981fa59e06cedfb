//! The device authorization grant: a code that is entered in any browser (RFC 8628).

use std::time::Duration;

use lanyard_core::provider::{Person, ProviderError, ProviderErrorKind, UserCode};
use lanyard_core::{Clock, ProofKey, Scopes, WebUrl, plain_line};
use serde::Deserialize;

use super::error::Asked;
use super::post::Post;
use super::token::{AnswerWire, answer_of};
use super::{Answer, ClientAuth, Discovery};
use crate::http::Http;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How long to wait between questions where the provider does not say (section 3.5).
const USUAL_INTERVAL: u64 = 5;

/// What `slow_down` adds (section 3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// Longest wait that a provider which is down causes by itself.
const SLOWEST: Duration = Duration::from_mins(1);

/// Longest that a code is waited for, whatever the provider allows.
const LONGEST: Duration = Duration::from_mins(30);

/// Longest code that a person is asked to enter.
const LONGEST_CODE: usize = 64;

/// Longest `device_code` that is sent back at each question.
const LONGEST_SECRET: usize = 8192;

/// The answer to the first request (section 3.2).
#[derive(Deserialize)]
struct DeviceWire {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    verification_uri_complete: Option<String>,
    expires_in: u64,
    interval: Option<u64>,
}

/// One run of the flow.
pub(crate) struct DeviceFlow<'a> {
    pub(crate) http: &'a Http,
    pub(crate) discovery: &'a Discovery,
    pub(crate) auth: &'a ClientAuth,
    pub(crate) key: Option<&'a ProofKey>,
    pub(crate) scopes: &'a Scopes,
    /// Further parameters of the token request.
    pub(crate) token_parameters: &'a [(&'static str, &'static str)],
    pub(crate) clock: &'a dyn Clock,
}

impl DeviceFlow<'_> {
    /// Shows the person a code, and asks the provider until they entered it.
    pub(crate) async fn run(&self, person: &dyn Person) -> Result<Answer, ProviderError> {
        let endpoint = self.discovery.device_authorization_endpoint.as_ref().ok_or_else(|| {
            let message = "the provider offers no device codes: sign in with the browser";
            ProviderError::new(ProviderErrorKind::Misconfigured, message)
        })?;
        let post = Post { key: None, url: endpoint, ..self.token_endpoint() };
        let scope = self.scopes.to_string();
        let begun: DeviceWire = post.ask(&[("scope", &scope)], Asked::Code).await?;
        let lifetime = Duration::from_secs(begun.expires_in).min(LONGEST);
        person.show_code(self.user_code(&begun, lifetime)?).await?;
        self.wait(&begun, lifetime, person).await
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

    /// Checks what the person is going to see.
    fn user_code(&self, begun: &DeviceWire, lifetime: Duration) -> Result<UserCode, ProviderError> {
        let code = begun.user_code.trim();
        if code.is_empty() || code.chars().count() > LONGEST_CODE || !plain_line(code) {
            return Err(protocol("the provider's code is none that a person could enter"));
        }
        if begun.device_code.is_empty() || begun.device_code.len() > LONGEST_SECRET {
            return Err(protocol("the provider's device code is empty or far too long"));
        }
        let page = |text: &String| {
            WebUrl::parse(text)
                .map_err(|_| protocol("the provider sends people to an unsafe address"))
        };
        let far = |_| protocol("the provider's code never ends");
        Ok(UserCode {
            code: code.to_owned(),
            page: page(&begun.verification_uri)?,
            page_with_code: begun.verification_uri_complete.as_ref().map(page).transpose()?,
            expires_at: self.clock.now().checked_add(lifetime).map_err(far)?,
        })
    }

    /// Asks at the provider's pace. What counts is the time that was waited, not the clock's: that
    /// may be set meanwhile.
    async fn wait(
        &self,
        begun: &DeviceWire,
        lifetime: Duration,
        person: &dyn Person,
    ) -> Result<Answer, ProviderError> {
        let mut fields = vec![("grant_type", GRANT_TYPE), ("device_code", &begun.device_code)];
        fields.extend(self.token_parameters);
        let mut interval = Duration::from_secs(begun.interval.unwrap_or(USUAL_INTERVAL).max(1));
        let mut left = lifetime;
        loop {
            person.pause(interval.min(left)).await;
            left = left.checked_sub(interval).ok_or_else(too_late)?;
            let post = self.token_endpoint();
            interval = match post.send::<AnswerWire>(&fields).await {
                Ok(Ok(answer)) => return answer_of(&answer, self.scopes, post.now, self.key),
                Ok(Err(refusal)) => match refusal.code() {
                    "authorization_pending" => interval,
                    "slow_down" => interval.saturating_add(SLOWER),
                    "expired_token" => return Err(too_late()),
                    _ => return Err(refusal.into_error(Asked::Code)),
                },
                Err(error) => slower(interval, error)?,
            };
        }
    }
}

/// Returns the wait after a question that got no answer: section 3.5 has the client ask less often.
fn slower(interval: Duration, error: ProviderError) -> Result<Duration, ProviderError> {
    let asked = match error.kind {
        ProviderErrorKind::Transient { retry_after } => retry_after.unwrap_or_default(),
        ProviderErrorKind::TimedOut => Duration::ZERO,
        ProviderErrorKind::GrantDead
        | ProviderErrorKind::SignInRequired
        | ProviderErrorKind::Denied
        | ProviderErrorKind::Misconfigured
        | ProviderErrorKind::Protocol => return Err(error),
    };
    Ok(interval.max(interval.saturating_mul(2).min(SLOWEST)).max(asked))
}

fn too_late() -> ProviderError {
    ProviderError::new(ProviderErrorKind::TimedOut, "nobody entered the code in time")
}

fn protocol(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Protocol, message)
}
