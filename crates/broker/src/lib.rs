//! The broker's server: HTTP with JSON over a Unix socket, for programs of this user alone.
//!
//! Handlers hold no logic: they parse a call, make one call to the engine, and map its answer.

mod callback;
mod caller;
mod device;
mod error;
mod page;
mod reply;
mod routes;
mod server;
mod socket;

pub use callback::LoopbackCallbacks;
pub use error::BrokerError;
pub use server::{Info, serve};
pub use socket::{OwnUserListener, bind};
