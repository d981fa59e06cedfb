use lanyard_core::provider::ProviderErrorKind;
use lanyard_sandbox::{Endpoint, FaultSet, Pushing, Settings};

use super::oidc::config;
use super::person::MARIA;
use super::{Fixture, fixture_with};

#[tokio::test]
async fn a_request_is_pushed_where_the_provider_takes_or_wants_it() {
    for pushing in [Pushing::Offered, Pushing::Required] {
        let fixture = company(pushing, "lanyard", "").await;
        fixture.sign_in(&MARIA).await.unwrap();
        let requests = fixture.sandbox.requests();
        let visited = requests.iter().find(|it| it.path.ends_with("/authorize")).unwrap();
        assert_eq!(visited.fields, ["client_id", "request_uri"], "nothing else is in the browser");
    }
}

#[tokio::test]
async fn a_request_is_not_pushed_where_nobody_takes_it() {
    let fixture = company(Pushing::Off, "lanyard", "").await;
    fixture.sign_in(&MARIA).await.unwrap();
    assert_eq!(fixture.asked("/par"), 0);
}

#[tokio::test]
async fn a_confidential_client_shows_its_secret_when_it_pushes() {
    for auth in ["", "client_auth = \"client_secret_post\""] {
        let more = format!("client_secret = {{ keyring = \"x\" }}\n{auth}");
        let fixture = company(Pushing::Required, "lanyard-confidential", &more).await;
        fixture.sign_in(&MARIA).await.unwrap();
    }
}

#[tokio::test]
async fn a_push_that_fails_is_not_replaced_by_an_open_request() {
    let fixture = company(Pushing::Offered, "lanyard", "").await;
    let on = FaultSet::default;
    let cases = [
        (FaultSet { huge_request_uri: true, ..on() }, ProviderErrorKind::Protocol),
        (FaultSet { html_answer: [Endpoint::Par].into(), ..on() }, ProviderErrorKind::Protocol),
        (FaultSet { down: [Endpoint::Par].into(), ..on() }, ProviderErrorKind::TRANSIENT),
    ];
    for (faults, kind) in cases {
        fixture.fault(faults.clone());
        let error = fixture.sign_in(&MARIA).await.unwrap_err();
        assert_eq!(error.kind, kind, "{faults:?}: {error}");
    }
    assert_eq!(fixture.asked("/authorize"), 0);
}

async fn company(pushing: Pushing, client: &str, more: &str) -> Fixture {
    let settings = Settings { pushing, ..Settings::default() };
    fixture_with(settings, "sandbox-client-secret", |sandbox| {
        config(&sandbox.oidc_issuer(), client, more)
    })
    .await
}
