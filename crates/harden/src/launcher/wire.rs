//! What broker and launcher say to each other: one JSON document for each packet.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Start;

/// The largest message: an environment of a few kilobytes, with room.
const LARGEST: usize = 64 << 10;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Request {
    Start(Start),
    Stop { pid: u32 },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Reply {
    Started { pid: u32 },
    Stopped,
    Refused { message: String },
}

pub(super) fn encode(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let text = serde_json::to_vec(message)?;
    match text.len() <= LARGEST {
        true => Ok(text),
        false => Err(io::Error::other("arguments and environment are too large to hand over")),
    }
}

pub(super) fn send(
    socket: &OwnedFd,
    message: &[u8],
    channel: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let channel: Vec<_> = channel.into_iter().collect();
    if !channel.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(&channel));
    }
    sendmsg(socket, &[IoSlice::new(message)], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Returns the next message and its descriptor, `None` once the other end is closed.
pub(super) fn receive<M: DeserializeOwned>(
    socket: &OwnedFd,
) -> io::Result<Option<(M, Option<OwnedFd>)>> {
    let mut text = vec![0; LARGEST];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut slices = [IoSliceMut::new(&mut text)];
    let received = recvmsg(socket, &mut slices, &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let mut channels: Vec<OwnedFd> = control.drain().flat_map(descriptors).collect();
    if received.bytes == 0 {
        return Ok(None);
    }
    let cut = received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC);
    if cut || channels.len() > 1 {
        return Err(malformed());
    }
    let message = serde_json::from_slice(&text[..received.bytes])?;
    Ok(Some((message, channels.pop())))
}

fn descriptors(message: RecvAncillaryMessage<'_>) -> Vec<OwnedFd> {
    match message {
        RecvAncillaryMessage::ScmRights(channels) => channels.collect(),
        RecvAncillaryMessage::ScmCredentials(_) | _ => Vec::new(),
    }
}

pub(super) fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a message between broker and launcher is malformed")
}
