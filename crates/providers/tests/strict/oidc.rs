use std::time::Duration;

use async_trait::async_trait;
use lanyard_core::provider::{
    Person, ProviderError, ProviderErrorKind, Redirect, RedirectRule, Revocation, UserCode,
};
use lanyard_core::{Binding, Clock, Grant, RefreshToken};
use lanyard_sandbox::{Endpoint, FaultSet, Sandbox};
use secrecy::ExposeSecret;

use super::person::{Browser, MARIA};
use super::{Fixture, fixture, rotated, soon};

#[tokio::test]
async fn a_person_signs_in_and_the_grant_rotates() {
    let fixture = company().await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    assert_eq!(
        (signed_in.username.as_str(), signed_in.issuer),
        ("maria", fixture.sandbox.oidc_issuer())
    );
    let (signed_in, _) = fixture.signed_in(&MARIA).await;
    let first = fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap();
    let second = rotated(&grant, first.rotated);
    let second = fixture.acquire(&second, &signed_in, "", "openid profile").await.unwrap();
    assert_ne!(first.token.access_token.expose_secret(), second.token.access_token.expose_secret());
}

#[tokio::test]
async fn a_confidential_client_shows_its_secret() {
    let fixture = fixture(|sandbox| {
        config(
            &sandbox.oidc_issuer(),
            "lanyard-confidential",
            "client_secret = { keyring = \"x\" }",
        )
    })
    .await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap();
}

#[tokio::test]
async fn a_person_who_says_no_is_believed() {
    let fixture = company().await;
    let error = fixture.sign_in(&Browser { denies: true, ..MARIA }).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Denied);
}

#[tokio::test]
async fn every_wrong_answer_of_the_provider_is_refused() {
    let on = FaultSet::default;
    let wrong: Vec<(&str, FaultSet)> = vec![
        ("wrong_issuer", FaultSet { wrong_issuer: true, ..on() }),
        ("wrong_iss_param", FaultSet { wrong_iss_param: true, ..on() }),
        ("missing_iss_param", FaultSet { missing_iss_param: true, ..on() }),
        ("wrong_token_issuer", FaultSet { wrong_token_issuer: true, ..on() }),
        ("wrong_nonce", FaultSet { wrong_nonce: true, ..on() }),
        ("missing_nonce", FaultSet { missing_nonce: true, ..on() }),
        ("wrong_audience", FaultSet { wrong_audience: true, ..on() }),
        ("bad_signature", FaultSet { bad_signature: true, ..on() }),
        ("alg_none", FaultSet { alg_none: true, ..on() }),
        ("alg_hs256", FaultSet { alg_hs256: true, ..on() }),
        ("unknown_key", FaultSet { unknown_key: true, ..on() }),
        ("expired_id_token", FaultSet { expired_id_token: true, ..on() }),
        ("future_iat", FaultSet { future_iat: true, ..on() }),
        ("no_id_token", FaultSet { no_id_token: true, ..on() }),
        ("skew", FaultSet { skew: 3600, ..on() }),
        ("replayed_code", FaultSet { replayed_code: true, ..on() }),
        ("redirect_token", FaultSet { redirect_token: true, ..on() }),
        ("html token", FaultSet { html_answer: [Endpoint::Token].into(), ..on() }),
        ("html discovery", FaultSet { html_answer: [Endpoint::Discovery].into(), ..on() }),
        ("endless token", FaultSet { endless: [Endpoint::Token].into(), ..on() }),
        ("endless discovery", FaultSet { endless: [Endpoint::Discovery].into(), ..on() }),
    ];
    let fixture = company().await;
    for (name, faults) in wrong {
        fixture.fault(faults);
        let error = soon(fixture.sign_in(&MARIA)).await.expect_err(name);
        assert_eq!(error.kind, ProviderErrorKind::Protocol, "{name}: {error}");
        let shown = format!("{error:?}");
        for secret in fixture.sandbox.issued_secrets() {
            assert!(!shown.contains(&secret), "{name} shows a secret");
        }
    }
    fixture.fault(FaultSet::default());
    fixture.sign_in(&MARIA).await.unwrap();
}

#[tokio::test]
async fn a_provider_that_is_down_is_tried_again_later() {
    let on = FaultSet::default;
    let fixture = company().await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    let down = [
        FaultSet { down: [Endpoint::Token].into(), ..on() },
        FaultSet { closed: [Endpoint::Token].into(), ..on() },
        FaultSet { cut: [Endpoint::Token].into(), ..on() },
    ];
    for faults in down {
        fixture.fault(faults);
        let error = fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap_err();
        assert_eq!(error.kind, ProviderErrorKind::TRANSIENT, "{error}");
    }
}

#[tokio::test]
async fn a_provider_that_says_when_is_believed() {
    let fixture = company().await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    for (said, wait) in [("7", Some(7)), ("999999", Some(3600)), ("soon", None), ("-1", None)] {
        let retry_after = Some(said.to_owned());
        let down = [Endpoint::Token].into();
        fixture.fault(FaultSet { down, retry_after, ..FaultSet::default() });
        let error = fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap_err();
        let retry_after = wait.map(Duration::from_secs);
        assert_eq!(error.kind, ProviderErrorKind::Transient { retry_after }, "{said}");
    }
}

#[tokio::test]
async fn small_clock_differences_are_taken() {
    let fixture = company().await;
    for skew in [-90, 90] {
        fixture.fault(FaultSet { skew, ..FaultSet::default() });
        fixture.sign_in(&MARIA).await.unwrap();
    }
}

/// A person who takes nine minutes in the browser.
struct Slow<'a>(&'a Fixture);

#[async_trait]
impl Person for Slow<'_> {
    async fn expect_redirect(
        &self,
        rule: RedirectRule,
    ) -> Result<Box<dyn Redirect>, ProviderError> {
        self.0.clock.advance(Duration::from_mins(9));
        self.0.sandbox.advance(9 * 60);
        MARIA.expect_redirect(rule).await
    }

    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError> {
        MARIA.show_code(code).await
    }

    async fn pause(&self, time: Duration) {
        MARIA.pause(time).await;
    }
}

#[tokio::test]
async fn a_person_may_take_their_time() {
    let fixture = company().await;
    let signed_in = fixture.sign_in(&Slow(&fixture)).await.unwrap();
    assert_eq!(signed_in.token.obtained_at, fixture.clock.now());
}

#[tokio::test]
async fn rotated_signing_keys_are_found() {
    let fixture = company().await;
    fixture.sign_in(&MARIA).await.unwrap();
    fixture.sandbox.rotate_keys();
    fixture.sign_in(&MARIA).await.unwrap();
}

#[tokio::test]
async fn a_refused_grant_is_dead() {
    let fixture = company().await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    fixture.fault(FaultSet { invalid_grant: true, ..FaultSet::default() });
    let error = fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::GrantDead);
}

#[tokio::test]
async fn a_refresh_for_another_person_is_refused() {
    let fixture = company().await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    fixture.fault(FaultSet { wrong_subject: true, ..FaultSet::default() });
    let error = fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Protocol);
}

#[tokio::test]
async fn a_grant_of_another_issuer_is_sent_nowhere() {
    let fixture = company().await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    let before = fixture.sandbox.requests().len();
    let binding = Binding { issuer: "https://id.example".into(), ..grant.binding };
    let grant = Grant { refresh_token: RefreshToken::new("other"), binding, expires_at: None };
    let error = fixture.acquire(&grant, &signed_in, "", "openid").await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::SignInRequired);
    assert_eq!(fixture.sandbox.requests().len(), before);
}

#[tokio::test]
async fn a_revoked_grant_gets_nothing_more() {
    let fixture = company().await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    let copy = rotated(&grant, Some(RefreshToken::new(grant.refresh_token.expose_secret())));
    assert_eq!(
        fixture.provider.revoke(&fixture.profile, grant).await.unwrap(),
        Revocation::Revoked
    );
    let error = fixture.acquire(&copy, &signed_in, "", "openid").await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::GrantDead);
}

#[tokio::test]
async fn a_hostile_name_is_kept_as_plain_text() {
    let fixture = company().await;
    let browser = Browser { username: "mallory", password: "tr0ub4dor", denies: false };
    let signed_in = fixture.sign_in(&browser).await.unwrap();
    let name = signed_in.display_name.unwrap();
    assert!(lanyard_core::plain_line(&name) && name.chars().count() <= 257, "{name:?}");
}

async fn company() -> Fixture {
    fixture(|sandbox: &Sandbox| config(&sandbox.oidc_issuer(), "lanyard", "")).await
}

pub(crate) fn config(issuer: &str, client: &str, more: &str) -> String {
    format!(
        "[profile.company]\nprovider = \"oidc\"\nissuer = \"{issuer}\"\nclient_id = \"{client}\"\n\
         scopes = [\"openid\", \"profile\", \"offline_access\"]\n{more}\n"
    )
}
