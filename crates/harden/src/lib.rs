//! Keeps Lanyard's processes from the user's other programs, as far as the system can.
//!
//! Everything here is best effort and says what became of it: a measure that this kernel does not
//! have is reported, never a reason to stop. Nothing here knows what Lanyard is for.

mod begin;
#[cfg(unix)]
mod launcher;
mod measure;

pub use begin::begin;
#[cfg(unix)]
pub use launcher::{Launcher, Start, Started};
pub use measure::Measure;
