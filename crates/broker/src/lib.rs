//! The broker's server: HTTP with JSON over a Unix socket, for programs of this user alone.
//!
//! Handlers hold no logic: they parse a call, make one call to the engine, and map its answer.

mod callback;
mod caller;
mod connections;
mod device;
mod door;
mod error;
mod loopback_peer;
mod page;
mod reply;
mod routes;
mod server;
mod socket;
mod views;

pub use callback::LoopbackCallbacks;
pub use door::Persons;
pub use error::BrokerError;
pub use server::{Doors, Info, serve};
pub use socket::{OwnUserListener, bind};
pub use views::{ViewPrograms, Views};
