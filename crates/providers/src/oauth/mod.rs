//! What the providers that speak OAuth 2.0 and OpenID Connect share.

mod code;
mod discovery;
mod error;
mod id_token;
mod token;

pub(crate) use code::CodeFlow;
pub(crate) use discovery::Discovery;
pub(crate) use error::{Asked, refused};
pub(crate) use id_token::{Claims, Expected, unverified};
pub(crate) use token::{Answer, ClientAuth, RefreshRequest, refresh, revoke};
