//! The authorization endpoint and the login page.

use crate::client::{Answer, Peer, REDIRECT, lawful_request, page, transaction, with};

#[tokio::test]
async fn a_lawful_request_ends_with_code_state_and_issuer() {
    let peer = Peer::start().await;
    let answer = peer.sign_in(&page(&lawful_request()), "maria", "correct-horse").await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").starts_with(REDIRECT));
    let fields = answer.redirected();
    assert_eq!(fields["state"], "the-state");
    assert_eq!(fields["iss"], peer.sandbox.oidc_issuer());
    assert!(fields["code"].len() > 40);
}

#[tokio::test]
async fn a_wrong_client_or_redirect_is_never_redirected() {
    let peer = Peer::start().await;
    for (name, value) in [
        ("client_id", None),
        ("client_id", Some("nobody")),
        ("redirect_uri", None),
        ("redirect_uri", Some("http://127.0.0.1:4711/other")),
        ("redirect_uri", Some("http://evil.example:4711/callback")),
        ("redirect_uri", Some("https://app.company.example/signed-in")),
    ] {
        let answer = ask(&peer, name, value).await;
        assert_eq!(answer.status, 400, "{name} {value:?}");
        assert_eq!(answer.header("location"), "", "{name} {value:?}");
    }
}

#[tokio::test]
async fn an_exact_redirect_admits_no_variation() {
    let peer = Peer::start().await;
    let confidential = with(lawful_request(), "client_id", Some("lanyard-confidential"));
    let exact = "https://app.company.example/signed-in";
    let lawful = with(confidential.clone(), "redirect_uri", Some(exact));
    assert_eq!(peer.get(&page(&lawful)).await.status, 200);
    let varied = with(confidential, "redirect_uri", Some(&format!("{exact}/")));
    assert_eq!(peer.get(&page(&varied)).await.status, 400);
}

#[tokio::test]
async fn any_port_of_a_loopback_redirect_is_lawful() {
    let peer = Peer::start().await;
    for uri in ["http://127.0.0.1:1/callback", "http://[::1]:2/callback"] {
        assert_eq!(ask(&peer, "redirect_uri", Some(uri)).await.status, 200, "{uri}");
    }
}

#[tokio::test]
async fn other_mistakes_are_told_to_the_client_with_state_and_issuer() {
    let peer = Peer::start().await;
    for (name, value, error) in [
        ("response_type", None, "invalid_request"),
        ("response_type", Some("token"), "unsupported_response_type"),
        ("response_mode", Some("fragment"), "invalid_request"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("nonce", None, "invalid_request"),
        ("scope", None, "invalid_scope"),
        ("scope", Some("profile"), "invalid_scope"),
        ("request", Some("e30.e30."), "request_not_supported"),
        ("prompt", Some("none"), "login_required"),
        ("prompt", Some("surprise"), "invalid_request"),
    ] {
        let fields = ask(&peer, name, value).await.redirected();
        assert_eq!(fields["error"], error, "{name} {value:?}");
        assert_eq!(fields["state"], "the-state");
        assert_eq!(fields["iss"], peer.sandbox.oidc_issuer());
    }
}

#[tokio::test]
async fn a_request_without_state_is_refused() {
    let peer = Peer::start().await;
    let fields = ask(&peer, "state", None).await.redirected();
    assert_eq!(fields["error"], "invalid_request");
    assert!(!fields.contains_key("state"));
}

#[tokio::test]
async fn repeated_parameters_are_refused() {
    let peer = Peer::start().await;
    let twice = |name: &'static str, value: &str| {
        let mut fields = lawful_request();
        fields.push((name, value.into()));
        page(&fields)
    };
    let scope = peer.get(&twice("scope", "openid")).await;
    assert_eq!(scope.redirected()["error"], "invalid_request");
    let redirect = peer.get(&twice("redirect_uri", REDIRECT)).await;
    assert_eq!((redirect.status, redirect.header("location")), (400, ""));
}

#[tokio::test]
async fn unknown_parameters_are_tolerated() {
    let peer = Peer::start().await;
    assert_eq!(ask(&peer, "surprise", Some("1")).await.status, 200);
}

#[tokio::test]
async fn a_wrong_password_shows_the_page_again() {
    let peer = Peer::start().await;
    let answer = peer.sign_in(&page(&lawful_request()), "maria", "wrong").await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains(r#"role="alert">Wrong username or password."#));
    assert!(answer.body.contains(r#"name="username" value="maria""#));
}

#[tokio::test]
async fn cancelling_denies_access() {
    let peer = Peer::start().await;
    let transaction = transaction(&peer.get(&page(&lawful_request())).await);
    let form = vec![("transaction", transaction), ("deny", "1".into())];
    assert_eq!(peer.post("/login", &form).await.redirected()["error"], "access_denied");
}

#[tokio::test]
async fn a_login_form_works_once_and_not_for_long() {
    let peer = Peer::start().await;
    let transaction = transaction(&peer.get(&page(&lawful_request())).await);
    let form = vec![("transaction", transaction), ("username", "maria".into())];
    assert_eq!(peer.post("/login", &form).await.status, 200);
    assert_eq!(peer.post("/login", &form).await.status, 400);

    let late = self::transaction(&peer.get(&page(&lawful_request())).await);
    peer.sandbox.advance(900);
    assert_eq!(peer.post("/login", &vec![("transaction", late)]).await.status, 400);
}

#[tokio::test]
async fn hostile_names_and_hints_are_escaped() {
    let peer = Peer::start().await;
    let answer = ask(&peer, "login_hint", Some("\"><script>alert(1)</script>")).await;
    assert!(!answer.body.contains("<script"));
    assert!(!answer.body.contains("<b onclick"));
    assert!(answer.body.contains("&lt;b onclick=&quot;alert(1)&quot;&gt;Mallory"));
}

#[tokio::test]
async fn pages_are_protected() {
    let peer = Peer::start().await;
    let answer = peer.get(&page(&lawful_request())).await;
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(policy.contains("form-action 'self' http://127.0.0.1:4711;"), "{policy}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
}

async fn ask(peer: &Peer, name: &'static str, value: Option<&str>) -> Answer {
    peer.get(&page(&with(lawful_request(), name, value))).await
}
