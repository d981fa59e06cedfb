//! The Entra stand-in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lanyard_sandbox::{ENTRA_CLIENT_ID, ENTRA_TENANT, FaultSet};
use serde_json::{Value, json};

use crate::client::{Answer, Fields, Peer, encoded, exchange, is_signed, lawful_request};
use crate::client::{parts, refresh, with};

const FABRIKAM: &str = "fabrikam.onmicrosoft.com";
const MARIA: (&str, &str) = ("maria.klein@contoso.com", "correct-horse");
const OMAR: (&str, &str) = ("omar@fabrikam.com", "battery-staple");
const ARM: &str = "openid profile offline_access https://management.azure.com/.default";

#[tokio::test]
async fn metadata_names_the_tenant_or_leaves_it_open() {
    let peer = Peer::start().await;
    let authority = peer.sandbox.entra_authority();
    let contoso = metadata(&peer, ENTRA_TENANT).await.json();
    let common = metadata(&peer, "common").await.json();
    assert_eq!(common["issuer"], format!("{authority}/{{tenantid}}/v2.0"));
    let by_id = contoso["issuer"].as_str().unwrap().split('/').rev().nth(1).unwrap();
    assert_eq!(metadata(&peer, by_id).await.json(), contoso);
    assert!(contoso.get("revocation_endpoint").is_none());
    assert_eq!(number(&metadata(&peer, "nowhere.example").await), 90002);
}

#[tokio::test]
async fn a_sign_in_gives_tokens_of_the_tenant() {
    let peer = Peer::start().await;
    let back = sign_in(&peer, "common", MARIA).await.redirected();
    assert!(!back.contains_key("iss"));
    let form = with(entra(exchange(&back["code"])), "client_info", Some("1"));
    let answer = post(&peer, "common", &form).await;
    let (_, claims) = parts(&answer.text("id_token"));
    assert!(is_signed(&answer.text("id_token"), &keys(&peer).await));
    assert_eq!(claims["preferred_username"], MARIA.0);
    assert_eq!(claims["ver"], "2.0");
    assert_eq!(claims["nonce"], "the-nonce");
    let tenant = claims["tid"].as_str().unwrap();
    assert_eq!(claims["iss"], format!("{}/{tenant}/v2.0", peer.sandbox.entra_authority()));
    let info = URL_SAFE_NO_PAD.decode(answer.text("client_info")).unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(info, json!({ "uid": claims["oid"], "utid": claims["tid"] }));
    assert_eq!(answer.json()["ext_expires_in"], 3600);
    assert_eq!(parts(&answer.text("access_token")).1["aud"], "https://management.azure.com");
}

#[tokio::test]
async fn one_refresh_token_serves_tenants_and_resources() {
    let peer = Peer::start().await;
    let token = tokens(&peer, MARIA).await.text("refresh_token");
    let guest = redeem(&peer, FABRIKAM, &token, ARM).await;
    let home = redeem(&peer, ENTRA_TENANT, &token, "https://vault.azure.net/.default").await;
    let (_, guest_claims) = parts(&guest.text("access_token"));
    let (_, home_claims) = parts(&home.text("access_token"));
    assert_ne!(guest_claims["tid"], home_claims["tid"]);
    assert_ne!(guest_claims["oid"], home_claims["oid"]);
    assert_eq!(home_claims["aud"], "https://vault.azure.net");
    assert!(home.json().get("refresh_token").is_none(), "not asked for");
}

#[tokio::test]
async fn used_refresh_tokens_stay_good() {
    let peer = Peer::start().await;
    let first = tokens(&peer, MARIA).await.text("refresh_token");
    let second = redeem(&peer, ENTRA_TENANT, &first, ARM).await.text("refresh_token");
    assert_ne!(first, second);
    peer.sandbox.advance(3600);
    assert_eq!(redeem(&peer, ENTRA_TENANT, &first, ARM).await.status, 200);
}

#[tokio::test]
async fn strangers_to_a_tenant_are_refused() {
    let peer = Peer::start().await;
    let page = sign_in(&peer, ENTRA_TENANT, OMAR).await;
    assert!(page.body.contains("AADSTS50020"));
    let code = sign_in(&peer, FABRIKAM, OMAR).await.redirected()["code"].clone();
    let token = post(&peer, FABRIKAM, &entra(exchange(&code))).await.text("refresh_token");
    let refused = redeem(&peer, ENTRA_TENANT, &token, ARM).await;
    assert_eq!((refused.error().as_str(), number(&refused)), ("invalid_grant", 50020));
}

#[tokio::test]
async fn wrong_requests_have_entras_numbers() {
    let peer = Peer::start().await;
    let token = tokens(&peer, MARIA).await.text("refresh_token");
    let form = with(entra(refresh(&token)), "scope", Some(ARM));
    let two = "https://management.azure.com/.default https://vault.azure.net/.default";
    for (name, value, expected) in [
        ("client_id", Some("99999999-0000-0000-0000-000000000000"), 700_016),
        ("client_id", None, 900_144),
        ("client_secret", Some("secret"), 700_025),
        ("grant_type", Some("password"), 70003),
        ("scope", Some(two), 28000),
        ("scope", Some("https://nowhere.example/.default"), 500_011),
        ("refresh_token", Some("invented"), 9_002_313),
    ] {
        let answer = post(&peer, ENTRA_TENANT, &with(form.clone(), name, value)).await;
        assert_eq!(number(&answer), expected, "{name} {value:?}");
    }
    assert_eq!(number(&post(&peer, "nowhere.example", &form).await), 90002);
}

#[tokio::test]
async fn codes_are_bound_to_verifier_and_tenant() {
    let peer = Peer::start().await;
    let code = || async { sign_in(&peer, ENTRA_TENANT, MARIA).await.redirected()["code"].clone() };
    let wrong = with(entra(exchange(&code().await)), "code_verifier", Some(&"x".repeat(43)));
    assert_eq!(number(&post(&peer, ENTRA_TENANT, &wrong).await), 501_481);
    let elsewhere = entra(exchange(&code().await));
    assert_eq!(number(&post(&peer, FABRIKAM, &elsewhere).await), 70000);
}

#[tokio::test]
async fn a_policy_asks_for_the_person_with_claims() {
    let peer = Peer::start().await;
    let token = tokens(&peer, MARIA).await.text("refresh_token");
    peer.sandbox.faults().set(FaultSet { interaction_required: true, ..FaultSet::default() });
    let answer = redeem(&peer, ENTRA_TENANT, &token, ARM).await;
    assert_eq!(answer.error(), "interaction_required");
    assert_eq!(answer.text("suberror"), "basic_action");
    assert!(serde_json::from_str::<Value>(&answer.text("claims")).is_ok());
    assert!(answer.text("error_description").starts_with("AADSTS50076: "));
}

#[tokio::test]
async fn a_wrong_redirect_or_client_is_told_to_the_person() {
    let peer = Peer::start().await;
    for (name, value, text) in [
        ("redirect_uri", "http://127.0.0.1:4711/other", "AADSTS50011"),
        ("client_id", "lanyard", "AADSTS700016"),
    ] {
        let page = peer.get(&login_page(ENTRA_TENANT, name, value)).await;
        assert_eq!((page.status, page.header("location")), (400, ""));
        assert!(page.body.contains(text));
    }
    let plain = peer.get(&login_page(ENTRA_TENANT, "code_challenge_method", "plain")).await;
    assert_eq!(plain.redirected()["error"], "invalid_request");
    assert!(plain.redirected()["error_description"].starts_with("AADSTS9002313: "));
}

fn login_page(tenant: &str, name: &'static str, value: &str) -> String {
    let fields = with(entra(with(lawful_request(), "scope", Some(ARM))), name, Some(value));
    format!("/entra/{tenant}/oauth2/v2.0/authorize?{}", encoded(&fields))
}

async fn sign_in(peer: &Peer, tenant: &str, (username, password): (&str, &str)) -> Answer {
    peer.sign_in(&login_page(tenant, "scope", ARM), username, password).await
}

async fn tokens(peer: &Peer, person: (&str, &str)) -> Answer {
    let code = sign_in(peer, ENTRA_TENANT, person).await.redirected()["code"].clone();
    post(peer, ENTRA_TENANT, &entra(exchange(&code))).await
}

async fn redeem(peer: &Peer, tenant: &str, token: &str, scope: &str) -> Answer {
    post(peer, tenant, &with(entra(refresh(token)), "scope", Some(scope))).await
}

async fn post(peer: &Peer, tenant: &str, form: &Fields) -> Answer {
    peer.post(&format!("/entra/{tenant}/oauth2/v2.0/token"), form).await
}

async fn metadata(peer: &Peer, tenant: &str) -> Answer {
    peer.get(&format!("/entra/{tenant}/v2.0/.well-known/openid-configuration")).await
}

async fn keys(peer: &Peer) -> Value {
    peer.get("/entra/common/discovery/v2.0/keys").await.json()
}

fn entra(fields: Fields) -> Fields {
    with(fields, "client_id", Some(ENTRA_CLIENT_ID))
}

fn number(answer: &Answer) -> u64 {
    answer.json()["error_codes"][0].as_u64().unwrap_or_default()
}
