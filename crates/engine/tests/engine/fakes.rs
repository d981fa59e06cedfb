use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use lanyard_cache::{Cache, CacheKeys, Salt};
use lanyard_core::config::{Profile, parse};
use lanyard_core::descriptor::{Descriptor, Field, FieldKind, Method, Strap};
use lanyard_core::provider::{
    AcquireRequest, Acquired, Person, Provider, ProviderError, ProviderErrorKind, RedirectRule,
    Revocation, SignInRequest, SignedIn,
};
use lanyard_core::{
    AccessToken, Account, AccountId, Audience, Binding, Caller, Code, Executable, Failure, Grant,
    IdToken, Passphrase, RedirectAnswer, RefreshToken, Scopes, SealKey, SecretKey, TestClock,
    Token, TokenKey,
};
use lanyard_engine::{
    Callbacks, ConfigFile, Engine, Issued, Listener, Parts, SignInState, Stage, TokenRequest, Vault,
};
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
    methods: &[Method {
        id: "code",
        label: "",
        default_scopes: &["read"],
        fields: &[Field {
            key: "client_id",
            kind: FieldKind::Text,
            required: false,
            label: "",
            help: "",
            example: "",
            default: Some("client"),
        }],
    }],
};

/// The config file that the fixture begins with.
pub(crate) const CONFIG: &str = "[profile.work]\nprovider = \"acme\"\n";

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
    config: Arc<Mutex<Arc<ConfigFile>>>,
    pub(crate) desktop: Arc<Desktop>,
}

/// A desktop that may be there.
#[derive(Default)]
pub(crate) struct Desktop {
    pub(crate) is_there: AtomicBool,
    pub(crate) shown: AtomicUsize,
}

impl Stage for Desktop {
    fn is_there(&self) -> bool {
        self.is_there.load(Ordering::Relaxed)
    }

    fn show(&self) {
        self.shown.fetch_add(1, Ordering::Relaxed);
    }
}

/// Opens the fixture's file with the passphrase "right", or without one.
struct FakeVault(std::path::PathBuf);

impl Vault for FakeVault {
    fn open(&self, passphrase: Option<Passphrase>) -> Result<Cache, Failure> {
        passphrase.map_or(Ok(()), |passphrase| self.check(passphrase))?;
        Ok(Cache::open(&self.0, keys()).unwrap())
    }

    fn check(&self, passphrase: Passphrase) -> Result<(), Failure> {
        match passphrase.expose_secret() {
            "right" => Ok(()),
            _ => Err(Failure::new(Code::WrongKey, "wrong passphrase")),
        }
    }

    fn has_passphrase(&self) -> bool {
        true
    }
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
    });
    let config = Arc::new(Mutex::new(config_file(CONFIG)));
    let desktop = Arc::<Desktop>::default();
    let source = Arc::clone(&config);
    let engine = Engine::new(Parts {
        cache: Some(cache),
        vault: Arc::new(FakeVault(dir.path().join("home/cache.db"))),
        stage: Arc::clone(&desktop) as Arc<dyn Stage>,
        providers: vec![Arc::clone(&provider) as Arc<dyn Provider>],
        config: Arc::new(move || Ok(Arc::clone(&source.lock().unwrap()))),
        clock: Arc::new(clock.clone()),
        callbacks: Arc::new(NoBrowser),
    });
    Fixture { dir, engine: engine.unwrap(), provider, clock, config, desktop }
}

fn config_file(text: &str) -> Arc<ConfigFile> {
    let config = Arc::new(parse(text, &[&ACME]).unwrap());
    Arc::new(ConfigFile { text: text.to_owned(), config })
}

impl Fixture {
    pub(crate) async fn ask(&self) -> Result<Issued, Failure> {
        self.ask_as(&program("tool")).await
    }

    pub(crate) async fn ask_as(&self, caller: &Caller) -> Result<Issued, Failure> {
        self.engine.token(TokenRequest::default(), caller).await
    }

    /// Has the config file say this.
    pub(crate) fn write_config(&self, text: &str) {
        *self.config.lock().unwrap() = config_file(text);
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
    Cache::open(&dir.path().join("home/cache.db"), keys()).unwrap()
}

fn keys() -> CacheKeys {
    let key = || Zeroizing::new([7; 32]);
    CacheKeys::new(SecretKey::new(key()), SealKey::new(key()), Salt([7; 16]))
}

/// A program that the system knows.
pub(crate) fn program(name: &str) -> Caller {
    let path = std::path::PathBuf::from(format!("/usr/bin/{name}"));
    let executable = Executable { path, device: 1, inode: 2, digest: "d".into() };
    Caller { pid: Some(7), executable: Some(executable), ..Caller::default() }
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
