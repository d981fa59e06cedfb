//! Confinement of the broker: it starts no program, and writes in its own folders only.

use std::path::PathBuf;

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod landlock;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod outside;
#[cfg(target_os = "linux")]
mod seccomp;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{confine, outside};
#[cfg(target_os = "linux")]
pub use linux::confine;
#[cfg(target_os = "linux")]
pub use outside::outside;

/// What a confined process may still do.
#[derive(Debug, Clone)]
pub struct Confinement {
    /// Folders beneath which it may write. One that does not exist is no place to write.
    ///
    /// There is no such list for reading: profiles name files anywhere, and so do the system's
    /// libraries (resolver, certificates, time zones).
    pub writable: Vec<PathBuf>,
}
