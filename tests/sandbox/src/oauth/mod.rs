//! The OIDC issuer, and what the Entra stand-in shares with it.

pub(crate) mod authorize;
pub(crate) mod client_auth;
pub(crate) mod device;
pub(crate) mod discovery;
pub(crate) mod dpop;
pub(crate) mod error;
pub(crate) mod form;
pub(crate) mod grants;
pub(crate) mod id_token;
pub(crate) mod push;
pub(crate) mod register;
pub(crate) mod request;
pub(crate) mod revoke;
pub(crate) mod signed;
pub(crate) mod token;
pub(crate) mod userinfo;
