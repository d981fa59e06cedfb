//! Sign-ins under fire: token after token runs out while broker and clients are killed and
//! suspended, clocks jump and the provider fails. Afterwards the sign-in must still be there.
//!
//! One loss cannot be prevented: the provider rotated the grant, and its answer never reached the
//! disk. Each such loss is counted; a provider with a grace period causes none.

mod clock;
mod dice;
mod ordeal;
mod proxy;
mod sign_in;
mod tally;
mod trouble;

pub use clock::clock;
pub use ordeal::{Ordeal, Plan};
pub use tally::Tally;
