//! The other end of the broker's socket: asks for tokens, and starts the broker where there is none.
//!
//! Before anything is sent the client checks that the socket's folder belongs to this user and that
//! a process of this user answers.
//!
//! ```no_run
//! # async fn example() -> Result<(), lanyard_core::Failure> {
//! use lanyard_client::{Client, SharedTokenCacheCredential};
//!
//! let credential = SharedTokenCacheCredential::new(Client::from_env()?);
//! let token = credential.get_token(&["https://management.azure.com/.default"]).await?;
//! println!("valid until {}", token.expires_at);
//! # Ok(())
//! # }
//! ```

mod answers;
mod call;
mod connect;
mod credential;
#[cfg(feature = "direct")]
mod direct;
mod environment;
mod events;
mod launch;

pub use answers::AnswerChannel;
pub use call::Client;
pub use credential::SharedTokenCacheCredential;
pub use environment::home;
pub use events::Events;
