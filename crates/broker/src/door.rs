//! The answer channel: what comes through it comes from the tray or window that the broker started.
//!
//! The started program holds one end of a socket pair as its descriptor 3. For each call it makes a
//! further pair and sends one end of it through: that end is then served like a connection, and
//! known as the person's.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::sync::{Mutex, mpsc};

use crate::socket::Peer;

/// How many connections wait to be served.
const WAITING: usize = 32;

/// The broker's side of every answer channel.
#[derive(Debug, Clone)]
pub(crate) struct Door(mpsc::Sender<UnixStream>);

/// The connections that came through a door.
#[derive(Debug)]
pub struct Persons(Mutex<mpsc::Receiver<UnixStream>>);

/// Makes the door, and what comes through it.
pub(crate) fn door() -> (Door, Persons) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Door(sender), Persons(Mutex::new(receiver)))
}

impl Door {
    /// Makes a channel: the end for the program that is started, and the broker's.
    pub(crate) fn open() -> io::Result<(OwnedFd, UnixStream)> {
        let (own, theirs) = std::os::unix::net::UnixStream::pair()?;
        own.set_nonblocking(true)?;
        Ok((theirs.into(), UnixStream::from_std(own)?))
    }

    /// Hands on every connection of a channel, until the program at its other end is gone.
    pub(crate) async fn attend(&self, channel: &UnixStream) {
        while let Ok(Some(connection)) = next(channel).await {
            if self.0.send(connection).await.is_err() {
                return;
            }
        }
    }

    /// Hands on one connection.
    #[cfg(feature = "test-prompter")]
    pub(crate) async fn admit(&self, connection: UnixStream) {
        // Without a server the broker is about to end.
        let _ = self.0.send(connection).await;
    }
}

/// Returns the next connection, or `None` once the other end is closed.
async fn next(channel: &UnixStream) -> io::Result<Option<UnixStream>> {
    let received = channel.async_io(Interest::READABLE, || receive(channel)).await?;
    let Some(descriptor) = received else { return Ok(None) };
    let stream = std::os::unix::net::UnixStream::from(descriptor);
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream).map(Some)
}

/// Reads one byte and the descriptor that comes with it.
fn receive(channel: &UnixStream) -> io::Result<Option<OwnedFd>> {
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let parts = &mut [io::IoSliceMut::new(&mut byte)];
    let read = recvmsg(channel.as_fd(), parts, &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
    if read.bytes == 0 {
        return Ok(None);
    }
    let descriptor = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        RecvAncillaryMessage::ScmCredentials(_) | _ => None,
    });
    descriptor.map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

impl Persons {
    /// Waits for the next connection.
    pub(crate) async fn accept(&self) -> (UnixStream, Peer) {
        match self.0.lock().await.recv().await {
            Some(stream) => (stream, Peer::person()),
            // Every door is gone: nobody comes any more.
            None => std::future::pending().await,
        }
    }
}
