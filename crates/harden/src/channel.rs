//! The channel that a started program finds.
#![expect(unsafe_code, reason = "an inherited descriptor can only be taken over by its number")]

use std::io;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{SocketType, sockopt};

/// Where the launcher puts it.
const CHANNEL: i32 = 3;

/// Takes over the channel that the launcher gave this program. Comes first thing in the program,
/// before it opens anything.
///
/// # Errors
/// If there is none, or it was taken before.
pub fn take_channel() -> io::Result<OwnedFd> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    // SAFETY: only looked at here; a number that is not open is an error of the next call.
    let found = unsafe { BorrowedFd::borrow_raw(CHANNEL) };
    if sockopt::socket_type(found)? != SocketType::STREAM || TAKEN.swap(true, Ordering::Relaxed) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    fcntl_setfd(found, FdFlags::CLOEXEC)?;
    // SAFETY: it is open, and TAKEN says that nobody in this program owns it yet.
    Ok(unsafe { OwnedFd::from_raw_fd(CHANNEL) })
}
