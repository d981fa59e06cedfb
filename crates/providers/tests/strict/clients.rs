//! Clients that register themselves, show a secret or sign.

use lanyard_core::Binding;
use lanyard_core::provider::{ProviderErrorKind, Revocation};
use lanyard_sandbox::{Client, FaultSet, Redirect, Settings};
use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::RsaPrivateKey;

use super::oidc::config;
use super::person::MARIA;
use super::{Fixture, fixture, fixture_with};

#[tokio::test]
async fn a_profile_without_a_client_registers_one_and_uses_it_from_then_on() {
    let fixture = unregistered("").await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    assert!(grant.binding.client_id.starts_with("client-"));
    fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap();
    let again = signed_in_again(&fixture, &grant.binding).await;
    assert_eq!(again.client_id, grant.binding.client_id);
    assert_eq!(fixture.asked("/register"), 1);
    assert_eq!(
        fixture.provider.revoke(&fixture.profile, grant).await.unwrap(),
        Revocation::Revoked
    );
}

#[tokio::test]
async fn a_registration_survives_the_broker() {
    let fixture = unregistered("").await;
    let (_, grant) = fixture.signed_in(&MARIA).await;
    let (provider, _) = super::provider(&without_client(&fixture.sandbox.oidc_issuer(), ""), "");
    let restarted = Fixture { provider, ..fixture };
    let again = signed_in_again(&restarted, &grant.binding).await;
    assert_eq!(again.client_id, grant.binding.client_id);
    assert_eq!(restarted.asked("/register"), 1);
}

#[tokio::test]
async fn a_client_that_the_provider_forgot_is_registered_anew() {
    let fixture = unregistered("").await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    fixture.sandbox.forget_clients();
    let error = fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::SignInRequired, "{error}");
    let again = signed_in_again(&fixture, &grant.binding).await;
    assert_ne!(again.client_id, grant.binding.client_id);
    assert_eq!(fixture.asked("/register"), 2);
}

#[tokio::test]
async fn a_sign_in_that_comes_to_nothing_leaves_one_registration() {
    let fixture = unregistered("").await;
    for _ in 0..3 {
        let denies = super::person::Browser { denies: true, ..MARIA };
        fixture.sign_in(&denies).await.unwrap_err();
    }
    assert_eq!(fixture.asked("/register"), 1);
}

#[tokio::test]
async fn a_client_of_another_issuer_is_not_used() {
    let fixture = unregistered("").await;
    let foreign = Binding {
        issuer: "https://id.example".into(),
        token_endpoint: "https://id.example/token".into(),
        client_id: "lanyard".into(),
    };
    let again = signed_in_again(&fixture, &foreign).await;
    assert_ne!(again.client_id, "lanyard");
}

#[tokio::test]
async fn fixed_ports_are_registered_each() {
    let fixture = unregistered("redirect_ports = [4711]").await;
    fixture.sign_in(&MARIA).await.unwrap();
}

#[tokio::test]
async fn a_registration_that_is_refused_or_wrong_names_client_id_or_the_fault() {
    let fixture = unregistered("").await;
    let on = FaultSet::default;
    let long = "x".repeat(2000);
    let id = |id: &str| FaultSet { registered_id: Some(id.to_owned()), ..on() };
    let cases = [
        (FaultSet { no_registration: true, ..on() }, ProviderErrorKind::Misconfigured),
        (FaultSet { registered_with_secret: true, ..on() }, ProviderErrorKind::Misconfigured),
        (id(""), ProviderErrorKind::Protocol),
        (id("a\u{1b}[2Jb"), ProviderErrorKind::Protocol),
        (id(&long), ProviderErrorKind::Protocol),
    ];
    for (faults, kind) in cases {
        fixture.fault(faults.clone());
        let error = fixture.sign_in(&MARIA).await.unwrap_err();
        assert_eq!(error.kind, kind, "{faults:?}: {error}");
        let says = kind == ProviderErrorKind::Protocol || error.message.contains("client_id");
        assert!(says, "{error}");
    }
}

#[tokio::test]
async fn the_secret_goes_where_the_provider_or_the_profile_wants_it() {
    let secret = "client_secret = { keyring = \"x\" }";
    let post = "client_auth = \"client_secret_post\"";
    for (form_only, auth) in [(false, ""), (true, ""), (true, post), (false, post)] {
        let fixture = confidential(&format!("{secret}\n{auth}")).await;
        fixture.fault(FaultSet { secret_in_form_only: form_only, ..FaultSet::default() });
        let (signed_in, grant) = fixture.signed_in(&MARIA).await;
        fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap();
        let ended = fixture.provider.revoke(&fixture.profile, grant).await.unwrap();
        assert_eq!(ended, Revocation::Revoked);
    }
}

#[tokio::test]
async fn secrets_with_every_kind_of_character_arrive() {
    let secret = "p%+ä: /\"=&ö";
    let client = Client {
        id: "a:b c%".into(),
        secret: Some(secret.into()),
        key: None,
        redirects: vec![Redirect::Loopback { path: "/callback".into() }],
    };
    for auth in ["client_secret_basic", "client_secret_post"] {
        let settings = Settings { clients: vec![client.clone()], ..Settings::default() };
        let more = format!("client_secret = {{ keyring = \"x\" }}\nclient_auth = \"{auth}\"");
        let fixture = fixture_with(settings, secret, |sandbox| {
            config(&sandbox.oidc_issuer(), "a:b c%", &more)
        })
        .await;
        fixture.sign_in(&MARIA).await.unwrap();
    }
}

#[tokio::test]
async fn what_does_not_go_together_is_said_before_anyone_is_asked() {
    for more in [
        "client_auth = \"private_key_jwt\"",
        "client_auth = \"client_secret_basic\"",
        "client_auth = \"none\"\nclient_secret = { keyring = \"x\" }",
        "client_auth = \"client_secret_post\"\nclient_key = { keyring = \"x\" }",
    ] {
        let fixture = confidential(more).await;
        let error = fixture.sign_in(&MARIA).await.unwrap_err();
        assert_eq!(error.kind, ProviderErrorKind::Misconfigured, "{more}: {error}");
        assert!(error.message.contains("client_auth"), "{error}");
        assert_eq!(fixture.asked("/authorize"), 0);
    }
}

#[tokio::test]
async fn a_client_signs_with_a_key_of_either_kind() {
    for (private, public) in [p256_pair(), rsa_pair()] {
        for audience in ["", "assertion_audience = \"token-endpoint\""] {
            let fixture = signing(&private, &public, audience).await;
            let (signed_in, grant) = fixture.signed_in(&MARIA).await;
            fixture.acquire(&grant, &signed_in, "", "openid profile").await.unwrap();
            let ended = fixture.provider.revoke(&fixture.profile, grant).await.unwrap();
            assert_eq!(ended, Revocation::Revoked);
        }
    }
}

#[tokio::test]
async fn a_foreign_key_is_refused_and_what_is_no_key_is_named() {
    let (private, _) = p256_pair();
    let fixture = signing(&private, &p256_pair().1, "").await;
    let error = fixture.sign_in(&MARIA).await.unwrap_err();
    assert_eq!(error.detail.as_deref(), Some("invalid_client"), "{error}");

    let cut = &private[..private.len() / 2];
    for text in ["", "hunter2", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", cut]
    {
        let fixture = signing(text, &private, "").await;
        let error = fixture.sign_in(&MARIA).await.unwrap_err();
        assert_eq!(error.kind, ProviderErrorKind::Misconfigured, "{error}");
        assert!(error.message.contains("client_key"), "{error}");
        assert!(text.is_empty() || !format!("{error:?}").contains(text), "the key is not shown");
    }
}

async fn signed_in_again(fixture: &Fixture, earlier: &Binding) -> Binding {
    let signed_in = fixture.sign_in_as(Some(earlier.clone()), &MARIA).await.unwrap();
    signed_in.grant.unwrap().binding
}

async fn unregistered(more: &str) -> Fixture {
    fixture(|sandbox| without_client(&sandbox.oidc_issuer(), more)).await
}

fn without_client(issuer: &str, more: &str) -> String {
    config(issuer, "x", more).replace("client_id = \"x\"\n", "")
}

async fn confidential(more: &str) -> Fixture {
    fixture(|sandbox| config(&sandbox.oidc_issuer(), "lanyard-confidential", more)).await
}

async fn signing(private: &str, public: &str, more: &str) -> Fixture {
    let client = Client {
        id: "signing".into(),
        secret: None,
        key: Some(public.to_owned()),
        redirects: vec![Redirect::Loopback { path: "/callback".into() }],
    };
    let settings = Settings { clients: vec![client], ..Settings::default() };
    let more = format!("client_key = {{ keyring = \"x\" }}\n{more}");
    fixture_with(settings, private, |sandbox| config(&sandbox.oidc_issuer(), "signing", &more))
        .await
}

/// Returns a private key and its public half, in PEM form.
fn p256_pair() -> (String, String) {
    let key = p256::SecretKey::random(&mut rsa::rand_core::OsRng);
    let public = key.public_key().to_public_key_pem(LineEnding::LF).unwrap();
    (key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string(), public)
}

fn rsa_pair() -> (String, String) {
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    let public = key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap();
    (key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string(), public)
}
