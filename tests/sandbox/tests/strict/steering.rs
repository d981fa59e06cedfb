//! The control interface, the record of requests, and the program's own protection.

use lanyard_sandbox::FaultSet;
use serde_json::{Value, json};

use crate::client::{Answer, Peer, exchange, refresh};

#[tokio::test]
async fn faults_are_set_by_name_and_cleared() {
    let peer = Peer::start().await;
    let faults = json!({ "wrong_nonce": true, "cut": ["token"], "slow": 5 });
    assert_eq!(control(&peer, "faults", &faults).await.status, 204);
    assert!(peer.sandbox.faults().current().wrong_nonce);
    control(&peer, "faults", &json!({ "slow": 0 })).await;
    assert!(peer.sandbox.faults().current().wrong_nonce, "the others stay");
    let clear = peer.request("DELETE", "/control/faults", &[], String::new());
    peer.send(clear).await.unwrap();
    assert_eq!(peer.sandbox.faults().current(), FaultSet::default());
}

#[tokio::test]
async fn unknown_faults_are_refused() {
    let peer = Peer::start().await;
    assert_eq!(control(&peer, "faults", &json!({ "wrong_nounce": true })).await.status, 400);
    assert_eq!(control(&peer, "faults", &json!({ "cut": ["kitchen"] })).await.status, 400);
}

#[tokio::test]
async fn expiring_ends_tokens_and_changes_lifetimes() {
    let peer = Peer::start().await;
    let tokens = peer.tokens().await;
    control(&peer, "expire", &json!({ "access_lifetime": 5 })).await;
    assert!(!peer.opens(&tokens.text("access_token")).await);
    let next = peer.token(&refresh(&tokens.text("refresh_token"))).await;
    assert_eq!(next.json()["expires_in"], 5);
}

#[tokio::test]
async fn people_are_revoked_keys_are_rotated_time_is_moved() {
    let peer = Peer::start().await;
    let tokens = peer.tokens().await;
    let keys = peer.get("/oidc/jwks").await.json();
    control(&peer, "revoke", &json!({ "username": "maria" })).await;
    assert!(!peer.opens(&tokens.text("access_token")).await);
    control(&peer, "rotate-keys", &json!({})).await;
    assert_ne!(peer.get("/oidc/jwks").await.json(), keys);
    let code = peer.code().await;
    control(&peer, "advance", &json!({ "seconds": 60 })).await;
    assert_eq!(peer.token(&exchange(&code)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn requests_are_recorded_without_their_secrets() {
    let peer = Peer::start().await;
    let token = peer.tokens().await.text("refresh_token");
    peer.token(&refresh(&token)).await;
    let requests = peer.get("/control/requests").await;
    let last = requests.json().as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["path"], "/oidc/token");
    assert_eq!(last["grant_type"], "refresh_token");
    assert_eq!(last["fields"], json!(["client_id", "grant_type", "refresh_token"]));
    for secret in peer.sandbox.issued_secrets() {
        assert!(!requests.body.contains(&secret));
    }
}

#[tokio::test]
async fn every_secret_is_listed_for_leak_tests() {
    let peer = Peer::start().await;
    let code = peer.code().await;
    let tokens = peer.token(&exchange(&code)).await;
    let secrets: Vec<String> =
        serde_json::from_str(&peer.get("/control/secrets").await.body).unwrap();
    let names = ["access_token", "refresh_token", "id_token"];
    let issued = names.map(|name| tokens.text(name));
    let known = [code, "correct-horse".into(), "sandbox-client-secret".into()];
    for secret in issued.into_iter().chain(known) {
        assert!(secrets.contains(&secret), "{secret}");
    }
}

#[tokio::test]
async fn another_host_name_is_refused() {
    let peer = Peer::start().await;
    let headers = [("host", "rebound.example")];
    let request = peer.request("GET", "/control/secrets", &headers, String::new());
    assert_eq!(peer.send(request).await.unwrap().status, 421);
}

#[tokio::test]
async fn the_demo_configuration_names_this_sandbox() {
    let peer = Peer::start().await;
    let config = lanyard_sandbox::config::demo(&peer.sandbox);
    assert!(config.contains(&format!("issuer = \"{}\"", peer.sandbox.oidc_issuer())));
    assert!(config.contains(&format!("authority = \"{}\"", peer.sandbox.entra_authority())));
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port() {
    let peer = Peer::start().await;
    let address = peer.sandbox.origin().strip_prefix("http://").unwrap().to_owned();
    peer.sandbox.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

async fn control(peer: &Peer, what: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json")];
    let path = format!("/control/{what}");
    peer.send(peer.request("POST", &path, &headers, body.to_string())).await.unwrap()
}
