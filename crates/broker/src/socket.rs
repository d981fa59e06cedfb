use std::io;
use std::os::fd::FromRawFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use lanyard_core::Caller;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::BrokerError;
use crate::caller::{Held, Recognised, Recogniser};
use crate::connections::REST;

/// How long it may take to look at a caller: its executable is read from a disk, or from afar.
const LOOK: Duration = Duration::from_secs(10);

/// The process at the other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer(Arc<Behind>);

#[derive(Debug)]
struct Behind {
    is_person: bool,
    held: Result<Arc<Held>, &'static str>,
    recogniser: Arc<Recogniser>,
    recognised: OnceCell<Recognised>,
    /// What the caller became, once it was found to be something else.
    other: OnceLock<Caller>,
}

impl Peer {
    fn new(stream: &UnixStream, recogniser: Arc<Recogniser>) -> Self {
        let held = Held::peer(stream).map(Arc::new);
        Self::of(held, recogniser, false)
    }

    /// Returns the peer behind an answer channel.
    pub(crate) fn person() -> Self {
        Self::of(Err("it is the person"), Arc::default(), true)
    }

    fn of(
        held: Result<Arc<Held>, &'static str>,
        recogniser: Arc<Recogniser>,
        is_person: bool,
    ) -> Self {
        let other = OnceLock::new();
        Self(Arc::new(Behind { is_person, held, recogniser, recognised: OnceCell::new(), other }))
    }

    /// Returns whether it is the tray or window that the broker started.
    pub(crate) fn is_person(&self) -> bool {
        self.0.is_person
    }

    /// Returns the program that made the connection. It is described at the first call, and looked
    /// at again at each: the kernel tells who connected, not who writes.
    pub(crate) async fn caller(&self) -> &Caller {
        let Some(recognised) = self.0.recognised.get() else {
            return &self.0.recognised.get_or_init(|| self.recognise()).await.caller;
        };
        let checked = self.0.held.as_ref().map_or(Ok(()), |held| recognised.check(held));
        match checked {
            Ok(()) => self.0.other.get().unwrap_or(&recognised.caller),
            Err(reason) => self.0.other.get_or_init(|| Caller::unknown(reason)),
        }
    }

    async fn recognise(&self) -> Recognised {
        let held = match &self.0.held {
            Ok(held) => Arc::clone(held),
            Err(reason) => return Recognised::unknown(reason),
        };
        let recogniser = Arc::clone(&self.0.recogniser);
        let look = move || lanyard_harden::outside(move || recogniser.recognise(&held));
        let look = tokio::task::spawn_blocking(look);
        let too_long = || Recognised::unknown("it could not be looked at in time");
        timeout(LOOK, look)
            .await
            .map_or_else(|_| too_long(), |recognised| recognised.unwrap_or_else(|_| too_long()))
    }
}

/// A listener that hangs up on other users' programs.
#[derive(Debug)]
pub struct OwnUserListener {
    socket: UnixListener,
    own: u32,
    recogniser: Arc<Recogniser>,
}

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
    Ok(OwnUserListener::new(listener))
}

impl OwnUserListener {
    fn new(socket: UnixListener) -> Self {
        let own = rustix::process::geteuid().as_raw();
        Self { socket, own, recogniser: Arc::default() }
    }

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
        UnixListener::from_std(listener).map(Self::new).map_err(failed)
    }

    /// Waits for the next connection of this user's programs.
    pub(crate) async fn accept(&self) -> (UnixStream, Peer) {
        loop {
            match self.socket.accept().await {
                Ok((stream, _)) => match stream.peer_cred() {
                    Ok(peer) if peer.uid() == self.own => {
                        let peer = Peer::new(&stream, Arc::clone(&self.recogniser));
                        return (stream, peer);
                    }
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
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    /// Connects, and says what became of it: `closed` once the other end hung up.
    const CLIENT: &str = "use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0); \
        connect(S, sockaddr_un($ARGV[0])) or die $!; sysread(S, $_, 1); print 'closed'";

    #[tokio::test]
    async fn another_users_program_is_hung_up_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("the.sock");
        let mut listener = bind(&path).unwrap();
        let mut command = Command::new("perl");
        if rustix::process::geteuid().is_root() {
            std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755)).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
            std::os::unix::process::CommandExt::uid(&mut command, 65534);
        } else {
            // A plain user cannot be two: the listener is another's instead.
            listener.own += 1;
        }
        command.args(["-e", CLIENT]).arg(&path).current_dir("/").stdout(Stdio::piped());
        let refused = tokio::task::spawn_blocking(move || command.output().unwrap());
        let refused = tokio::select! {
            refused = refused => refused.unwrap(),
            _ = listener.accept() => panic!("another user was let in"),
        };
        assert_eq!(refused.stdout, b"closed", "{refused:?}");
        listener.own = rustix::process::geteuid().as_raw();
        let own = UnixStream::connect(&path).await.unwrap();
        listener.accept().await;
        drop(own);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_caller_that_goes_on_as_another_program_stays_unknown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("the.sock");
        let listener = bind(&path).unwrap();
        let code = "use Socket; BEGIN { $^F = 255 } socket(S, PF_UNIX, SOCK_STREAM, 0); \
            connect(S, sockaddr_un($ARGV[0])) or die $!; <STDIN>; exec 'cat'";
        let mut client = Command::new("perl");
        client.args(["-e", code]).arg(&path).stdin(Stdio::piped());
        let mut client = client.spawn().unwrap();
        let (_stream, peer) = timeout(LOOK, listener.accept()).await.unwrap();
        assert_eq!(peer.caller().await.name(), "perl");
        std::io::Write::write_all(client.stdin.as_mut().unwrap(), b"\n").unwrap();
        let command = format!("/proc/{}/cmdline", client.id());
        for _ in 0..2000 {
            if std::fs::read(&command).unwrap() == b"cat\0" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(peer.caller().await.name(), "unknown program");
        client.kill().unwrap();
        client.wait().unwrap();
        assert!(!peer.caller().await.is_known());
    }
}
