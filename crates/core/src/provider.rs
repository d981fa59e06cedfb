//! The joint: what every identity provider does, and what it is given to do it with.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use url::Url;

use crate::config::{Profile, SecretRef};
use crate::descriptor::Descriptor;
use crate::{
    AccessToken, Audience, Binding, ClientSecret, Clock, Code, Failure, Grant, RedirectAnswer,
    RefreshToken, Token, WebUrl,
};

/// An identity provider. It never touches the cache, another provider, the environment or the
/// screen: what it needs of a person goes through [`Person`].
#[async_trait]
pub trait Provider: Send + Sync {
    /// Returns what the provider says of itself.
    fn descriptor(&self) -> &'static Descriptor;

    /// Returns the address of the public document that sign-ins begin with, where there is one.
    fn discovery_document(&self, _profile: &Profile) -> Option<WebUrl> {
        None
    }

    /// Returns the issuer that its accounts have by this profile, where the profile tells.
    fn issuer<'a>(&self, _profile: &'a Profile) -> Option<&'a str> {
        None
    }

    /// Signs a person in, with a browser or a form.
    ///
    /// # Errors
    /// `Denied` if the person or the provider said no; nothing is left behind.
    async fn sign_in(
        &self,
        profile: &Profile,
        request: SignInRequest,
        person: &dyn Person,
    ) -> Result<SignedIn, ProviderError>;

    /// Gets a token with no person involved.
    ///
    /// # Errors
    /// `GrantDead` only where the provider clearly says that the grant is dead; the engine then
    /// marks it so. Every other kind leaves the grant as it is.
    async fn acquire(
        &self,
        profile: &Profile,
        request: AcquireRequest<'_>,
    ) -> Result<Acquired, ProviderError>;

    /// Returns whether tokens of `issuer` are got through this profile.
    fn is_issuer(&self, profile: &Profile, issuer: &str) -> bool {
        profile.text("issuer") == Some(issuer)
    }

    /// Returns a proof that whoever sends a token holds its key (RFC 9449, section 4).
    ///
    /// # Errors
    /// `Misconfigured` if the grant's tokens are bearer tokens, which need none.
    fn prove(&self, grant: &Grant, usage: &TokenUse<'_>) -> Result<String, ProviderError> {
        let _ = (grant, usage);
        Err(ProviderError::new(ProviderErrorKind::Misconfigured, "the tokens need no proof"))
    }

    /// Ends the grant at the provider (RFC 7009), where it offers that.
    async fn revoke(&self, profile: &Profile, grant: Grant) -> Result<Revocation, ProviderError>;
}

/// What a sign-in is asked for.
#[derive(Clone)]
pub struct SignInRequest {
    /// Whom the page should suggest.
    pub username: Option<String>,
    /// The tenant, where it is not the profile's.
    pub tenant: Option<String>,
    /// How the person signs in.
    pub way: Way,
    /// The client that an earlier sign-in of the profile registered, where the profile names none.
    pub registered: Option<Binding>,
    /// The time, for checks of an answer that may come minutes after the question.
    pub clock: Arc<dyn Clock>,
}

/// How a person signs in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Way {
    /// As the profile's method says.
    #[default]
    Usual,
    /// With a code that is entered in a browser on any machine (RFC 8628).
    DeviceCode,
}

/// What a token is asked for with.
#[derive(Debug)]
pub struct AcquireRequest<'a> {
    /// The grant, sealed to one place.
    pub grant: &'a Grant,
    /// The tenant; empty where the provider has none.
    pub tenant: &'a str,
    /// The account's subject at the issuer, which an answer must repeat.
    pub subject: &'a str,
    /// What the token is for.
    pub audience: &'a Audience,
    /// A claims challenge of the resource, as JSON.
    pub claims: Option<&'a str>,
    /// The moment, for checks of the answer.
    pub now: Timestamp,
}

/// The one request that a token is going to be sent with.
#[derive(Debug)]
pub struct TokenUse<'a> {
    /// The token.
    pub token: &'a AccessToken,
    /// The request's method, such as `GET`.
    pub method: &'a str,
    /// The request's address.
    pub url: &'a Url,
    /// The moment.
    pub now: Timestamp,
}

/// What a sign-in gave.
#[derive(Debug)]
pub struct SignedIn {
    /// The issuer that vouches for the subject.
    pub issuer: String,
    /// The provider's stable name for the person.
    pub subject: String,
    /// What the person types to sign in.
    pub username: String,
    /// The person's name.
    pub display_name: Option<String>,
    /// The tenant's id and name, where the provider has tenants.
    pub tenant: Option<crate::Tenant>,
    /// What the token is for.
    pub audience: Audience,
    /// The first token.
    pub token: Token,
    /// The grant, where the provider gave one.
    pub grant: Option<Grant>,
}

/// What a request for a token gave.
#[derive(Debug)]
pub struct Acquired {
    /// The token.
    pub token: Token,
    /// The grant that replaces the one that was used (rotation, RFC 9700 section 4.14).
    pub rotated: Option<RefreshToken>,
    /// When the provider ends the grant, as far as it said.
    pub grant_expires_at: Option<Timestamp>,
}

/// What became of a grant at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// The provider ended it.
    Revoked,
    /// The provider offers no revocation.
    NotOffered,
}

/// Where the secrets are that a profile refers to.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// Returns the secret.
    ///
    /// # Errors
    /// `Misconfigured` if there is none under that name.
    async fn read(&self, reference: &SecretRef) -> Result<ClientSecret, ProviderError>;
}

/// The person at the machine, as far as a provider meets them.
#[async_trait]
pub trait Person: Send + Sync {
    /// Starts to listen for the provider's redirect.
    async fn expect_redirect(&self, rule: RedirectRule)
    -> Result<Box<dyn Redirect>, ProviderError>;

    /// Shows a code that the person is to enter on the provider's page.
    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError>;

    /// Waits while the person is elsewhere.
    async fn pause(&self, time: Duration);
}

/// A code that is entered on a provider's page, in a browser on any machine (RFC 8628, section 3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode {
    /// What the person enters: one line without control characters.
    pub code: String,
    /// Where they enter it.
    pub page: WebUrl,
    /// The same page with the code already in it, where the provider has one.
    pub page_with_code: Option<WebUrl>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Where a redirect may arrive (RFC 8252, section 7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectRule {
    /// The host in the redirect URI: `127.0.0.1`, `[::1]` or `localhost`.
    pub host: String,
    /// The path.
    pub path: String,
    /// The ports to try in order; empty lets the system choose.
    pub ports: Vec<u16>,
}

/// A redirect that is being listened for, until it is dropped.
#[async_trait]
pub trait Redirect: Send {
    /// Returns the address to announce to the provider.
    fn uri(&self) -> &Url;

    /// Has the person visit `page`, and waits for the one answer that carries `state`.
    async fn visit(
        self: Box<Self>,
        page: Url,
        state: String,
    ) -> Result<RedirectAnswer, ProviderError>;
}

/// What the caller of a provider can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderErrorKind {
    /// Have the person sign in: the provider said that the grant is dead.
    GrantDead,
    /// Have the person sign in: the grant is alive, and not enough for this token.
    SignInRequired,
    /// Try again later.
    Transient {
        /// The shortest wait, as far as the provider said.
        retry_after: Option<Duration>,
    },
    /// Accept it: a person or a rule said no.
    Denied,
    /// Mend the profile, or the registration at the provider.
    Misconfigured,
    /// Try again: the person or the provider took too long.
    TimedOut,
    /// Report it: the provider broke the protocol.
    Protocol,
}

/// A provider's error. Message and detail hold no token and no response body.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ProviderError {
    /// What can be done.
    pub kind: ProviderErrorKind,
    /// What happened, in words.
    pub message: String,
    /// What the person can do, where it is not what this kind of error asks for.
    pub action: Option<String>,
    /// The provider's error code.
    pub detail: Option<String>,
    /// What lies under it.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ProviderErrorKind {
    /// Try again later; nobody said when.
    pub const TRANSIENT: Self = Self::Transient { retry_after: None };

    /// Returns for how long the provider wants to be left alone.
    pub fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Transient { retry_after } => retry_after,
            Self::GrantDead
            | Self::SignInRequired
            | Self::Denied
            | Self::Misconfigured
            | Self::TimedOut
            | Self::Protocol => None,
        }
    }
}

impl ProviderError {
    /// Returns an error of this kind.
    pub fn new(kind: ProviderErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), action: None, detail: None, source: None }
    }

    /// Returns it with what the person can do.
    #[must_use]
    pub fn action(mut self, action: impl Into<String>) -> Self {
        self.action = Some(action.into());
        self
    }

    /// Returns it with the provider's error code.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Returns it with its cause.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Returns what scripts and views get to see.
    pub fn to_failure(&self) -> Failure {
        let (code, action) = match self.kind {
            ProviderErrorKind::GrantDead | ProviderErrorKind::SignInRequired => {
                (Code::SignInRequired, "sign in again")
            }
            ProviderErrorKind::Transient { .. } => {
                (Code::ProviderUnreachable, "try again in a moment")
            }
            ProviderErrorKind::Denied => (Code::Refused, "sign in again if that was not meant"),
            ProviderErrorKind::Misconfigured => {
                (Code::ProviderRefused, "check the profile against the provider's registration")
            }
            ProviderErrorKind::TimedOut => (Code::TimedOut, "try again"),
            ProviderErrorKind::Protocol => {
                (Code::ProviderRefused, "check that the profile names the right provider")
            }
        };
        let when = self.kind.retry_after().map(|wait| format!("try again in {} s", wait.as_secs()));
        let action = self.action.clone().or(when).unwrap_or_else(|| action.to_owned());
        let failure = Failure::new(code, self.message.clone()).action(action);
        match &self.detail {
            Some(detail) => failure.detail(detail.clone()),
            None => failure,
        }
    }
}
