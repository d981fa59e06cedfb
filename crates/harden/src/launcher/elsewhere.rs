use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;

use super::{Start, Started};

/// The launcher, which only Linux has.
#[derive(Debug)]
pub struct Launcher(());

impl Launcher {
    /// Returns that there is none.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub fn fork() -> io::Result<Self> {
        Err(ErrorKind::Unsupported.into())
    }

    /// Returns that nothing was started.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub fn start(&self, _: &Start, _: OwnedFd) -> io::Result<Started> {
        Err(ErrorKind::Unsupported.into())
    }

    /// Returns that nothing was stopped.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub fn stop(&self, _: u32) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}
