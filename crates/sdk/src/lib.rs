//! Lanyard's credentials for Rust programs, and the traits of the official SDKs on them.
//!
//! With the feature `azure` every client of the Azure SDK takes the account that signed in through
//! Lanyard:
//!
//! ```no_run
//! # #[cfg(feature = "azure")]
//! # async fn example() -> azure_core::Result<()> {
//! use azure_core::credentials::TokenCredential;
//! use lanyard_client::{Client, SharedTokenCacheCredential};
//! use lanyard_sdk::azure::LanyardCredential;
//!
//! let client = Client::from_env().expect("a home folder is known");
//! let credential = LanyardCredential::new(SharedTokenCacheCredential::new(client));
//! let token = credential.get_token(&["https://management.azure.com/.default"], None).await?;
//! # drop(token);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "azure")]
pub mod azure;

pub use lanyard_client::{Client, SharedTokenCacheCredential};
