//! Tokens that are bound to a key (RFC 9449).

use lanyard_core::provider::{ProviderErrorKind, TokenUse};
use lanyard_core::{AccessToken, RefreshToken};
use lanyard_sandbox::{FaultSet, Pushing, Settings};
use secrecy::ExposeSecret;
use url::Url;

use super::oidc::config;
use super::person::MARIA;
use super::{Fixture, fixture_with, now, rotated};

#[tokio::test]
async fn a_bound_token_opens_only_with_its_proof() {
    for pushing in [Pushing::Off, Pushing::Required] {
        let fixture = bound(pushing).await;
        let (signed_in, grant) = fixture.signed_in(&MARIA).await;
        let userinfo = format!("{}/userinfo", fixture.sandbox.oidc_issuer());
        let token = &signed_in.token.access_token;
        let prove = |method, url: &str, token| {
            let url = Url::parse(url).unwrap();
            let usage = TokenUse { token, method, url: &url, now: now() };
            fixture.provider.prove(&grant, &usage).unwrap()
        };
        let proof = prove("GET", &userinfo, token);
        assert_eq!(opens(&userinfo, token, Some(&proof)).await, 200);
        assert_eq!(opens(&userinfo, token, Some(&proof)).await, 401, "a proof is good once");
        assert_eq!(opens(&userinfo, token, None).await, 401);
        let others = [
            prove("POST", &userinfo, token),
            prove("GET", &format!("{userinfo}/x"), token),
            prove("GET", &userinfo, &AccessToken::new("another")),
        ];
        for proof in others {
            assert_eq!(opens(&userinfo, token, Some(&proof)).await, 401);
        }
    }
}

#[tokio::test]
async fn the_key_goes_along_when_the_grant_rotates() {
    let fixture = bound(Pushing::Off).await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    let first = fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap();
    let grant = rotated(&grant, first.rotated);
    assert!(grant.refresh_token.key().is_some());
    fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap();
}

#[tokio::test]
async fn a_nonce_that_the_server_asks_for_is_repeated() {
    let fixture = bound(Pushing::Off).await;
    fixture.fault(FaultSet { dpop_nonce: true, ..FaultSet::default() });
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_not_bound_is_refused() {
    let fixture = bound(Pushing::Off).await;
    fixture.fault(FaultSet { bearer_always: true, ..FaultSet::default() });
    let error = fixture.sign_in(&MARIA).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Protocol, "{error}");
}

#[tokio::test]
async fn a_grant_without_the_profiles_kind_of_key_is_sent_nowhere() {
    let fixture = bound(Pushing::Off).await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    let plain = rotated(&grant, Some(RefreshToken::new(grant.refresh_token.expose_secret())));
    let before = fixture.sandbox.requests().len();
    let error = fixture.acquire(&plain, &signed_in, "", "openid").await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::SignInRequired, "{error}");
    assert_eq!(fixture.sandbox.requests().len(), before);
    let usage = TokenUse {
        token: &signed_in.token.access_token,
        method: "GET",
        url: &Url::parse("https://api.example/").unwrap(),
        now: now(),
    };
    let error = fixture.provider.prove(&plain, &usage).unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Misconfigured);
}

#[tokio::test]
async fn a_clock_that_is_off_is_told_by_the_provider() {
    let fixture = bound(Pushing::Off).await;
    fixture.sandbox.advance(3600);
    let error = fixture.sign_in(&MARIA).await.unwrap_err();
    assert_eq!(error.detail.as_deref(), Some("invalid_dpop_proof"), "{error}");
}

async fn opens(url: &str, token: &AccessToken, proof: Option<&str>) -> u16 {
    let http = reqwest::Client::new();
    let header = format!("DPoP {}", token.expose_secret());
    let mut request = http.get(url).header("authorization", header);
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    request.send().await.unwrap().status().as_u16()
}

async fn bound(pushing: Pushing) -> Fixture {
    let settings = Settings { pushing, ..Settings::default() };
    fixture_with(settings, "", |sandbox| config(&sandbox.oidc_issuer(), "lanyard", "dpop = true"))
        .await
}
