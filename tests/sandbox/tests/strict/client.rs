//! A client that sends whatever a test wants.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::{HeaderMap, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use lanyard_sandbox::{Rotation, Sandbox, Settings};
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use rsa::{BigUint, RsaPublicKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use url::Url;
use url::form_urlencoded::Serializer;

pub(crate) const REDIRECT: &str = "http://127.0.0.1:4711/callback";
pub(crate) const VERIFIER: &str = "verifier-verifier-verifier-verifier-verifier";

/// Far more than any honest answer.
const BODY_LIMIT: usize = 1024 * 1024;

/// Why there was no whole answer.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Named values of a query or form.
pub(crate) type Fields = Vec<(&'static str, String)>;

/// A sandbox and a client for it.
pub(crate) struct Peer {
    pub(crate) sandbox: Sandbox,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Returns the `error` of a refused request, or nothing for a served one.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns where a redirect leads, and with which fields; nothing if it is no redirect.
    pub(crate) fn redirected(&self) -> BTreeMap<String, String> {
        let Ok(url) = Url::parse(self.header("location")) else { return BTreeMap::new() };
        url.query_pairs().into_owned().collect()
    }
}

impl Peer {
    pub(crate) async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    pub(crate) async fn start_rotating(rotation: Rotation) -> Self {
        Self::start_with(Settings { rotation, ..Settings::default() }).await
    }

    async fn start_with(settings: Settings) -> Self {
        Self { sandbox: Sandbox::start(settings).await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path, &[], String::new())).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, form: &Fields) -> Answer {
        self.post_with(path, form, &[]).await
    }

    pub(crate) async fn post_with(
        &self,
        path: &str,
        form: &Fields,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.try_post(path, form, headers).await.unwrap()
    }

    pub(crate) async fn try_post(
        &self,
        path: &str,
        form: &Fields,
        headers: &[(&str, &str)],
    ) -> Result<Answer, Failure> {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.send(self.request("POST", path, &all, encoded(form))).await
    }

    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Request<Full<Bytes>> {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", self.host());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Full::from(body)).unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        let stream = TcpStream::connect(self.host()).await.unwrap();
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, BODY_LIMIT).collect().await?.to_bytes();
        connection.abort();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    fn host(&self) -> &str {
        self.sandbox.origin().strip_prefix("http://").unwrap()
    }

    /// Opens the login page of a request and sends the form on it.
    pub(crate) async fn sign_in(&self, page: &str, username: &str, password: &str) -> Answer {
        let transaction = transaction(&self.get(page).await);
        let person = [("username", username.into()), ("password", password.into())];
        let form = [("transaction", transaction)].into_iter().chain(person).collect();
        self.post("/login", &form).await
    }

    /// Signs Maria in and returns the code.
    pub(crate) async fn code(&self) -> String {
        let answer = self.sign_in(&page(&lawful_request()), "maria", "correct-horse").await;
        answer.redirected()["code"].clone()
    }

    pub(crate) async fn token(&self, form: &Fields) -> Answer {
        self.post("/oidc/token", form).await
    }

    /// Signs Maria in and returns the first token answer.
    pub(crate) async fn tokens(&self) -> Answer {
        let answer = self.token(&exchange(&self.code().await)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    /// Says whether an access token opens the userinfo endpoint.
    pub(crate) async fn opens(&self, access_token: &str) -> bool {
        let bearer = format!("Bearer {access_token}");
        let headers = [("authorization", bearer.as_str())];
        let request = self.request("GET", "/oidc/userinfo", &headers, String::new());
        self.send(request).await.unwrap().status == 200
    }
}

/// Returns the path of the authorization endpoint with `fields`.
pub(crate) fn page(fields: &Fields) -> String {
    format!("/oidc/authorize?{}", encoded(fields))
}

pub(crate) fn lawful_request() -> Fields {
    vec![
        ("client_id", "lanyard".into()),
        ("redirect_uri", REDIRECT.into()),
        ("response_type", "code".into()),
        ("scope", "openid profile offline_access".into()),
        ("state", "the-state".into()),
        ("nonce", "the-nonce".into()),
        ("code_challenge", URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))),
        ("code_challenge_method", "S256".into()),
    ]
}

pub(crate) fn exchange(code: &str) -> Fields {
    vec![
        ("grant_type", "authorization_code".into()),
        ("client_id", "lanyard".into()),
        ("code", code.into()),
        ("redirect_uri", REDIRECT.into()),
        ("code_verifier", VERIFIER.into()),
    ]
}

pub(crate) fn refresh(token: &str) -> Fields {
    vec![
        ("grant_type", "refresh_token".into()),
        ("client_id", "lanyard".into()),
        ("refresh_token", token.into()),
    ]
}

/// Returns `fields` with another value for `name`, or without it.
pub(crate) fn with(mut fields: Fields, name: &'static str, value: Option<&str>) -> Fields {
    fields.retain(|(existing, _)| *existing != name);
    fields.extend(value.map(|value| (name, value.to_owned())));
    fields
}

pub(crate) fn encoded(fields: &Fields) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Returns the one-time id in a login page.
pub(crate) fn transaction(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("name=\"transaction\" value=\"").expect("a login page");
    rest.split('"').next().unwrap().to_owned()
}

/// Returns header and claims of a token.
pub(crate) fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut next = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (next(), next())
}

/// Says whether the key set has the token's key and that key made the signature.
pub(crate) fn is_signed(token: &str, jwks: &Value) -> bool {
    let key = &jwks["keys"][0];
    let number = |name: &str| {
        BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap())
    };
    let public = RsaPublicKey::new(number("n"), number("e")).unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let Ok(signature) = Signature::try_from(signature.as_slice()) else { return false };
    parts(token).0["kid"] == key["kid"]
        && VerifyingKey::<Sha256>::new(public).verify(input.as_bytes(), &signature).is_ok()
}
