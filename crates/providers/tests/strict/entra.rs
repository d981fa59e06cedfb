use lanyard_core::provider::{ProviderErrorKind, Revocation};
use lanyard_sandbox::{ENTRA_CLIENT_ID, FaultSet};
use secrecy::ExposeSecret;

use super::person::Browser;
use super::{Fixture, fixture, rotated};

const MARIA: Browser =
    Browser { username: "maria.klein@contoso.com", password: "correct-horse", denies: false };
const ARM: &str = "https://management.azure.com/.default";

#[tokio::test]
async fn a_person_signs_in_to_a_domain_and_is_known_by_tenant_id() {
    let fixture = contoso("contoso.onmicrosoft.com").await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    assert_eq!(signed_in.username, MARIA.username);
    let tenant = signed_in.tenant.clone().unwrap();
    assert_eq!(tenant.name.as_deref(), Some("contoso.onmicrosoft.com"));
    assert!(
        signed_in.subject.ends_with(&tenant.id),
        "the home account id ends with the home tenant"
    );
    let acquired = fixture.acquire(&grant, &signed_in, &tenant.id, ARM).await.unwrap();
    assert!(acquired.token.expires_at > super::now());
}

#[tokio::test]
async fn the_common_form_takes_the_issuer_of_the_tokens_tenant() {
    for tenant in ["organizations", "common"] {
        let fixture = contoso(tenant).await;
        let signed_in = fixture.sign_in(&MARIA).await.unwrap();
        assert!(signed_in.tenant.unwrap().id.len() == 36);
    }
}

#[tokio::test]
async fn one_grant_serves_several_tenants_and_resources() {
    let fixture = contoso("contoso.onmicrosoft.com").await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    let guest = fixture.acquire(&grant, &signed_in, "fabrikam.onmicrosoft.com", ARM).await.unwrap();
    let grant = rotated(&grant, guest.rotated);
    let graph = "https://graph.microsoft.com/.default";
    let home = signed_in.tenant.clone().unwrap().id;
    let graph = fixture.acquire(&grant, &signed_in, &home, graph).await.unwrap();
    assert_ne!(guest.token.access_token.expose_secret(), graph.token.access_token.expose_secret());
}

#[tokio::test]
async fn a_tenant_that_is_none_or_refuses_leaves_the_grant_alive() {
    let fixture = contoso("contoso.onmicrosoft.com").await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    for tenant in ["nowhere.onmicrosoft.com", "../evil", "", "a b"] {
        let error = fixture.acquire(&grant, &signed_in, tenant, ARM).await.unwrap_err();
        assert_ne!(error.kind, ProviderErrorKind::GrantDead, "{tenant}: {error}");
    }
    let home = signed_in.tenant.clone().unwrap().id;
    fixture.acquire(&grant, &signed_in, &home, ARM).await.unwrap();
}

#[tokio::test]
async fn interaction_required_asks_for_a_sign_in() {
    let fixture = contoso("contoso.onmicrosoft.com").await;
    let (signed_in, grant) = fixture.signed_in(&MARIA).await;
    fixture.fault(FaultSet { interaction_required: true, ..FaultSet::default() });
    let home = signed_in.tenant.clone().unwrap().id;
    let error = fixture.acquire(&grant, &signed_in, &home, ARM).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::SignInRequired, "{error}");
}

#[tokio::test]
async fn every_wrong_answer_is_refused() {
    let on = FaultSet::default;
    let wrong = [
        FaultSet { wrong_issuer: true, ..on() },
        FaultSet { wrong_token_issuer: true, ..on() },
        FaultSet { wrong_nonce: true, ..on() },
        FaultSet { wrong_audience: true, ..on() },
        FaultSet { bad_signature: true, ..on() },
        FaultSet { alg_none: true, ..on() },
        FaultSet { expired_id_token: true, ..on() },
    ];
    for tenant in ["contoso.onmicrosoft.com", "organizations"] {
        let fixture = contoso(tenant).await;
        for faults in &wrong {
            fixture.fault(faults.clone());
            let error = fixture.sign_in(&MARIA).await.unwrap_err();
            assert_eq!(error.kind, ProviderErrorKind::Protocol, "{faults:?}: {error}");
        }
    }
}

#[tokio::test]
async fn entra_offers_no_revocation() {
    let fixture = contoso("contoso.onmicrosoft.com").await;
    let (_, grant) = fixture.signed_in(&MARIA).await;
    assert_eq!(
        fixture.provider.revoke(&fixture.profile, grant).await.unwrap(),
        Revocation::NotOffered
    );
}

async fn contoso(tenant: &str) -> Fixture {
    fixture(|sandbox| {
        let authority = sandbox.entra_authority();
        format!(
            "[profile.contoso]\nprovider = \"entra\"\nauthority = \"{authority}\"\ntenant = \"{tenant}\"\n\
             client_id = \"{ENTRA_CLIENT_ID}\"\nscopes = [\"{ARM}\"]\n"
        )
    })
    .await
}
