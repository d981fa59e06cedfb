use std::io;
use std::os::fd::FromRawFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use lanyard_core::Caller;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::OnceCell;

use crate::BrokerError;
use crate::caller::recognise;

/// How long accepting rests after an error such as too many open files.
const REST: Duration = Duration::from_millis(100);

/// The process at the other end of a connection.
#[derive(Debug, Clone)]
pub struct Peer {
    pid: Option<i32>,
    caller: Arc<OnceCell<Caller>>,
    is_person: bool,
}

impl Peer {
    fn new(pid: Option<i32>) -> Self {
        Self { pid, caller: Arc::default(), is_person: false }
    }

    /// Returns the peer behind an answer channel.
    pub(crate) fn person() -> Self {
        Self { is_person: true, ..Self::new(None) }
    }

    /// Returns whether it is the tray or window that the broker started.
    pub(crate) fn is_person(&self) -> bool {
        self.is_person
    }

    /// Returns the program that made the connection. It is looked at once, at the first call: the
    /// kernel tells who connected, not who writes.
    pub(crate) async fn caller(&self) -> &Caller {
        let pid = self.pid;
        let look = async move {
            let look = move || lanyard_harden::outside(move || recognise(pid));
            tokio::task::spawn_blocking(look).await.unwrap_or_default()
        };
        self.caller.get_or_init(|| look).await
    }
}

/// A listener that hangs up on other users' programs.
#[derive(Debug)]
pub struct OwnUserListener(UnixListener);

/// Makes the socket, replacing one that a broker left behind. The caller holds the cache's writer
/// lock, so no living broker listens there.
///
/// # Errors
/// `Socket` if the folder or the socket cannot be made.
pub fn bind(path: &Path) -> Result<OwnUserListener, BrokerError> {
    let failed = |source| BrokerError::Socket { path: path.to_owned(), source };
    let left = std::fs::symlink_metadata(path).map(|found| found.file_type().is_socket());
    if matches!(left, Ok(false)) {
        return Err(failed(io::Error::other("there is a file that is no socket")));
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(OwnUserListener(listener))
}

impl OwnUserListener {
    /// Takes over the socket that systemd passed as descriptor 3 (`sd_listen_fds(3)`).
    ///
    /// # Errors
    /// `Socket` if descriptor 3 is no Unix socket.
    #[expect(unsafe_code, reason = "a passed descriptor can only be taken over by its number")]
    pub fn from_systemd() -> Result<Self, BrokerError> {
        // SAFETY: the caller saw LISTEN_PID and LISTEN_FDS, so systemd passed descriptor 3 to this
        // process, and nothing else in it owns that number.
        let listener = unsafe { std::os::unix::net::UnixListener::from_raw_fd(3) };
        let failed = |source| BrokerError::Socket { path: "systemd's descriptor 3".into(), source };
        listener.set_nonblocking(true).map_err(failed)?;
        UnixListener::from_std(listener).map(Self).map_err(failed)
    }
}

impl Listener for OwnUserListener {
    type Io = UnixStream;
    type Addr = Peer;

    async fn accept(&mut self) -> (UnixStream, Peer) {
        let own = rustix::process::geteuid().as_raw();
        loop {
            match self.0.accept().await {
                Ok((stream, _)) => match stream.peer_cred() {
                    Ok(peer) if peer.uid() == own => return (stream, Peer::new(peer.pid())),
                    Ok(peer) => {
                        tracing::warn!(uid = peer.uid(), "another user's program was turned away");
                    }
                    Err(error) => tracing::debug!(%error, "a connection ended before it began"),
                },
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer::new(None))
    }
}

impl Connected<IncomingStream<'_, OwnUserListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, OwnUserListener>) -> Self {
        stream.remote_addr().clone()
    }
}
