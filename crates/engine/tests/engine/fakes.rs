use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use lanyard_cache::{Cache, CacheKeys, Salt};
use lanyard_core::config::{KeySource, Profile, parse};
use lanyard_core::descriptor::{Descriptor, Field, FieldKind, Method, Strap};
use lanyard_core::provider::{
    AcquireRequest, Acquired, Person, Provider, ProviderError, ProviderErrorKind, RedirectRule,
    Revocation, SignInRequest, SignedIn, UserCode, Way,
};
use lanyard_core::{
    AccessToken, Account, AccountId, Audience, Binding, Caller, Clock, Code, Executable, Failure,
    Grant, IdToken, Passphrase, RedirectAnswer, RefreshToken, Scopes, SealKey, SecretKey,
    TestClock, Token, TokenKey, WebUrl,
};
use lanyard_engine::{
    Answer, Callbacks, ConfigFile, Engine, Issued, Listener, Parts, Rekey, SignInState, Stage,
    TokenRequest, Vault,
};
use secrecy::ExposeSecret;
use tokio::sync::{Semaphore, watch};
use url::Url;
use zeroize::Zeroizing;

pub(crate) static ACME: Descriptor = Descriptor {
    id: "acme",
    label: "Acme",
    summary: "",
    strap: Strap { light: "#000000", dark: "#ffffff" },
    has_tenants: false,
    client_key: "client_id",
    endpoints: &[],
    methods: &[
        Method { id: "code", label: "", default_scopes: &["read"], fields: FIELDS },
        Method { id: "device-code", label: "", default_scopes: &["read"], fields: FIELDS },
    ],
};

const FIELDS: &[Field] = &[field("client_id", None), field("issuer", Some("https://id.example"))];

const fn field(key: &'static str, default: Option<&'static str>) -> Field {
    let (label, help, example) = ("", "", "");
    Field { key, kind: FieldKind::Text, required: false, label, help, example, default }
}

/// `open` names no client: its provider registers one.
pub(crate) const CONFIG: &str = "default_profile = \"work\"\n\
    [profile.open]\nprovider = \"acme\"\n\
    [profile.work]\nprovider = \"acme\"\nclient_id = \"client\"\n";

/// A provider that answers as it is told and records what it was asked.
pub(crate) struct FakeProvider {
    /// The refresh tokens that it was sent, in order.
    pub(crate) refreshes: Mutex<Vec<String>>,
    /// What it answers next; without one it rotates the grant and gives a token for an hour.
    pub(crate) answers: Mutex<VecDeque<ProviderErrorKind>>,
    /// A permit for each answer: tests hold it back.
    pub(crate) gate: Semaphore,
    pub(crate) lifetime: Mutex<Duration>,
    /// For how long it wants to be left alone when it gives an error.
    pub(crate) retry_after: Mutex<Option<Duration>>,
    pub(crate) revoked: Mutex<Vec<String>>,
    /// The registered client of each sign-in.
    pub(crate) registered: Mutex<Vec<Option<Binding>>>,
}

#[async_trait]
impl Provider for FakeProvider {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    fn issuer<'a>(&self, profile: &'a Profile) -> Option<&'a str> {
        profile.text("issuer")
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
            let kind = match (kind, *self.retry_after.lock().unwrap()) {
                (ProviderErrorKind::Transient { .. }, retry_after) => {
                    ProviderErrorKind::Transient { retry_after }
                }
                (kind, _) => kind,
            };
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
    pub(crate) config: Arc<Mutex<Arc<ConfigFile>>>,
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
        Cache::open(&self.0, keys()).map_err(|error| error.to_failure())
    }

    fn check(&self, passphrase: Passphrase) -> Result<(), Failure> {
        match passphrase.expose_secret() {
            "right" => Ok(()),
            _ => Err(Failure::new(Code::WrongKey, "wrong passphrase")),
        }
    }

    fn source(&self) -> KeySource {
        KeySource::Passphrase
    }

    fn rekey(&self, _: &mut Cache, change: Rekey) -> Result<(), Failure> {
        change.passphrase.map_or(Ok(()), |passphrase| self.check(passphrase))
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
        retry_after: Mutex::default(),
        revoked: Mutex::default(),
        registered: Mutex::default(),
    });
    let config = Arc::new(Mutex::new(profile_work("")));
    let desktop = Arc::<Desktop>::default();
    let clock_of = Arc::new(clock.clone());
    let engine = engine_on(&desktop, &dir, cache, Arc::clone(&provider) as _, clock_of, &config);
    Fixture { dir, engine, provider, clock, config, desktop }
}

/// An engine over these, as a broker would start it.
pub(crate) fn engine(
    dir: &tempfile::TempDir,
    provider: Arc<dyn Provider>,
    clock: Arc<dyn Clock>,
    config: &Arc<Mutex<Arc<ConfigFile>>>,
) -> Engine {
    engine_on(&Arc::default(), dir, open(dir), provider, clock, config)
}

fn engine_on(
    desktop: &Arc<Desktop>,
    dir: &tempfile::TempDir,
    cache: Cache,
    provider: Arc<dyn Provider>,
    clock: Arc<dyn Clock>,
    config: &Arc<Mutex<Arc<ConfigFile>>>,
) -> Engine {
    let config = Arc::clone(config);
    let parts = Parts {
        cache: Some(cache),
        vault: Arc::new(FakeVault(dir.path().join("home/cache.db"))),
        stage: Arc::clone(desktop) as Arc<dyn Stage>,
        providers: vec![provider],
        config: Arc::new(move || Ok(Arc::clone(&config.lock().unwrap()))),
        clock,
        callbacks: Arc::new(NoBrowser),
    };
    Engine::new(parts).unwrap()
}

/// A config with profile `work` and these further lines in it.
pub(crate) fn profile_work(lines: &str) -> Arc<ConfigFile> {
    config_file(&format!("{CONFIG}{lines}"))
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

    /// Has the profile these further lines, and the person agree to them.
    pub(crate) async fn now_has(&self, lines: &str) {
        *self.config.lock().unwrap() = profile_work(lines);
        for prompt in self.engine.prompts() {
            self.engine.answer(&prompt.id, Answer::Allow).await.unwrap();
        }
    }

    pub(crate) fn pass(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }
}

/// Opens the fixture's file without the program.
pub(crate) fn by_hand(dir: &tempfile::TempDir) -> rusqlite::Connection {
    let file = rusqlite::Connection::open(dir.path().join("home/cache.db")).unwrap();
    file.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "07".repeat(32))).unwrap();
    file
}

/// Adds accounts `user-N` with a grant and with tokens for `scope-N`, beside the fixture's own.
pub(crate) fn crowd(dir: &tempfile::TempDir, accounts: u32, tokens_each: u32) {
    let mut cache = open(dir);
    for number in 0..accounts.min(32) {
        let name = format!("user-{number}");
        let id = AccountId::from_text(format!("id-{number}"));
        let account = Account { id, subject: name.clone(), username: name, ..account() };
        let key = TokenKey { account: account.id.clone(), ..key("read") };
        let token = token("first", start(), Duration::from_hours(1));
        cache.put_sign_in(&account, None, Some(&grant("grant-0")), (&key, &token)).unwrap();
    }
    let file = by_hand(dir);
    file.execute_batch("BEGIN").unwrap();
    let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers
        WHERE n + 1 < ?1)";
    let more = format!(
        "INSERT OR IGNORE INTO accounts (id, profile, provider, issuer, subject, username,
        signed_in_at) {numbers} SELECT 'id-' || n, profile, provider, issuer, 'user-' || n,
        'user-' || n, signed_in_at FROM numbers, (SELECT * FROM accounts WHERE id = 'a1')"
    );
    file.execute(&more, [accounts]).unwrap();
    for scope in 0..tokens_each {
        let audience = Audience::Scopes(Scopes::parse(&format!("scope-{scope}"))).key();
        let tokens = format!(
            "INSERT INTO tokens (account, tenant, client_id, audience, access_token, scopes,
            obtained_at, expires_at) {numbers} SELECT 'id-' || n, tenant, client_id, ?2,
            'token-' || n || '-' || ?3, scopes, obtained_at, expires_at
            FROM numbers, (SELECT * FROM tokens WHERE account = 'a1')"
        );
        file.execute(&tokens, (accounts, audience, scope)).unwrap();
    }
    file.execute_batch("COMMIT").unwrap();
}

/// Has the disk take no token, or take them again.
pub(crate) fn disk_is_full(dir: &tempfile::TempDir, is_full: bool) {
    let file = by_hand(dir);
    file.execute_batch("DROP TRIGGER IF EXISTS full").unwrap();
    if is_full {
        let sql =
            "CREATE TRIGGER full BEFORE INSERT ON tokens BEGIN SELECT RAISE(ABORT, 'full'); END";
        file.execute_batch(sql).unwrap();
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

/// Has the person let the program `tool` have this of every account.
pub(crate) fn allow(dir: &tempfile::TempDir, audience: &str) {
    let sql = "INSERT OR REPLACE INTO approvals
        (caller, caller_name, account, audience, created_at, expires_at, allowed)
        SELECT ?1, 'tool', id, ?2, 0, 9000000000000, 1 FROM accounts";
    by_hand(dir).execute(sql, [program("tool").key().unwrap(), audience.to_owned()]).unwrap();
}

/// A program that the system knows.
pub(crate) fn program(name: &str) -> Caller {
    let path = std::path::PathBuf::from(format!("/usr/bin/{name}"));
    let executable = Executable { path, device: 1, inode: 2, digest: "d".into() };
    let folder = Some("/work".into());
    Caller { pid: Some(7), executable: Some(executable), folder, ..Caller::default() }
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

pub(crate) fn grant(secret: &str) -> Grant {
    let binding = Binding {
        issuer: "https://id.example".into(),
        token_endpoint: "https://id.example/token".into(),
        client_id: "client".into(),
    };
    Grant { refresh_token: RefreshToken::new(secret), binding, expires_at: None }
}

pub(crate) fn token(secret: &str, now: Timestamp, lifetime: Duration) -> Token {
    Token {
        access_token: AccessToken::new(secret),
        id_token: Some(IdToken::new("id")),
        id_expires_at: Some(now + lifetime / 2),
        scopes: Scopes::parse("read"),
        obtained_at: now,
        expires_at: now + lifetime,
    }
}

pub(crate) fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}
