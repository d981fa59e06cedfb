//! The launcher: a small process that starts tray and window for a broker that can start nothing.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod fork;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod process;
mod start;
#[cfg(target_os = "linux")]
mod wire;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::Launcher;
#[cfg(target_os = "linux")]
pub use linux::Launcher;
pub use start::{Start, Started};
