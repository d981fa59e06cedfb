//! The decision: a token from the cache, a refresh, or the person.
//!
//! [`Engine::token`] is the path of every token. The engine knows the [`Provider`] trait and no
//! provider; it compiles without HTTP.
//!
//! [`Provider`]: lanyard_core::provider::Provider

mod background;
mod choose;
mod engine;
mod flights;
mod ledger;
mod memory;
mod prompts;
mod proof;
mod sign_in;
mod sign_ins;
mod sign_out;
mod status;
mod store;
mod token;

pub use engine::{ConfigSource, Engine, Parts, Watcher};
pub use prompts::Prompt;
pub use proof::ProofFor;
pub use sign_in::{Callbacks, Listener};
pub use sign_ins::{SignInState, SignInView};
pub use sign_out::SignedOut;
pub use status::{AccountStatus, Overview};
pub use token::{Issued, Kind, Source, TokenRequest};
