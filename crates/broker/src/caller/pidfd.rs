//! A process that is held: its number cannot pass to another one unnoticed.

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// The socket option of Linux 6.5 that gives a pidfd of the process that connected
/// (asm-generic/socket.h).
const SO_PEERPIDFD: libc::c_int = 77;

#[derive(Debug)]
pub(super) struct Pidfd(OwnedFd);

impl Pidfd {
    /// Returns the process that made the connection; `None` where the kernel is too old to say.
    ///
    /// # Errors
    /// The kernel's, if that process is gone.
    #[expect(unsafe_code, reason = "no library has this socket option")]
    pub(super) fn of_peer(socket: &impl AsFd) -> io::Result<Option<Self>> {
        let mut fd: libc::c_int = -1;
        let mut length: libc::socklen_t = size_of::<libc::c_int>().try_into().unwrap_or_default();
        // SAFETY: `fd` and `length` live through the call, and `length` is the size of `fd`.
        let result = unsafe {
            libc::getsockopt(
                socket.as_fd().as_raw_fd(),
                libc::SOL_SOCKET,
                SO_PEERPIDFD,
                (&raw mut fd).cast(),
                &raw mut length,
            )
        };
        if result != 0 {
            let error = io::Error::last_os_error();
            let too_old = error.raw_os_error() == Some(libc::ENOPROTOOPT);
            return if too_old { Ok(None) } else { Err(error) };
        }
        // SAFETY: the kernel has just made this descriptor for us, and nothing else knows it.
        Ok(Some(Self(unsafe { OwnedFd::from_raw_fd(fd) })))
    }

    /// Holds the process that has this number at the moment.
    ///
    /// # Errors
    /// The kernel's, if there is none.
    pub(super) fn open(pid: u32) -> io::Result<Self> {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::NotFound)?;
        Ok(Self(pidfd_open(pid, PidfdFlags::empty())?))
    }

    /// Returns whether the process has not ended: a pidfd is readable once it has.
    pub(super) fn is_alive(&self) -> bool {
        let mut polled = [PollFd::new(&self.0, PollFlags::IN)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        matches!(poll(&mut polled, Some(&at_once)), Ok(0))
    }
}
