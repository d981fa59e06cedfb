//! Who is calling, as the kernel tells it.
//!
//! 1. When a connection is accepted, its peer is held by a pidfd, and its executable is noted.
//! 2. When a call asks who calls, the peer must still be what it was. If it is Lanyard's own
//!    command line, the caller is an ancestor, which is then held in the same way.
//! 3. Each later call on the connection looks again whether peer and caller are what they were.
//!
//! Whatever cannot be told makes the caller an unknown program, with the reason.

#[cfg(target_os = "linux")]
mod digest;
#[cfg(target_os = "linux")]
mod held;
#[cfg(target_os = "linux")]
mod line;
#[cfg(target_os = "linux")]
mod pidfd;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod recognise;
#[cfg(target_os = "linux")]
mod script;

#[cfg(not(target_os = "linux"))]
mod elsewhere;

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{Held, Recognised, Recogniser};
#[cfg(target_os = "linux")]
pub(crate) use {
    held::Held,
    recognise::{Recognised, Recogniser},
};
