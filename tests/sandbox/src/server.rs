//! Runs a sandbox.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::breakage::HangUp;
use crate::faults::Faults;
use crate::logins::authenticate;
use crate::record::RecordedRequest;
use crate::routes::routes;
use crate::settings::{LifetimeChange, Settings};
use crate::world::{World, lock};

/// A running sandbox. It ends when it is dropped; [`Sandbox::stop`] also waits for the end.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<World>,
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Listens on 127.0.0.1 and answers from then on.
    ///
    /// # Errors
    ///
    /// When the port is taken.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let world = Arc::new(World::new(origin, settings));
        let stop = CancellationToken::new();
        let task = tokio::spawn(listen(listener, routes(Arc::clone(&world)), stop.clone()));
        Ok(Self { world, stop: stop.drop_guard(), task })
    }

    /// Closes the port and all connections.
    pub async fn stop(self) {
        drop(self.stop);
        // The task fails only by a panic, which has been reported where it happened.
        let _ = self.task.await;
    }

    /// Returns `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        &self.world.origin
    }

    /// Returns the issuer of the OIDC stand-in.
    pub fn oidc_issuer(&self) -> String {
        self.world.oidc_issuer()
    }

    /// Returns the authority of the Entra stand-in, to which clients add a tenant.
    pub fn entra_authority(&self) -> String {
        self.world.entra_authority()
    }

    /// Returns the address of the control interface.
    pub fn control(&self) -> String {
        format!("{}/control", self.world.origin)
    }

    /// Returns what the sandbox was asked since its start.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.world.requests()
    }

    /// Returns every code, token and password that a leak test must not find anywhere.
    pub fn issued_secrets(&self) -> Vec<String> {
        self.world.issued()
    }

    /// Returns the switchboard of faults.
    pub fn faults(&self) -> &Faults {
        &self.world.faults
    }

    /// Moves the sandbox's clock forward.
    pub fn advance(&self, seconds: i64) {
        self.world.clock.advance(seconds);
    }

    /// Ends all access tokens; the next ones live for `access_lifetime` seconds, if it is given.
    pub fn expire(&self, access_lifetime: Option<i64>) {
        self.world.expire(LifetimeChange { access_lifetime, refresh_lifetime: None });
    }

    /// Gives both providers new keys; the old ones are gone.
    pub fn rotate_keys(&self) {
        self.world.rotate_keys();
    }

    /// Has a person of either provider enter a device code; says whether there is such a code.
    pub fn enter_code(&self, user_code: &str, username: &str, password: &str) -> bool {
        let Some(realm) = lock(&self.world.devices).realm(user_code) else { return false };
        let account = authenticate(&self.world, &realm, username, password).ok();
        account.is_some_and(|account| lock(&self.world.devices).decide(user_code, Some(account)))
    }

    /// Has a person refuse a device code; says whether there is such a code.
    pub fn refuse_code(&self, user_code: &str) -> bool {
        lock(&self.world.devices).decide(user_code, None)
    }

    /// Forgets every client that registered itself.
    pub fn forget_clients(&self) {
        lock(&self.world.registered).clear();
    }

    /// Revokes everything that `username` allowed, at both providers.
    pub fn revoke(&self, username: &str) {
        lock(&self.world.grants).revoke_user(username);
    }
}

async fn listen(listener: TcpListener, app: Router, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            Ok((stream, _)) = listener.accept() => {
                connections.spawn(serve(stream, app.clone()));
            }
        }
    }
    connections.shutdown().await;
}

/// Serves one connection, and drops it where a fault says so.
async fn serve(stream: TcpStream, app: Router) {
    let app = TowerToHyperService::new(app);
    let service = service_fn(|request| {
        let answer = app.call(request);
        async move {
            let Ok(answer) = answer.await;
            if answer.extensions().get::<HangUp>().is_some() {
                return Err(io::Error::from(io::ErrorKind::ConnectionReset));
            }
            Ok(answer)
        }
    });
    // A connection that breaks is the client's business.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
