//! Each fault is the fault that its name says.

use std::collections::BTreeSet;
use std::time::Duration;

use lanyard_sandbox::{Endpoint, FaultSet};
use serde_json::Value;

use crate::client::{Answer, Peer, exchange, is_signed, lawful_request, page, parts, refresh};

#[tokio::test]
async fn claims_are_spoilt_one_by_one() {
    let peer = Peer::start().await;
    let fault = |change: fn(&mut FaultSet)| {
        let mut faults = FaultSet::default();
        change(&mut faults);
        faults
    };
    for (faults, claim, wrong) in [
        (fault(|f| f.wrong_token_issuer = true), "iss", "https://other.example"),
        (fault(|f| f.wrong_audience = true), "aud", "another-client"),
        (fault(|f| f.wrong_subject = true), "sub", "another-subject"),
        (fault(|f| f.wrong_nonce = true), "nonce", "another-nonce"),
    ] {
        assert_eq!(claims(&peer, faults).await[claim], wrong);
    }
    assert!(claims(&peer, fault(|f| f.missing_nonce = true)).await.get("nonce").is_none());
}

#[tokio::test]
async fn times_are_spoilt() {
    let peer = Peer::start().await;
    let sound = claims(&peer, FaultSet::default()).await;
    let now = sound["iat"].as_i64().unwrap();
    let old = claims(&peer, FaultSet { expired_id_token: true, ..FaultSet::default() }).await;
    assert!(old["exp"].as_i64().unwrap() < now - 3500);
    let early = claims(&peer, FaultSet { future_iat: true, ..FaultSet::default() }).await;
    assert!(early["iat"].as_i64().unwrap() > now + 3500);
    let skewed = claims(&peer, FaultSet { skew: -120, ..FaultSet::default() }).await;
    assert!(skewed["iat"].as_i64().unwrap() < now - 100);
}

#[tokio::test]
async fn signatures_are_spoilt() {
    let peer = Peer::start().await;
    let jwks = peer.get("/oidc/jwks").await.json();
    for (faults, alg) in [
        (FaultSet { bad_signature: true, ..FaultSet::default() }, "RS256"),
        (FaultSet { unknown_key: true, ..FaultSet::default() }, "RS256"),
        (FaultSet { alg_none: true, ..FaultSet::default() }, "none"),
        (FaultSet { alg_hs256: true, ..FaultSet::default() }, "HS256"),
    ] {
        let token = id_token(&peer, faults).await;
        assert_eq!(parts(&token).0["alg"], alg);
        assert!(!is_signed(&token, &jwks), "{alg}");
    }
}

#[tokio::test]
async fn rotated_keys_replace_the_old_ones() {
    let peer = Peer::start().await;
    let old = peer.get("/oidc/jwks").await.json();
    peer.sandbox.rotate_keys();
    let token = id_token(&peer, FaultSet::default()).await;
    assert!(!is_signed(&token, &old));
    let new = peer.get("/oidc/jwks").await.json();
    assert!(is_signed(&token, &new));
    assert_eq!(new["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn authorization_responses_are_spoilt() {
    let peer = Peer::start().await;
    let wrong = FaultSet { wrong_iss_param: true, wrong_state: true, ..FaultSet::default() };
    let fields = sign_in(&peer, wrong).await.redirected();
    assert_eq!(fields["iss"], "https://other.example");
    assert_ne!(fields["state"], "the-state");
    let missing = FaultSet { missing_iss_param: true, ..FaultSet::default() };
    assert!(!sign_in(&peer, missing).await.redirected().contains_key("iss"));
    let replayed = FaultSet { replayed_code: true, ..FaultSet::default() };
    let code = sign_in(&peer, replayed).await.redirected()["code"].clone();
    assert_eq!(peer.token(&exchange(&code)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn discovery_names_another_issuer() {
    let peer = Peer::start().await;
    peer.sandbox.faults().set(FaultSet { wrong_issuer: true, ..FaultSet::default() });
    let metadata = peer.get("/oidc/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["issuer"], "https://other.example");
}

#[tokio::test]
async fn a_cut_answer_has_done_its_work() {
    let peer = Peer::start().await;
    let token = peer.tokens().await.text("refresh_token");
    peer.sandbox.faults().set(FaultSet { cut: at_token(), ..FaultSet::default() });
    assert!(peer.try_post("/oidc/token", &refresh(&token), &[]).await.is_err());
    peer.sandbox.faults().clear();
    peer.sandbox.advance(10);
    assert_eq!(peer.token(&refresh(&token)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_closed_endpoint_says_nothing_and_does_nothing() {
    let peer = Peer::start().await;
    let token = peer.tokens().await.text("refresh_token");
    peer.sandbox.faults().set(FaultSet { closed: at_token(), ..FaultSet::default() });
    assert!(peer.try_post("/oidc/token", &refresh(&token), &[]).await.is_err());
    peer.sandbox.faults().clear();
    assert_eq!(peer.token(&refresh(&token)).await.status, 200);
}

#[tokio::test]
async fn an_endless_answer_outgrows_every_limit() {
    let peer = Peer::start().await;
    peer.sandbox.faults().set(FaultSet { endless: at_token(), ..FaultSet::default() });
    let failure = peer.try_post("/oidc/token", &refresh("x"), &[]).await.unwrap_err();
    assert!(failure.is::<http_body_util::LengthLimitError>(), "{failure}");
}

#[tokio::test]
async fn a_slow_endpoint_keeps_its_client_waiting() {
    let peer = Peer::start().await;
    peer.sandbox.faults().set(FaultSet { slow: 60_000, ..FaultSet::default() });
    let form = refresh("x");
    let soon = tokio::time::timeout(Duration::from_millis(30), peer.token(&form)).await;
    assert!(soon.is_err());
}

#[tokio::test]
async fn endpoints_answer_with_something_else() {
    let peer = Peer::start().await;
    peer.sandbox.faults().set(FaultSet { down: at_token(), ..FaultSet::default() });
    assert_eq!(peer.token(&refresh("x")).await.status, 503);
    peer.sandbox.faults().set(FaultSet { html_answer: at_token(), ..FaultSet::default() });
    let html = peer.token(&refresh("x")).await;
    assert_eq!((html.status, html.header("content-type")), (200, "text/html; charset=utf-8"));
    peer.sandbox.faults().set(FaultSet { redirect_token: true, ..FaultSet::default() });
    let redirect = peer.token(&refresh("x")).await;
    assert_eq!(redirect.status, 307);
    assert!(redirect.header("location").ends_with("/elsewhere"));
}

#[tokio::test]
async fn token_answers_lack_fields_or_are_refused() {
    let peer = Peer::start().await;
    let lacking = FaultSet { no_expires_in: true, no_id_token: true, ..FaultSet::default() };
    peer.sandbox.faults().set(lacking);
    let answer = peer.tokens().await;
    assert!(answer.json().get("expires_in").is_none());
    assert!(answer.json().get("id_token").is_none());
    peer.sandbox.faults().set(FaultSet { invalid_grant: true, ..FaultSet::default() });
    let refused = peer.token(&refresh(&answer.text("refresh_token"))).await;
    assert_eq!(refused.error(), "invalid_grant");
}

fn at_token() -> BTreeSet<Endpoint> {
    BTreeSet::from([Endpoint::Token])
}

async fn sign_in(peer: &Peer, faults: FaultSet) -> Answer {
    peer.sandbox.faults().set(faults);
    peer.sign_in(&page(&lawful_request()), "maria", "correct-horse").await
}

async fn id_token(peer: &Peer, faults: FaultSet) -> String {
    peer.sandbox.faults().set(faults);
    peer.tokens().await.text("id_token")
}

async fn claims(peer: &Peer, faults: FaultSet) -> Value {
    parts(&id_token(peer, faults).await).1
}
