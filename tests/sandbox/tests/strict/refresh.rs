//! Refreshing and rotation.

use lanyard_sandbox::Rotation;

use crate::client::{Peer, parts, refresh, with};

#[tokio::test]
async fn each_refresh_gives_new_tokens_about_the_same_person() {
    let peer = Peer::start().await;
    let first = peer.tokens().await;
    let second = peer.token(&refresh(&first.text("refresh_token"))).await;
    assert_ne!(first.text("access_token"), second.text("access_token"));
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    let subject = |answer: &crate::client::Answer| parts(&answer.text("id_token")).1["sub"].clone();
    assert_eq!(subject(&first), subject(&second));
}

#[tokio::test]
async fn within_the_grace_a_used_token_gets_the_newest_answer() {
    let peer = Peer::start_rotating(Rotation::On { grace: 10 }).await;
    let first = peer.tokens().await.text("refresh_token");
    let second = peer.token(&refresh(&first)).await;
    let third = peer.token(&refresh(&second.text("refresh_token"))).await;
    peer.sandbox.advance(9);
    let again = peer.token(&refresh(&first)).await;
    assert_eq!(again.text("refresh_token"), third.text("refresh_token"));
    assert_eq!(again.text("access_token"), third.text("access_token"));
    assert_eq!(again.json()["expires_in"], 3591);
}

#[tokio::test]
async fn after_the_grace_a_used_token_ends_the_grant() {
    let peer = Peer::start_rotating(Rotation::On { grace: 10 }).await;
    let first = peer.tokens().await.text("refresh_token");
    let second = peer.token(&refresh(&first)).await;
    peer.sandbox.advance(10);
    assert_eq!(peer.token(&refresh(&first)).await.error(), "invalid_grant");
    let newest = peer.token(&refresh(&second.text("refresh_token"))).await;
    assert_eq!(newest.error(), "invalid_grant");
    assert!(!peer.opens(&second.text("access_token")).await);
}

#[tokio::test]
async fn without_grace_the_first_reuse_ends_the_grant() {
    let peer = Peer::start_rotating(Rotation::On { grace: 0 }).await;
    let first = peer.tokens().await.text("refresh_token");
    peer.token(&refresh(&first)).await;
    assert_eq!(peer.token(&refresh(&first)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn without_rotation_the_token_stays() {
    let peer = Peer::start_rotating(Rotation::Off).await;
    let first = peer.tokens().await.text("refresh_token");
    let second = peer.token(&refresh(&first)).await;
    assert!(second.json().get("refresh_token").is_none());
    assert_eq!(peer.token(&refresh(&first)).await.status, 200);
}

#[tokio::test]
async fn a_refresh_may_narrow_and_not_widen() {
    let peer = Peer::start().await;
    let token = peer.tokens().await.text("refresh_token");
    let wider = with(refresh(&token), "scope", Some("openid email"));
    assert_eq!(peer.token(&wider).await.error(), "invalid_scope");
    let narrower = with(refresh(&token), "scope", Some("openid"));
    assert_eq!(peer.token(&narrower).await.text("scope"), "openid");
}

#[tokio::test]
async fn refresh_tokens_end() {
    let peer = Peer::start().await;
    let token = peer.tokens().await.text("refresh_token");
    peer.sandbox.advance(30 * 86_400);
    assert_eq!(peer.token(&refresh(&token)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_revoked_person_cannot_refresh() {
    let peer = Peer::start().await;
    let tokens = peer.tokens().await;
    peer.sandbox.revoke("maria");
    let answer = peer.token(&refresh(&tokens.text("refresh_token"))).await;
    assert_eq!(answer.error(), "invalid_grant");
    assert!(!peer.opens(&tokens.text("access_token")).await);
}
