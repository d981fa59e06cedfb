//! Against a server that was not written here: the certified `oidc-provider`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use lanyard_core::provider::{AcquireRequest, Revocation, SignInRequest, Way};
use lanyard_core::{Audience, Clock, Scopes, SystemClock};
use serde_json::Value;

use super::site::Visitor;
use super::{now, provider};

#[tokio::test]
async fn a_person_signs_in_by_a_pushed_request() {
    Peer::start().whole_life("client_id = \"lanyard\"", "", Way::Usual).await;
}

#[tokio::test]
async fn a_person_signs_in_by_a_device_code() {
    Peer::start().whole_life("client_id = \"lanyard\"", "", Way::DeviceCode).await;
}

#[tokio::test]
async fn a_client_registers_itself() {
    let peer = Peer::start();
    peer.whole_life("", "", Way::Usual).await;
    peer.whole_life("", "", Way::DeviceCode).await;
}

#[tokio::test]
async fn clients_show_secrets_in_header_and_form() {
    let peer = Peer::start();
    let secret = "client_secret = { keyring = \"x\" }";
    let basic = format!("client_id = \"lanyard-confidential\"\n{secret}");
    peer.whole_life(&basic, "peer-client-secret", Way::Usual).await;
    let auth = "client_auth = \"client_secret_post\"";
    let post = format!("client_id = \"lanyard-post\"\n{secret}\n{auth}");
    peer.whole_life(&post, "peer-client-secret", Way::DeviceCode).await;
}

#[tokio::test]
async fn a_client_signs_assertions() {
    let peer = Peer::start();
    let pem = peer.control("/control/key").await["pem"].as_str().unwrap().to_owned();
    let client = "client_id = \"lanyard-key\"\nclient_key = { keyring = \"x\" }";
    peer.whole_life(client, &pem, Way::Usual).await;
}

#[tokio::test]
async fn tokens_are_bound_to_a_key() {
    let peer = Peer::start();
    let client = "client_id = \"lanyard\"\ndpop = true";
    peer.whole_life(client, "", Way::Usual).await;
    peer.whole_life(client, "", Way::DeviceCode).await;
}

/// The server in a process of its own, which ends with this.
struct Peer {
    process: Child,
    ready: Value,
}

impl Peer {
    fn start() -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers/oidc-provider/op.mjs");
        let mut process =
            Command::new("node").arg(folder).stdout(Stdio::piped()).spawn().expect("node is there");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).expect("the peer is ready");
        Self { process, ready }
    }

    async fn control(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.ready["control"].as_str().unwrap());
        drop(rustls::crypto::ring::default_provider().install_default());
        let answer = reqwest::Client::new().get(url).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// Signs in, refreshes twice, and signs out.
    async fn whole_life(&self, client: &str, secret: &str, way: Way) {
        let issuer = self.ready["issuer"].as_str().unwrap();
        let config = format!(
            "[profile.company]\nprovider = \"oidc\"\nissuer = \"{issuer}\"\n{client}\n\
             scopes = [\"openid\", \"profile\", \"offline_access\"]\n"
        );
        let (provider, profile) = provider(&config, secret);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let (username, tenant, registered) = (None, None, None);
        let request = SignInRequest { username, tenant, way, registered, clock };
        let signed_in = provider.sign_in(&profile, request, &Visitor::default()).await.unwrap();
        assert_eq!(signed_in.username, "maria");
        let mut grant = signed_in.grant.unwrap();
        for _ in 0..2 {
            let request = AcquireRequest {
                grant: &grant,
                tenant: "",
                subject: &signed_in.subject,
                audience: &Audience::Scopes(Scopes::parse("openid profile offline_access")),
                claims: None,
                now: now(),
            };
            let acquired = provider.acquire(&profile, request).await.unwrap();
            grant.refresh_token = acquired.rotated.unwrap_or(grant.refresh_token);
        }
        assert_eq!(provider.revoke(&profile, grant).await.unwrap(), Revocation::Revoked);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
