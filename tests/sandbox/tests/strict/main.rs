//! Proves that the sandbox refuses what a wrong client sends, and serves what a right one does.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod authorize;
mod client;
mod entra;
mod faults;
mod program;
mod refresh;
mod steering;
mod token;
