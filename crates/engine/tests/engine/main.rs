//! The engine over a real cache, with fakes for what is outside: provider, browser, clock.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests look at secrets and may panic"
)]

mod asking;
mod decision;
mod fakes;
mod faults;
mod guarding;
mod keeping;
mod locking;
mod many;
mod rekeying;
mod sign_in;
mod sign_out;
mod soak;
mod token;
