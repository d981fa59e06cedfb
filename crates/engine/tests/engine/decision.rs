//! The token decision under whatever happens to it, in any order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use lanyard_core::config::Profile;
use lanyard_core::descriptor::Descriptor;
use lanyard_core::provider::{
    AcquireRequest, Acquired, Person, Provider, ProviderError, ProviderErrorKind, Revocation,
    SignInRequest, SignedIn,
};
use lanyard_core::{Code, Failure, Grant, RefreshToken, TestClock};
use lanyard_engine::{AuditFilter, ConfigFile, Engine, Issued, TokenRequest};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::fakes::{
    ACME, account, allow, disk_is_full, engine, grant, key, open, profile_work, program, start,
    token,
};

#[derive(Debug, Clone)]
enum Event {
    Pass(i64),
    Ask { callers: usize, force: bool, audience: &'static str },
    Background,
    WillAnswer(Answer),
    DiskFull(bool),
    Restart,
    SignOutAndIn,
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    Rotated { lifetime: u64 },
    NotRotated,
    Refused(ProviderErrorKind, Option<u64>),
}

/// A provider that takes only the newest grant, and notes every breach of that.
#[derive(Default)]
struct Strict {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    number: u32,
    grant: String,
    answers: VecDeque<Answer>,
    under_way: u32,
    requests: u32,
    dead: bool,
    breaches: Vec<String>,
}

#[async_trait]
impl Provider for Strict {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    async fn sign_in(
        &self,
        _: &Profile,
        _: SignInRequest,
        _: &dyn Person,
    ) -> Result<SignedIn, ProviderError> {
        Err(ProviderError::new(ProviderErrorKind::Denied, "nobody is here"))
    }

    async fn acquire(
        &self,
        _: &Profile,
        request: AcquireRequest<'_>,
    ) -> Result<Acquired, ProviderError> {
        self.state.lock().unwrap().arrive(request.grant.refresh_token.expose_secret());
        tokio::task::yield_now().await;
        self.state.lock().unwrap().answer(&request)
    }

    async fn revoke(&self, _: &Profile, grant: Grant) -> Result<Revocation, ProviderError> {
        self.state.lock().unwrap().check(grant.refresh_token.expose_secret());
        Ok(Revocation::Revoked)
    }
}

impl State {
    fn arrive(&mut self, sent: &str) {
        self.requests += 1;
        self.under_way += 1;
        if self.under_way > 1 {
            self.breaches.push(format!("{sent} is used twice at once"));
        }
        if self.dead {
            self.breaches.push(format!("{sent} is sent although it is dead"));
        }
        self.check(sent);
    }

    fn check(&mut self, sent: &str) {
        if sent != self.grant {
            self.breaches.push(format!("{sent} is sent, and {} is the newest", self.grant));
        }
    }

    fn answer(&mut self, request: &AcquireRequest<'_>) -> Result<Acquired, ProviderError> {
        self.under_way -= 1;
        self.number += 1;
        let (lifetime, is_replaced) = match self.answers.pop_front() {
            None => (3600, true),
            Some(Answer::Rotated { lifetime }) => (lifetime, true),
            Some(Answer::NotRotated) => (3600, false),
            Some(Answer::Refused(kind, pause)) => {
                self.dead |= kind == ProviderErrorKind::GrantDead;
                let is_transient = matches!(kind, ProviderErrorKind::Transient { .. });
                let retry_after = pause.map(Duration::from_secs);
                let told = ProviderErrorKind::Transient { retry_after };
                let kind = if is_transient { told } else { kind };
                return Err(ProviderError::new(kind, "as told"));
            }
        };
        let name = format!("{}-{}", request.audience.key(), self.number);
        let token = token(&name, request.now, Duration::from_secs(lifetime));
        let rotated = is_replaced.then(|| format!("grant-{}", self.number));
        self.grant = rotated.clone().unwrap_or_else(|| self.grant.clone());
        let rotated = rotated.map(RefreshToken::new);
        Ok(Acquired { token, rotated, grant_expires_at: None })
    }
}

struct World {
    dir: tempfile::TempDir,
    clock: TestClock,
    config: Arc<Mutex<Arc<ConfigFile>>>,
    provider: Arc<Strict>,
    engine: Engine,
}

impl World {
    fn begin() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = TestClock::at(start());
        let config = Arc::new(Mutex::new(profile_work("")));
        let provider = Arc::new(Strict::default());
        let engine = engine(&dir, Arc::clone(&provider) as _, Arc::new(clock.clone()), &config);
        let world = Self { dir, clock, config, provider, engine };
        world.sign_in();
        world
    }

    fn sign_in(&self) {
        let mut state = self.provider.state.lock().unwrap();
        state.number += 1;
        (state.dead, state.grant) = (false, format!("grant-{}", state.number));
        let token = token("first", lanyard_core::Clock::now(&self.clock), Duration::from_hours(1));
        let (grant, key) = (grant(&state.grant), key("read"));
        open(&self.dir).put_sign_in(&account(), None, Some(&grant), (&key, &token)).unwrap();
        allow(&self.dir, "write");
    }

    async fn meet(&mut self, event: Event) {
        match event {
            Event::Pass(seconds) if seconds < 0 => {
                self.clock.turn_back(Duration::from_secs(seconds.unsigned_abs()));
            }
            Event::Pass(seconds) => self.clock.advance(Duration::from_secs(seconds.unsigned_abs())),
            Event::Ask { callers, force, audience } => self.ask(callers, force, audience).await,
            Event::Background => {
                self.engine.audit(AuditFilter::newest(1)).await.unwrap();
                self.engine.refresh_due().await;
            }
            Event::WillAnswer(answer) => {
                self.provider.state.lock().unwrap().answers.push_back(answer);
            }
            Event::DiskFull(is_full) => disk_is_full(&self.dir, is_full),
            Event::Restart => self.restart(|_| ()).await,
            Event::SignOutAndIn => {
                disk_is_full(&self.dir, false);
                self.engine.sign_out("a1", &program("tool")).await.unwrap();
                self.restart(Self::sign_in).await;
            }
        }
    }

    /// The next broker finds a disk that takes what the last one held back.
    async fn restart(&mut self, between: impl FnOnce(&Self)) {
        disk_is_full(&self.dir, false);
        self.engine.stop().await;
        between(self);
        let provider = Arc::clone(&self.provider) as _;
        self.engine = engine(&self.dir, provider, Arc::new(self.clock.clone()), &self.config);
    }

    async fn ask(&self, callers: usize, force: bool, audience: &str) {
        let scopes = vec![audience.to_owned()];
        let request = TokenRequest { scopes, force, ..TokenRequest::default() };
        let callers: Vec<_> = (0..callers)
            .map(|_| {
                let (engine, request) = (self.engine.clone(), request.clone());
                tokio::spawn(async move { engine.token(request, &program("tool")).await })
            })
            .collect();
        for caller in callers {
            self.check(caller.await.unwrap());
        }
    }

    /// A token that is given works for as long as was asked; with a warning, it works.
    fn check(&self, issued: Result<Issued, Failure>) {
        let Ok(Issued { token, warning, .. }) = issued else { return };
        let now = lanyard_core::Clock::now(&self.clock);
        let left = token.expires_at.duration_since(now);
        let life = token.expires_at.duration_since(token.obtained_at);
        let usual = SignedDuration::from_mins(5);
        let least = if life < usual { life / 2 } else { usual };
        assert!(left > SignedDuration::ZERO, "a token that is over was given");
        assert!(left >= least || warning.is_some(), "a stale token was given");
        let ahead = token.obtained_at.duration_since(now);
        assert!(ahead <= least, "a token of a clock that was {ahead:#} ahead was given");
    }

    /// Whatever happened, the sign-in is there, unless the provider ended it.
    async fn ends_whole(self) {
        disk_is_full(&self.dir, false);
        self.clock.advance(Duration::from_hours(24));
        let dead = {
            let mut state = self.provider.state.lock().unwrap();
            state.answers.clear();
            state.dead
        };
        let last = self.engine.token(TokenRequest::default(), &program("tool")).await;
        match dead {
            true => assert_eq!(last.unwrap_err().code, Code::SignInRequired),
            false => assert!(last.is_ok(), "the sign-in was lost: {last:?}"),
        }
        let state = self.provider.state.lock().unwrap();
        assert!(state.breaches.is_empty(), "{:?}", state.breaches);
    }
}

fn event() -> impl Strategy<Value = Event> {
    let audience = prop_oneof![Just("read"), Just("write")];
    prop_oneof![
        4 => (-7200..7200_i64).prop_map(Event::Pass),
        1 => (-400..400_i64).prop_map(Event::Pass),
        8 => (1..4_usize, prop::bool::weighted(0.2), audience)
            .prop_map(|(callers, force, audience)| Event::Ask { callers, force, audience }),
        1 => Just(Event::Background),
        4 => answer().prop_map(Event::WillAnswer),
        2 => any::<bool>().prop_map(Event::DiskFull),
        1 => Just(Event::Restart),
        1 => Just(Event::SignOutAndIn),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    use ProviderErrorKind::{GrantDead, Protocol, SignInRequired, TimedOut};
    let kind = prop_oneof![
        4 => Just(ProviderErrorKind::TRANSIENT), 1 => Just(TimedOut), 1 => Just(Protocol), 1 => Just(SignInRequired),
        1 => Just(GrantDead),
    ];
    prop_oneof![
        (1..7200_u64).prop_map(|lifetime| Answer::Rotated { lifetime }),
        Just(Answer::NotRotated),
        (kind, prop::option::of(1..1000_u64))
            .prop_map(|(kind, pause)| Answer::Refused(kind, pause)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_events_gives_a_stale_token_sends_a_grant_twice_or_loses_one(
        events in prop::collection::vec(event(), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::begin();
            for event in events {
                world.meet(event).await;
            }
            world.ends_whole().await;
        });
    }
}
