use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use lanyard_cache::{Cache, CacheKeys};
use lanyard_core::config::{Profile, parse};
use lanyard_core::descriptor::{Descriptor, Field, FieldKind, Method, Strap};
use lanyard_core::provider::{
    AcquireRequest, Acquired, Person, Provider, ProviderError, ProviderErrorKind, RedirectRule,
    Revocation, SignInRequest, SignedIn, UserCode, Way,
};
use lanyard_core::{
    AccessToken, Account, AccountId, Audience, Binding, Caller, Failure, Grant, IdToken,
    RedirectAnswer, RefreshToken, Scopes, SealKey, SecretKey, TestClock, Token, TokenKey, WebUrl,
};
use lanyard_engine::{Callbacks, Engine, Issued, Listener, Parts, SignInState, TokenRequest};
use secrecy::ExposeSecret;
use tokio::sync::{Semaphore, watch};
use url::Url;
use zeroize::Zeroizing;

static ACME: Descriptor = Descriptor {
    id: "acme",
    label: "Acme",
    summary: "",
    strap: Strap { light: "#000000", dark: "#ffffff" },
    has_tenants: false,
    client_key: "client_id",
    endpoints: &[],
    methods: &[
        Method { id: "code", label: "", default_scopes: &["read"], fields: &[CLIENT_ID] },
        Method { id: "device-code", label: "", default_scopes: &["read"], fields: &[CLIENT_ID] },
    ],
};

const CLIENT_ID: Field = Field {
    key: "client_id",
    kind: FieldKind::Text,
    required: false,
    label: "",
    help: "",
    example: "",
    default: None,
};

/// `open` names no client: its provider registers one.
const CONFIG: &str = "default_profile = \"work\"\n\
    [profile.work]\nprovider = \"acme\"\nclient_id = \"client\"\n\
    [profile.open]\nprovider = \"acme\"\n";

/// A provider that answers as it is told and records what it was asked.
pub(crate) struct FakeProvider {
    /// The refresh tokens that it was sent, in order.
    pub(crate) refreshes: Mutex<Vec<String>>,
    /// What it answers next; without one it rotates the grant and gives a token for an hour.
    pub(crate) answers: Mutex<VecDeque<ProviderErrorKind>>,
    /// A permit for each answer: tests hold it back.
    pub(crate) gate: Semaphore,
    pub(crate) lifetime: Mutex<Duration>,
    pub(crate) revoked: Mutex<Vec<String>>,
    /// The registered client of each sign-in.
    pub(crate) registered: Mutex<Vec<Option<Binding>>>,
}

#[async_trait]
impl Provider for FakeProvider {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    async fn sign_in(
        &self,
        _: &Profile,
        request: SignInRequest,
        person: &dyn Person,
    ) -> Result<SignedIn, ProviderError> {
        self.registered.lock().unwrap().push(request.registered);
        if request.way == Way::DeviceCode {
            person.show_code(user_code(request.clock.now())).await?;
            person.pause(Duration::from_hours(1)).await;
            return Err(ProviderError::new(ProviderErrorKind::TimedOut, "an hour went by"));
        }
        let rule =
            RedirectRule { host: "127.0.0.1".into(), path: "/callback".into(), ports: Vec::new() };
        let redirect = person.expect_redirect(rule).await?;
        let page = Url::parse("https://id.example/authorize").unwrap();
        let answer = redirect.visit(page, "state".into()).await?;
        let code =
            answer.outcome.map_err(|e| ProviderError::new(ProviderErrorKind::Denied, e.error))?;
        Ok(SignedIn {
            issuer: "https://id.example".into(),
            subject: code.expose_secret().into(),
            username: code.expose_secret().into(),
            display_name: None,
            tenant: None,
            audience: Audience::Scopes(Scopes::parse("read")),
            token: token("first", request.clock.now(), Duration::from_hours(1)),
            grant: Some(grant("grant-0")),
        })
    }

    async fn acquire(
        &self,
        _: &Profile,
        request: AcquireRequest<'_>,
    ) -> Result<Acquired, ProviderError> {
        let sent = request.grant.refresh_token.expose_secret().to_owned();
        let number = {
            let mut refreshes = self.refreshes.lock().unwrap();
            refreshes.push(sent);
            refreshes.len()
        };
        self.gate.acquire().await.unwrap().forget();
        if let Some(kind) = self.answers.lock().unwrap().pop_front() {
            return Err(ProviderError::new(kind, "as told"));
        }
        let lifetime = *self.lifetime.lock().unwrap();
        let token = token(&format!("token-{number}"), request.now, lifetime);
        let rotated = Some(RefreshToken::new(format!("grant-{number}")));
        Ok(Acquired { token, rotated, grant_expires_at: None })
    }

    async fn revoke(&self, _: &Profile, grant: Grant) -> Result<Revocation, ProviderError> {
        self.revoked.lock().unwrap().push(grant.refresh_token.expose_secret().to_owned());
        match self.answers.lock().unwrap().pop_front() {
            Some(kind) => Err(ProviderError::new(kind, "as told")),
            None => Ok(Revocation::Revoked),
        }
    }
}

/// A browser that never comes back by itself: tests paste the return address.
struct NoBrowser;

struct Silent(Url);

#[async_trait]
impl Callbacks for NoBrowser {
    async fn listen(
        &self,
        _: RedirectRule,
        _: watch::Receiver<SignInState>,
    ) -> Result<Box<dyn Listener>, ProviderError> {
        Ok(Box::new(Silent(Url::parse("http://127.0.0.1:9/callback").unwrap())))
    }
}

#[async_trait]
impl Listener for Silent {
    fn uri(&self) -> &Url {
        &self.0
    }

    async fn wait(self: Box<Self>, _: String) -> Result<RedirectAnswer, ProviderError> {
        std::future::pending().await
    }
}

pub(crate) struct Fixture {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) engine: Engine,
    pub(crate) provider: Arc<FakeProvider>,
    pub(crate) clock: TestClock,
}

/// An engine with profile `work`, and with one account whose token ends in an hour.
pub(crate) fn signed_in() -> Fixture {
    fixture(true)
}

/// An engine with profile `work`, and nobody signed in.
pub(crate) fn signed_out() -> Fixture {
    fixture(false)
}

fn fixture(with_account: bool) -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let clock = TestClock::at(start());
    let mut cache = open(&dir);
    if with_account {
        let token = token("first", start(), Duration::from_hours(1));
        cache
            .put_sign_in(&account(), None, Some(&grant("grant-0")), (&key("read"), &token))
            .unwrap();
    }
    let provider = Arc::new(FakeProvider {
        refreshes: Mutex::default(),
        answers: Mutex::default(),
        gate: Semaphore::new(1000),
        lifetime: Mutex::new(Duration::from_hours(1)),
        revoked: Mutex::default(),
        registered: Mutex::default(),
    });
    let config = Arc::new(parse(CONFIG, &[&ACME]).unwrap());
    let engine = Engine::new(Parts {
        cache,
        providers: vec![Arc::clone(&provider) as Arc<dyn Provider>],
        config: Arc::new(move || Ok(Arc::clone(&config))),
        clock: Arc::new(clock.clone()),
        callbacks: Arc::new(NoBrowser),
    });
    Fixture { dir, engine, provider, clock }
}

impl Fixture {
    pub(crate) async fn ask(&self) -> Result<Issued, Failure> {
        self.engine.token(TokenRequest::default(), &Caller::default()).await
    }

    pub(crate) fn refreshes(&self) -> Vec<String> {
        self.provider.refreshes.lock().unwrap().clone()
    }

    pub(crate) fn will_answer(&self, kind: ProviderErrorKind) {
        self.provider.answers.lock().unwrap().push_back(kind);
    }

    pub(crate) fn pass(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }
}

/// Opens the fixture's file a second time, as the next broker would.
pub(crate) fn open(dir: &tempfile::TempDir) -> Cache {
    let key = || Zeroizing::new([7; 32]);
    let keys = CacheKeys { file: SecretKey::new(key()), seal: SealKey::new(key()) };
    Cache::open(&dir.path().join("home/cache.db"), keys).unwrap()
}

pub(crate) fn secret(issued: &Issued) -> String {
    issued.token.access_token.expose_secret().to_owned()
}

pub(crate) fn account() -> Account {
    Account {
        id: AccountId::from_text("a1"),
        profile: "work".parse().unwrap(),
        provider: "acme".into(),
        issuer: "https://id.example".into(),
        subject: "maria".into(),
        username: "maria".into(),
        display_name: None,
        tenant: None,
        direct: false,
        signed_in_at: start(),
        last_refresh_at: None,
        last_error: None,
    }
}

pub(crate) fn key(scope: &str) -> TokenKey {
    TokenKey {
        account: AccountId::from_text("a1"),
        tenant: String::new(),
        client_id: "client".into(),
        audience: Audience::Scopes(Scopes::parse(scope)),
    }
}

pub(crate) fn user_code(now: Timestamp) -> UserCode {
    UserCode {
        code: "BDWP-HQPK".into(),
        page: WebUrl::parse("https://id.example/device").unwrap(),
        page_with_code: None,
        expires_at: now + Duration::from_mins(15),
    }
}

fn grant(secret: &str) -> Grant {
    let binding = Binding {
        issuer: "https://id.example".into(),
        token_endpoint: "https://id.example/token".into(),
        client_id: "client".into(),
    };
    Grant { refresh_token: RefreshToken::new(secret), binding, expires_at: None }
}

fn token(secret: &str, now: Timestamp, lifetime: Duration) -> Token {
    Token {
        access_token: AccessToken::new(secret),
        id_token: Some(IdToken::new("id")),
        id_expires_at: Some(now + lifetime / 2),
        scopes: Scopes::parse("read"),
        obtained_at: now,
        expires_at: now + lifetime,
    }
}

fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}
