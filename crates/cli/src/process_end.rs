//! Waits for a process that is not this one's child.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use tokio::signal::unix::{SignalKind, signal};

/// Returns once the process is over. A signal that would end this process ends that one.
pub(crate) async fn ended(pid: u32) -> io::Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let Some(pid) = pid else { return Err(io::ErrorKind::InvalidInput.into()) };
    let process = match pidfd_open(pid, PidfdFlags::empty()) {
        Err(Errno::SRCH) => return Ok(()),
        process => Arc::new(process?),
    };
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let watched = Arc::clone(&process);
    let mut over = tokio::task::spawn_blocking(move || wait(&watched));
    loop {
        tokio::select! {
            over = &mut over => return over?,
            _ = term.recv() => pidfd_send_signal(&process, Signal::TERM)?,
            _ = int.recv() => pidfd_send_signal(&process, Signal::TERM)?,
        }
    }
}

fn wait(process: &OwnedFd) -> io::Result<()> {
    let mut watched = [PollFd::new(process, PollFlags::IN)];
    loop {
        match poll(&mut watched, None) {
            Err(Errno::INTR) => {}
            done => return done.map(drop).map_err(Into::into),
        }
    }
}
