#![expect(unsafe_code, reason = "questions to the kernel that have no safe name")]

use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

/// Returns Landlock's version.
pub(super) fn landlock_abi() -> Option<u32> {
    const VERSION: libc::c_uint = 1;

    let nothing = std::ptr::null::<libc::c_void>();
    // SAFETY: with this flag and no attributes the call returns a number, and touches no memory.
    let version =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, nothing, 0_usize, VERSION) };
    u32::try_from(version).ok().filter(|&version| version > 0)
}

/// Says whether a socket's peer can be had as a handle.
pub(super) fn has_peer_pidfd() -> bool {
    let Ok((own, _other)) = UnixStream::pair() else { return false };
    let mut handle: libc::c_int = -1;
    let mut size: libc::socklen_t = 4;
    let (option, place) = (libc::SO_PEERPIDFD, (&raw mut handle).cast());
    // SAFETY: `place` has room for the `size` bytes that the kernel writes at most.
    let got = unsafe {
        libc::getsockopt(own.as_raw_fd(), libc::SOL_SOCKET, option, place, &raw mut size)
    };
    if handle >= 0 {
        // SAFETY: the kernel has just made this descriptor, for nobody else.
        drop(unsafe { <std::os::fd::OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(handle) });
    }
    got == 0
}
