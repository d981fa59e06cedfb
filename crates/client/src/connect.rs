use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use lanyard_core::{Code, Failure};
use tokio::net::UnixStream;

/// Connects to the broker, or says `None` where nobody listens.
///
/// # Errors
/// `refused` if the socket's folder or the process behind the socket belongs to somebody else.
pub(crate) async fn connect(socket: &Path) -> Result<Option<UnixStream>, Failure> {
    let folder = socket.parent().unwrap_or(Path::new("/"));
    let Ok(found) = std::fs::symlink_metadata(folder) else { return Ok(None) };
    let own = rustix::process::geteuid();
    if found.uid() != own.as_raw() || !found.is_dir() || found.mode() & 0o022 != 0 {
        return Err(foreign(&format!("the folder {} is not this user's alone", folder.display())));
    }
    let stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        Err(error) if nobody_listens(&error) => return Ok(None),
        Err(error) => return Err(failed(socket, &error)),
    };
    let peer = stream.peer_cred().map_err(|error| failed(socket, &error))?;
    if peer.uid() != own.as_raw() {
        return Err(foreign("another user's program answers on Lanyard's socket"));
    }
    Ok(Some(stream))
}

fn nobody_listens(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

fn foreign(message: &str) -> Failure {
    Failure::new(Code::Refused, message)
        .action("check who owns it before you go on; nothing was sent")
}

fn failed(socket: &Path, error: &io::Error) -> Failure {
    Failure::new(Code::Failed, format!("could not connect to {}", socket.display()))
        .action("see `lanyard doctor`")
        .detail(error.to_string())
}
