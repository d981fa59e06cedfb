use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use lanyard_core::provider::{
    Person, ProviderError, ProviderErrorKind, Redirect, RedirectRule, UserCode,
};
use lanyard_core::{Clock, TestClock};
use lanyard_sandbox::{ENTRA_CLIENT_ID, Endpoint, FaultSet, Sandbox};
use secrecy::ExposeSecret;

use super::{Fixture, fixture, rotated};

const ARM: &str = "https://management.azure.com/.default";

/// What the person does with the code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Enter(&'static str),
    Refuse,
    Nothing,
}

/// A person who acts while the program waits for the n-th time.
struct Elsewhere<'a> {
    fixture: &'a Fixture,
    act: Act,
    after: usize,
    shown: Mutex<Option<UserCode>>,
    waits: Mutex<Vec<u64>>,
}

#[async_trait]
impl Person for Elsewhere<'_> {
    async fn expect_redirect(&self, _: RedirectRule) -> Result<Box<dyn Redirect>, ProviderError> {
        panic!("no redirect was announced")
    }

    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError> {
        *self.shown.lock().unwrap() = Some(code);
        Ok(())
    }

    async fn pause(&self, time: Duration) {
        let mut waits = self.waits.lock().unwrap();
        waits.push(time.as_secs());
        self.fixture.sandbox.advance(i64::try_from(time.as_secs()).unwrap());
        self.fixture.clock.advance(time);
        if waits.len() < self.after {
            return;
        }
        self.fixture.fault(FaultSet::default());
        let code = self.shown.lock().unwrap().clone().unwrap().code;
        let sandbox = &self.fixture.sandbox;
        assert!(match self.act {
            Act::Enter(username) => sandbox.enter_code(&code, username, "correct-horse"),
            Act::Refuse => sandbox.refuse_code(&code),
            Act::Nothing => true,
        });
    }
}

impl<'a> Elsewhere<'a> {
    fn who(fixture: &'a Fixture, act: Act, after: usize) -> Self {
        Self { fixture, act, after, shown: Mutex::default(), waits: Mutex::default() }
    }

    fn waits(&self) -> Vec<u64> {
        self.waits.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_person_enters_the_code_and_the_grant_rotates() {
    let fixture = company().await;
    let person = Elsewhere::who(&fixture, Act::Enter("maria"), 3);
    let mut signed_in = fixture.sign_in(&person).await.unwrap();
    assert_eq!(signed_in.username, "maria");
    assert_eq!(person.waits(), [5, 5, 5]);
    let code = person.shown.lock().unwrap().clone().unwrap();
    assert!(code.page_with_code.unwrap().as_str().ends_with(&code.code));
    let grant = signed_in.grant.take().unwrap();
    let next = fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap();
    let grant = rotated(&grant, next.rotated);
    fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap();
}

#[tokio::test]
async fn a_person_enters_the_code_of_entra() {
    for tenant in ["contoso.onmicrosoft.com", "organizations"] {
        let fixture = contoso(tenant).await;
        let person = Elsewhere::who(&fixture, Act::Enter("maria.klein@contoso.com"), 2);
        let mut signed_in = fixture.sign_in(&person).await.unwrap();
        let grant = signed_in.grant.take().unwrap();
        let home = signed_in.tenant.clone().unwrap().id;
        assert!(signed_in.subject.ends_with(&home), "client_info came along");
        fixture.acquire(&grant, &signed_in, &home, ARM).await.unwrap();
    }
}

#[tokio::test]
async fn a_person_who_refuses_is_believed_by_both() {
    for fixture in [company().await, contoso("contoso.onmicrosoft.com").await] {
        let person = Elsewhere::who(&fixture, Act::Refuse, 1);
        let error = fixture.sign_in(&person).await.unwrap_err();
        assert_eq!(error.kind, ProviderErrorKind::Denied, "{error}");
    }
}

#[tokio::test]
async fn the_providers_interval_is_kept_and_without_one_five_seconds() {
    for (faults, interval) in [
        (FaultSet { device_interval: Some(17), ..FaultSet::default() }, 17),
        (FaultSet { no_device_interval: true, ..FaultSet::default() }, 5),
        (FaultSet { device_interval: Some(0), ..FaultSet::default() }, 1),
    ] {
        let fixture = company().await;
        fixture.fault(faults);
        let person = Elsewhere::who(&fixture, Act::Enter("maria"), 2);
        fixture.sign_in(&person).await.unwrap();
        assert_eq!(person.waits(), [interval, interval]);
    }
}

/// A person whose time runs slower than the program thinks.
struct Hasty<'a>(Elsewhere<'a>);

#[async_trait]
impl Person for Hasty<'_> {
    async fn expect_redirect(
        &self,
        rule: RedirectRule,
    ) -> Result<Box<dyn Redirect>, ProviderError> {
        self.0.expect_redirect(rule).await
    }

    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError> {
        self.0.show_code(code).await
    }

    async fn pause(&self, time: Duration) {
        if self.0.waits().is_empty() {
            self.0.fixture.sandbox.advance(-3);
        }
        self.0.pause(time).await;
    }
}

#[tokio::test]
async fn slow_down_adds_five_seconds_for_good() {
    let fixture = company().await;
    let person = Hasty(Elsewhere::who(&fixture, Act::Enter("maria"), 3));
    fixture.sign_in(&person).await.unwrap();
    assert_eq!(person.0.waits(), [5, 10, 10]);
}

#[tokio::test]
async fn a_code_that_nobody_enters_ends_by_itself() {
    let fixture = company().await;
    fixture.fault(FaultSet { device_lifetime: Some(12), ..FaultSet::default() });
    let person = Elsewhere::who(&fixture, Act::Nothing, usize::MAX);
    let error = fixture.sign_in(&person).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::TimedOut, "{error}");
    assert_eq!(person.waits(), [5, 5, 2], "no question is asked after the end");
}

#[tokio::test]
async fn the_providers_expired_token_ends_the_wait() {
    let fixture = company().await;
    let person = Elsewhere::who(&fixture, Act::Nothing, usize::MAX);
    let late = Late(person);
    let error = fixture.sign_in(&late).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::TimedOut, "{error}");
    assert_eq!(late.0.waits(), [5], "the machine slept, and the provider said so");
}

/// A person whose machine slept for an hour meanwhile.
struct Late<'a>(Elsewhere<'a>);

#[async_trait]
impl Person for Late<'_> {
    async fn expect_redirect(
        &self,
        rule: RedirectRule,
    ) -> Result<Box<dyn Redirect>, ProviderError> {
        self.0.expect_redirect(rule).await
    }

    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError> {
        self.0.show_code(code).await
    }

    async fn pause(&self, time: Duration) {
        self.0.fixture.sandbox.advance(3600);
        self.0.pause(time).await;
    }
}

/// A person who sets the clock back a day while the program waits.
struct WrongClock<'a>(Elsewhere<'a>, TestClock);

#[async_trait]
impl Person for WrongClock<'_> {
    async fn expect_redirect(
        &self,
        rule: RedirectRule,
    ) -> Result<Box<dyn Redirect>, ProviderError> {
        self.0.expect_redirect(rule).await
    }

    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError> {
        self.0.show_code(code).await
    }

    async fn pause(&self, time: Duration) {
        let set = [Duration::from_hours(24), Duration::ZERO];
        self.1.turn_back(set[self.0.waits().len() % 2]);
        self.1.advance(set[(self.0.waits().len() + 1) % 2]);
        self.0.pause(time).await;
    }
}

#[tokio::test]
async fn a_clock_that_jumps_changes_neither_pace_nor_end() {
    let fixture = company().await;
    let person = Elsewhere::who(&fixture, Act::Enter("maria"), 4);
    let person = WrongClock(person, fixture.clock.clone());
    fixture.sign_in(&person).await.unwrap();
    assert_eq!(person.0.waits(), [5, 5, 5, 5]);
}

#[tokio::test]
async fn a_provider_that_is_down_for_a_while_is_asked_less_often() {
    let fixture = company().await;
    let person = Outage(Elsewhere::who(&fixture, Act::Enter("maria"), 3));
    fixture.sign_in(&person).await.unwrap();
    assert_eq!(person.0.waits(), [5, 33, 60], "Retry-After, then twice as long, up to a minute");
}

/// A provider that is down once the code is shown.
struct Outage<'a>(Elsewhere<'a>);

#[async_trait]
impl Person for Outage<'_> {
    async fn expect_redirect(
        &self,
        rule: RedirectRule,
    ) -> Result<Box<dyn Redirect>, ProviderError> {
        self.0.expect_redirect(rule).await
    }

    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError> {
        let (down, retry_after) = ([Endpoint::Token].into(), Some("33".to_owned()));
        self.0.fixture.fault(FaultSet { down, retry_after, ..FaultSet::default() });
        self.0.show_code(code).await
    }

    async fn pause(&self, time: Duration) {
        self.0.pause(time).await;
    }
}

#[tokio::test]
async fn hostile_codes_and_addresses_are_not_shown() {
    let page = |page: &str| FaultSet { device_page: Some(page.to_owned()), ..FaultSet::default() };
    let code =
        |code: &str| FaultSet { device_user_code: Some(code.to_owned()), ..FaultSet::default() };
    let complete = |page: &str| FaultSet {
        device_page_with_code: Some(page.to_owned()),
        ..FaultSet::default()
    };
    let long = "A".repeat(65);
    let far = format!("https://id.example/{}", "a".repeat(10_000));
    let hostile = [
        page("javascript:alert(1)"),
        page("file:///etc/passwd"),
        page("http://id.example/device"),
        page("https://contoso.com@evil.example/"),
        page(&far),
        page(""),
        complete("javascript:alert(1)"),
        complete("http://id.example/device"),
        code(""),
        code("   "),
        code("ABCD\u{1b}[2J"),
        code("ABCD\u{202e}EFGH"),
        code("ABCD\nEFGH"),
        code(&long),
    ];
    let fixture = company().await;
    for faults in hostile {
        fixture.fault(faults.clone());
        let person = Elsewhere::who(&fixture, Act::Nothing, usize::MAX);
        let error = fixture.sign_in(&person).await.unwrap_err();
        assert_eq!(error.kind, ProviderErrorKind::Protocol, "{faults:?}: {error}");
        assert!(person.shown.lock().unwrap().is_none() && person.waits().is_empty());
    }
}

#[tokio::test]
async fn answers_that_are_none_are_refused() {
    let fixture = company().await;
    for faults in [
        FaultSet { html_answer: [Endpoint::Device].into(), ..FaultSet::default() },
        FaultSet { endless: [Endpoint::Device].into(), ..FaultSet::default() },
        FaultSet { device_lifetime: Some(-1), ..FaultSet::default() },
        FaultSet { device_interval: Some(-5), ..FaultSet::default() },
    ] {
        fixture.fault(faults.clone());
        let person = Elsewhere::who(&fixture, Act::Nothing, usize::MAX);
        let error = fixture.sign_in(&person).await.unwrap_err();
        assert_eq!(error.kind, ProviderErrorKind::Protocol, "{faults:?}: {error}");
    }
}

#[tokio::test]
async fn the_id_token_is_checked_as_ever() {
    for faults in [
        FaultSet { bad_signature: true, ..FaultSet::default() },
        FaultSet { wrong_audience: true, ..FaultSet::default() },
        FaultSet { wrong_token_issuer: true, ..FaultSet::default() },
    ] {
        let fixture = company().await;
        let person = Spoilt(Elsewhere::who(&fixture, Act::Enter("maria"), 1), faults.clone());
        let error = fixture.sign_in(&person).await.unwrap_err();
        assert_eq!(error.kind, ProviderErrorKind::Protocol, "{faults:?}: {error}");
    }
}

/// A provider that is wrong once the code was entered.
struct Spoilt<'a>(Elsewhere<'a>, FaultSet);

#[async_trait]
impl Person for Spoilt<'_> {
    async fn expect_redirect(
        &self,
        rule: RedirectRule,
    ) -> Result<Box<dyn Redirect>, ProviderError> {
        self.0.expect_redirect(rule).await
    }

    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError> {
        self.0.show_code(code).await
    }

    async fn pause(&self, time: Duration) {
        self.0.pause(time).await;
        self.0.fixture.fault(self.1.clone());
    }
}

#[tokio::test]
async fn the_codes_end_is_told_in_the_persons_time() {
    let fixture = company().await;
    let begun = fixture.clock.now();
    let person = Elsewhere::who(&fixture, Act::Enter("maria"), 1);
    let signed_in = fixture.sign_in(&person).await.unwrap();
    let shown = person.shown.lock().unwrap().clone().unwrap();
    assert_eq!(shown.expires_at.duration_since(begun).as_secs(), 900);
    assert!(!signed_in.token.access_token.expose_secret().is_empty());
}

async fn company() -> Fixture {
    let config = |sandbox: &Sandbox| {
        super::oidc::config(&sandbox.oidc_issuer(), "lanyard", "method = \"device-code\"")
    };
    fixture(config).await
}

async fn contoso(tenant: &str) -> Fixture {
    fixture(|sandbox| {
        let authority = sandbox.entra_authority();
        format!(
            "[profile.contoso]\nprovider = \"entra\"\nmethod = \"device-code\"\n\
             authority = \"{authority}\"\ntenant = \"{tenant}\"\n\
             client_id = \"{ENTRA_CLIENT_ID}\"\nscopes = [\"{ARM}\"]\n"
        )
    })
    .await
}
