use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

use super::wire::{self, Reply, Request};
use super::{Start, Started, fork, process};

/// How long the launcher may take to answer: it only starts programs.
const ANSWER: Duration = Duration::from_secs(5);

/// The broker's end of the launcher. With it ends the launcher, and nothing that it started.
///
/// Whoever starts a program keeps the other end of its channel: that the program ended is seen as
/// the end of that channel, and the program sees the broker's end the same way.
#[derive(Debug)]
pub struct Launcher {
    /// `None` once it did not answer as it should: a late answer must not be taken for the next.
    socket: Mutex<Option<OwnedFd>>,
}

impl Launcher {
    /// Forks the launcher. Comes before the process has other threads, secrets or files that
    /// nobody else may see: the launcher is a copy of it, without its descriptors.
    ///
    /// # Errors
    /// If there are threads, or the system has no process to give.
    pub fn fork() -> io::Result<Self> {
        let pair = |kind| socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None);
        let (own, launchers) = pair(SocketType::SEQPACKET)?;
        set_socket_timeout(&own, Timeout::Recv, Some(ANSWER))?;
        set_socket_timeout(&own, Timeout::Send, Some(ANSWER))?;
        fork::fork(move || process::run(launchers))?;
        Ok(Self { socket: Mutex::new(Some(own)) })
    }

    /// Starts a program with `channel` as its descriptor 3, in a session of its own, in `/`. All
    /// other descriptors are closed, and the standard ones lead nowhere.
    ///
    /// Blocks for a few milliseconds, at worst for a few seconds.
    ///
    /// # Errors
    /// If the path is not absolute or not that of a program, or the launcher is gone.
    pub fn start(&self, start: &Start, channel: OwnedFd) -> io::Result<Started> {
        let reply = self.ask(&Request::Start(start.clone()), Some(&channel));
        // A copy kept here would hide the program's end.
        drop(channel);
        match reply? {
            Reply::Started { pid } => Ok(Started { pid }),
            Reply::Stopped => Err(wire::malformed()),
            Reply::Refused { message } => Err(io::Error::other(message)),
        }
    }

    /// Asks a program to end (SIGTERM). One that has ended is left in peace.
    ///
    /// # Errors
    /// If the launcher did not start it, or is gone.
    pub fn stop(&self, pid: u32) -> io::Result<()> {
        match self.ask(&Request::Stop { pid }, None)? {
            Reply::Stopped => Ok(()),
            Reply::Started { .. } => Err(wire::malformed()),
            Reply::Refused { message } => Err(io::Error::other(message)),
        }
    }

    fn ask(&self, request: &Request, channel: Option<&OwnedFd>) -> io::Result<Reply> {
        let message = wire::encode(request)?;
        let mut socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = || io::Error::other("the launcher is gone: start the broker anew");
        let own = socket.take().ok_or_else(gone)?;
        wire::send(&own, &message, channel.map(AsFd::as_fd))?;
        let (reply, _) = wire::receive(&own)?.ok_or_else(gone)?;
        *socket = Some(own);
        Ok(reply)
    }
}
