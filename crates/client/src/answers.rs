use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::net::UnixStream;

/// This program's end of the answer channel: it proves to the broker that the broker started it.
#[derive(Debug, Clone)]
pub struct AnswerChannel(Arc<OwnedFd>);

impl AnswerChannel {
    /// Takes over the channel that the broker gave this program.
    ///
    /// # Errors
    /// If the broker did not start this program.
    pub fn take() -> io::Result<Self> {
        Ok(Self(Arc::new(lanyard_harden::take_channel()?)))
    }

    /// Makes a connection: one end of a new pair goes through the channel.
    pub(crate) fn connect(&self) -> io::Result<UnixStream> {
        let (own, theirs) = std::os::unix::net::UnixStream::pair()?;
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let descriptors = [theirs.as_fd()];
        ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
        let parts = [io::IoSlice::new(b"+")];
        sendmsg(&self.0, &parts, &mut ancillary, SendFlags::NOSIGNAL)?;
        own.set_nonblocking(true)?;
        UnixStream::from_std(own)
    }
}
