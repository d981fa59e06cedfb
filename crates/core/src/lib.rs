//! Lanyard's words: ids, scopes, secrets, grants, tokens, time, codes, and the trait that every
//! identity provider implements.
//!
//! This crate does no I/O: it opens no file and no connection, reads no environment and knows no
//! clock but the one it is given.
//!
//! ```
//! use lanyard_core::Scopes;
//!
//! let scopes: Scopes = ["profile", "openid", "profile"].into_iter().collect();
//! assert_eq!(scopes.to_string(), "openid profile");
//! ```

mod account;
mod caller;
mod clock;
mod code;
pub mod config;
pub mod descriptor;
mod freshness;
mod grant;
mod home;
mod ids;
mod programs;
pub mod provider;
mod redirect;
mod scopes;
mod secret;
mod state;
mod text;
mod web_url;

pub use account::{Account, Tenant};
pub use caller::{Ancestor, Caller, Executable, program_name};
pub use clock::{Clock, SystemClock, TestClock};
pub use code::{ALREADY_RUNNING, Code, Failure, OF_PROFILE, TERMINAL_PROMPT};
pub use freshness::{DEFAULT_MIN_VALID, Freshness, freshness};
pub use grant::{Binding, Grant, Token, TokenKey};
pub use home::Home;
pub use ids::{AccountId, InvalidName, ProfileName};
pub use programs::{COMMAND, DAEMON, WINDOW, program_missing, program_places};
pub use redirect::{AuthorizationError, CallbackError, RedirectAnswer, check_redirect};
pub use scopes::{Audience, Scopes};
pub use secret::{
    AccessToken, AuthorizationCode, ClientSecret, IdToken, Passphrase, PkceVerifier, ProofKey,
    RefreshToken, SealKey, SecretKey,
};
pub use state::{AccountState, StateInput, account_state};
pub use text::{hex, plain_line, printable};
pub use web_url::{WebUrl, WebUrlError, host_is_loopback};
