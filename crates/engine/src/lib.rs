//! The decision: a token from the cache, a refresh, or the person.
//!
//! [`Engine::token`] is the path of every token. The engine knows the [`Provider`] trait and no
//! provider; it compiles without HTTP.
//!
//! [`Provider`]: lanyard_core::provider::Provider

mod answers;
mod approvals;
mod background;
mod choose;
mod engine;
mod flights;
mod grants;
mod guarding;
mod ledger;
mod lock;
mod memory;
mod pauses;
mod picks;
mod prompts;
mod proof;
mod question;
mod rekey;
mod sign_in;
mod sign_ins;
mod sign_out;
mod status;
mod store;
mod token;

pub use lanyard_cache::{Approval, AuditCheck, AuditFilter, AuditRow};

pub use engine::{ConfigFile, ConfigSource, Engine, Parts, Stage, Vault, Watcher};
pub use lock::LockReason;
pub use proof::ProofFor;
pub use question::{Act, Answer, Choice, Prompt, Question};
pub use rekey::Rekey;
pub use sign_in::{Callbacks, Listener};
pub use sign_ins::{SignInState, SignInView};
pub use sign_out::SignedOut;
pub use status::{AccountStatus, Overview};
pub use token::{Issued, Kind, Source, TokenRequest};
