//! What Lanyard knows of each identity provider.
//!
//! A provider is a folder with its descriptor and its [`Provider`] implementation, and two lines in
//! this file. It never touches the cache, another provider, the environment or the screen.

mod entra;
mod http;
mod oauth;
mod oidc;
mod probe;

use std::sync::Arc;

use lanyard_core::descriptor::Descriptor;
use lanyard_core::provider::{Provider, SecretSource};

#[cfg(feature = "fuzz")]
pub mod fuzz;

pub use crate::http::{Http, HttpError, HttpSetupError};
pub use crate::probe::{Probe, ProbeError};

/// Every provider's description, in the order in which people see them.
pub static DESCRIPTORS: &[&Descriptor] = &[
    &entra::DESCRIPTOR,
    &oidc::DESCRIPTOR, //
];

/// Returns every provider, over this HTTP client.
pub fn all(http: &Http, secrets: &Arc<dyn SecretSource>) -> Vec<Arc<dyn Provider>> {
    vec![
        Arc::new(entra::Entra::new(http.clone())),
        Arc::new(oidc::Oidc::new(http.clone(), Arc::clone(secrets))),
    ]
}
