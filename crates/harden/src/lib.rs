//! Keeps Lanyard's processes from the user's other programs, as far as the system can.
//!
//! Everything here is best effort and says what became of it: a measure that this kernel does not
//! have is reported, never a reason to stop. Nothing here knows what Lanyard is for.

mod begin;
#[cfg(unix)]
mod channel;
mod confine;
mod environment;
#[cfg(target_os = "linux")]
mod facts;
#[cfg(unix)]
mod launcher;
mod measure;
mod resident;

pub use begin::begin;
#[cfg(unix)]
pub use channel::take_channel;
pub use confine::{Confinement, confine, outside};
pub use environment::{allowed_environment, clean_environment, may_inherit};
#[cfg(target_os = "linux")]
pub use facts::{Facts, Swap, facts};
#[cfg(unix)]
pub use launcher::{Launcher, Start, Started};
pub use measure::Measure;
pub use resident::keep_resident;

/// Fails in a process with more threads than the calling one.
#[cfg(target_os = "linux")]
fn alone(done: &str) -> std::io::Result<()> {
    match std::fs::read_dir("/proc/self/task")?.count() {
        1 => Ok(()),
        _ => Err(std::io::Error::other(format!("has to be {done} before threads are started"))),
    }
}
