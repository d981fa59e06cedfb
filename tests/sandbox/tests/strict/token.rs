//! Codes for tokens, client authentication, revocation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::client::{
    Fields, Peer, VERIFIER, encoded, exchange, is_signed, lawful_request, page, parts, refresh,
    with,
};

#[tokio::test]
async fn a_code_gives_tokens_that_fit_the_sign_in() {
    let peer = Peer::start().await;
    let answer = peer.tokens().await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json()["expires_in"], 3600);
    let token = answer.text("id_token");
    let (header, claims) = parts(&token);
    assert_eq!(header["alg"], "RS256");
    assert!(is_signed(&token, &peer.get("/oidc/jwks").await.json()));
    assert_eq!(claims["iss"], peer.sandbox.oidc_issuer());
    assert_eq!(claims["aud"], "lanyard");
    assert_eq!(claims["nonce"], "the-nonce");
    assert_eq!(claims["name"], "Maria Klein");
    assert_ne!(claims["sub"], "maria");
    assert!(peer.opens(&answer.text("access_token")).await);
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let peer = Peer::start().await;
    let asked = with(lawful_request(), "scope", Some("openid"));
    let code = peer.sign_in(&page(&asked), "maria", "correct-horse").await.redirected();
    let answer = peer.token(&exchange(&code["code"])).await.json();
    assert!(answer.get("refresh_token").is_none());
}

#[tokio::test]
async fn a_code_is_bound_to_its_request() {
    let peer = Peer::start().await;
    for (name, value, error) in [
        ("code_verifier", Some("another-another-another-another-another-an"), "invalid_grant"),
        ("code_verifier", Some("short"), "invalid_grant"),
        ("code_verifier", None, "invalid_request"),
        ("redirect_uri", Some("http://127.0.0.1:4712/callback"), "invalid_grant"),
        ("redirect_uri", None, "invalid_request"),
        ("code", Some("invented"), "invalid_grant"),
        ("code", None, "invalid_request"),
        ("grant_type", None, "invalid_request"),
        ("grant_type", Some("password"), "unsupported_grant_type"),
    ] {
        let form = with(exchange(&peer.code().await), name, value);
        assert_eq!(peer.token(&form).await.error(), error, "{name} {value:?}");
    }
}

#[tokio::test]
async fn a_code_of_another_client_is_refused() {
    let peer = Peer::start().await;
    let form = confidential(exchange(&peer.code().await));
    assert_eq!(peer.token(&form).await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_failed_exchange_uses_the_code_up() {
    let peer = Peer::start().await;
    let code = peer.code().await;
    peer.token(&with(exchange(&code), "code_verifier", Some(&VERIFIER.to_uppercase()))).await;
    assert_eq!(peer.token(&exchange(&code)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_reused_code_kills_its_tokens() {
    let peer = Peer::start().await;
    let code = peer.code().await;
    let tokens = peer.token(&exchange(&code)).await;
    assert_eq!(peer.token(&exchange(&code)).await.error(), "invalid_grant");
    assert!(!peer.opens(&tokens.text("access_token")).await);
    let again = peer.token(&refresh(&tokens.text("refresh_token"))).await;
    assert_eq!(again.error(), "invalid_grant");
}

#[tokio::test]
async fn a_code_is_good_for_one_minute() {
    let peer = Peer::start().await;
    let code = peer.code().await;
    peer.sandbox.advance(60);
    assert_eq!(peer.token(&exchange(&code)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn only_forms_without_repetitions_are_read() {
    let peer = Peer::start().await;
    let code = peer.code().await;
    let twice = [exchange(&code), vec![("client_id", "lanyard".into())]].concat();
    assert_eq!(peer.token(&twice).await.error(), "invalid_request");

    let headers = [("content-type", "application/json")];
    let body = json!({ "grant_type": "authorization_code", "code": code }).to_string();
    let request = peer.request("POST", "/oidc/token", &headers, body);
    assert_eq!(peer.send(request).await.unwrap().error(), "invalid_request");

    let path = format!("/oidc/token?{}", encoded(&exchange(&code)));
    assert_eq!(peer.post(&path, &Fields::new()).await.error(), "invalid_request");
    assert_eq!(peer.get(&path).await.status, 405);
}

#[tokio::test]
async fn a_public_client_must_not_send_a_secret() {
    let peer = Peer::start().await;
    for secret in ["", "anything"] {
        let form = with(exchange(&peer.code().await), "client_secret", Some(secret));
        let answer = peer.token(&form).await;
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"));
    }
}

#[tokio::test]
async fn a_confidential_client_needs_its_secret_by_one_of_two_ways() {
    let peer = Peer::start().await;
    let code = |secret| with(confidential(exchange("x")), "client_secret", secret);
    // The invented code is refused after the client is accepted.
    assert_eq!(peer.token(&code(Some("sandbox-client-secret"))).await.error(), "invalid_grant");
    assert_eq!(peer.token(&code(Some("wrong"))).await.error(), "invalid_client");
    assert_eq!(peer.token(&code(None)).await.error(), "invalid_client");

    let basic = basic("lanyard-confidential:sandbox-client-secret");
    let headers = [("authorization", basic.as_str())];
    let answer = peer.post_with("/oidc/token", &code(None), &headers).await;
    assert_eq!(answer.error(), "invalid_grant");
    let both = code(Some("sandbox-client-secret"));
    let answer = peer.post_with("/oidc/token", &both, &headers).await;
    assert_eq!(answer.error(), "invalid_request");
}

#[tokio::test]
async fn a_wrong_basic_header_is_challenged() {
    let peer = Peer::start().await;
    let basic = basic("lanyard-confidential:wrong");
    let headers = [("authorization", basic.as_str())];
    let answer = peer.post_with("/oidc/token", &refresh("x"), &headers).await;
    assert_eq!(answer.error(), "invalid_request", "another client_id in the body");
    let form = with(refresh("x"), "client_id", None);
    let answer = peer.post_with("/oidc/token", &form, &headers).await;
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"sandbox\"");
}

#[tokio::test]
async fn a_revoked_access_token_is_dead_alone() {
    let peer = Peer::start().await;
    let tokens = peer.tokens().await;
    let form = revocation(&tokens.text("access_token"));
    assert_eq!(peer.post("/oidc/revoke", &form).await.status, 200);
    assert!(!peer.opens(&tokens.text("access_token")).await);
    assert_eq!(peer.token(&refresh(&tokens.text("refresh_token"))).await.status, 200);
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_the_grant_along() {
    let peer = Peer::start().await;
    let tokens = peer.tokens().await;
    peer.post("/oidc/revoke", &revocation(&tokens.text("refresh_token"))).await;
    assert!(!peer.opens(&tokens.text("access_token")).await);
    let answer = peer.token(&refresh(&tokens.text("refresh_token"))).await;
    assert_eq!(answer.error(), "invalid_grant");
}

#[tokio::test]
async fn revoking_knows_unknown_tokens_and_foreign_ones() {
    let peer = Peer::start().await;
    assert_eq!(peer.post("/oidc/revoke", &revocation("invented")).await.status, 200);
    let tokens = peer.tokens().await;
    let foreign = confidential(revocation(&tokens.text("access_token")));
    assert_eq!(peer.post("/oidc/revoke", &foreign).await.error(), "unauthorized_client");
    assert!(peer.opens(&tokens.text("access_token")).await);
}

#[tokio::test]
async fn userinfo_demands_a_live_token() {
    let peer = Peer::start().await;
    let access = peer.tokens().await.text("access_token");
    assert!(!peer.opens("invented").await);
    peer.sandbox.advance(3600);
    assert!(!peer.opens(&access).await);
}

fn confidential(form: Fields) -> Fields {
    let form = with(form, "client_id", Some("lanyard-confidential"));
    with(form, "client_secret", Some("sandbox-client-secret"))
}

fn revocation(token: &str) -> Fields {
    vec![("token", token.into()), ("client_id", "lanyard".into())]
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}
