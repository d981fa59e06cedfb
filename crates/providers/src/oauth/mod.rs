//! What the providers that speak OAuth 2.0 and OpenID Connect share.

mod assertion;
mod client_auth;
mod code;
mod device;
mod discovery;
mod dpop;
mod error;
mod id_token;
mod jws;
mod post;
mod register;
mod token;

pub(crate) use assertion::Assertion;
pub(crate) use client_auth::{ClientAuth, ClientProof};
pub(crate) use code::CodeFlow;
pub(crate) use device::DeviceFlow;
pub(crate) use discovery::Discovery;
pub(crate) use dpop::{Proof, new_key};
pub(crate) use error::{Asked, refused};
pub(crate) use id_token::{Claims, Expected, unverified};
pub(crate) use post::Post;
pub(crate) use register::{is_known, register};
pub(crate) use token::{Answer, RefreshRequest, refresh, revoke};

/// The fields of a form.
pub(crate) type Fields<'a> = [(&'a str, &'a str)];
