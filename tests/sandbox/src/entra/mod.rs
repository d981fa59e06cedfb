//! The stand-in for Microsoft Entra.

pub(crate) mod authorize;
mod claims;
pub(crate) mod device;
pub(crate) mod directory;
pub(crate) mod discovery;
mod error;
mod scopes;
pub(crate) mod token;

pub(crate) use authorize::authenticate;
pub use directory::{CLIENT_ID, TENANT};
