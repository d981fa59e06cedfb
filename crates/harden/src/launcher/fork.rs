//! Forks, and arranges descriptors: all that the launcher needs of the system without a safe name.
#![expect(unsafe_code, reason = "fork, dup3, close_range and what runs between fork and exec")]

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

/// Where a started program finds its channel, and the launcher its socket.
const CHANNEL: RawFd = 3;

/// Goes on in a copy of this process with `work`. The copy ends with it, and runs nothing else.
pub(super) fn fork(work: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    crate::alone("forked")?;
    // SAFETY: this is the only thread, so the copy lacks no thread that could hold a lock.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            let done = catch_unwind(AssertUnwindSafe(work));
            let code = i32::from(!matches!(done, Ok(Ok(()))));
            // SAFETY: ends the copy at once. What it would run otherwise belongs to the original.
            unsafe { libc::_exit(code) }
        }
        _ => Ok(()),
    }
}

/// Closes all descriptors but the standard ones and `kept`, which becomes [`CHANNEL`].
pub(super) fn close_all_but(kept: OwnedFd) -> io::Result<OwnedFd> {
    if kept.as_raw_fd() != CHANNEL {
        // SAFETY: a system call on integers. Whoever owned CHANNEL was left behind by the fork.
        checked(unsafe { libc::dup3(kept.as_raw_fd(), CHANNEL, libc::O_CLOEXEC) }.into())?;
    }
    std::mem::forget(kept);
    close_range(0)?;
    // SAFETY: CHANNEL is open and, since `kept` was forgotten, owned by nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(CHANNEL) })
}

/// Has a command start with `channel` as [`CHANNEL`] in a session of its own, and without other
/// descriptors than the standard ones.
pub(super) fn give_channel(command: &mut Command, channel: OwnedFd) {
    let arrange = move || {
        // SAFETY: a system call on integers. In the started program CHANNEL is nobody's: it is the
        // launcher's socket, and closed by exec anyway.
        checked(unsafe { libc::dup2(channel.as_raw_fd(), CHANNEL) }.into())?;
        rustix::process::setsid()?;
        close_range(libc::CLOSE_RANGE_CLOEXEC)
    };
    // SAFETY: `arrange` makes system calls only, and allocates nothing.
    unsafe { command.pre_exec(arrange) };
}

/// Closes all descriptors above [`CHANNEL`].
fn close_range(flags: libc::c_uint) -> io::Result<()> {
    // SAFETY: a system call on integers. Whoever owned the descriptors runs no more: what calls
    // this is the launcher that has just been forked, or a program about to be executed.
    checked(unsafe { libc::syscall(libc::SYS_close_range, CHANNEL + 1, libc::c_uint::MAX, flags) })
}

fn checked(returned: libc::c_long) -> io::Result<()> {
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
