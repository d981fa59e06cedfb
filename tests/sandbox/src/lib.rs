//! Strict stand-ins of identity providers.
//!
//! The sandbox serves an OIDC issuer and a Microsoft Entra authority on 127.0.0.1. Tests
//! run it in their own process; `make run` runs it as a program, and people sign in to its demo
//! accounts with a browser. It refuses what a wrong client sends, and it can be told to misbehave
//! itself: see [`FaultSet`].
//!
//! It never talks to another host and keeps nothing on disk. Its passwords and tokens open nothing
//! outside of it.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use lanyard_sandbox::{FaultSet, Sandbox, Settings};
//!
//! let sandbox = Sandbox::start(Settings::default()).await.unwrap();
//! assert!(sandbox.oidc_issuer().starts_with("http://127.0.0.1:"));
//! sandbox.faults().set(FaultSet { wrong_nonce: true, ..FaultSet::default() });
//! sandbox.stop().await;
//! # });
//! ```

mod breakage;
mod clock;
pub mod config;
mod control;
mod device_page;
mod entra;
mod faults;
mod keys;
mod logins;
mod oauth;
mod page;
mod params;
mod random;
mod record;
mod redirect;
mod routes;
mod server;
mod settings;
mod world;

pub use entra::{CLIENT_ID as ENTRA_CLIENT_ID, TENANT as ENTRA_TENANT};
pub use faults::{Endpoint, FaultSet, Faults, UnknownFault};
pub use record::RecordedRequest;
pub use redirect::Redirect;
pub use server::Sandbox;
pub use settings::{Client, Lifetimes, Pushing, Rotation, Settings, User};
