use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use lanyard_core::{Code, Failure};
use tokio::net::UnixStream;

/// Connects to the broker, or says `None` where nobody listens.
///
/// # Errors
/// `refused` if the socket's folder or the process behind the socket belongs to somebody else;
/// `cache-unavailable`, as for the other files, if others can reach the folder.
pub(crate) async fn connect(socket: &Path) -> Result<Option<UnixStream>, Failure> {
    connect_as(socket, rustix::process::geteuid().as_raw()).await
}

async fn connect_as(socket: &Path, own: u32) -> Result<Option<UnixStream>, Failure> {
    let folder = socket.parent().unwrap_or(Path::new("/"));
    let Ok(found) = std::fs::symlink_metadata(folder) else { return Ok(None) };
    if found.uid() != own || !found.is_dir() {
        return Err(foreign(&format!("the folder {} is not this user's", folder.display())));
    }
    if found.mode() & 0o077 != 0 {
        return Err(exposed(folder));
    }
    let stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        Err(error) if nobody_listens(&error) => return Ok(None),
        Err(error) => return Err(failed(socket, &error)),
    };
    let peer = stream.peer_cred().map_err(|error| failed(socket, &error))?;
    if peer.uid() != own {
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

fn exposed(folder: &Path) -> Failure {
    let message =
        format!("the folder {} can be reached by other users; nothing was sent", folder.display());
    Failure::new(Code::CacheUnavailable, message)
        .action(format!("run `chmod 700 '{}'`", folder.display()))
}

fn failed(socket: &Path, error: &io::Error) -> Failure {
    Failure::new(Code::Failed, format!("could not connect to {}", socket.display()))
        .action("see `lanyard doctor`")
        .detail(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::io::{BufRead, BufReader, Read};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    use std::path::PathBuf;
    use std::process::{Command, Stdio};

    use tempfile::TempDir;
    use tokio::net::UnixListener;

    use super::*;

    #[tokio::test]
    async fn an_own_socket_in_an_own_folder_is_taken() {
        let (dir, socket) = folder();
        assert!(connect(&socket).await.unwrap().is_none(), "nobody listens");
        let _listener = UnixListener::bind(&socket).unwrap();
        assert!(connect(&socket).await.unwrap().is_some());
        drop(dir);
        assert!(connect(&socket).await.unwrap().is_none(), "there is no folder");
    }

    #[tokio::test]
    async fn a_folder_that_others_can_reach_is_refused_with_the_repair() {
        for mode in [0o701, 0o710, 0o750, 0o755, 0o770, 0o777, 0o1777] {
            let (dir, socket) = folder();
            let listener = UnixListener::bind(&socket).unwrap();
            fs::set_permissions(&dir, Permissions::from_mode(mode)).unwrap();
            let failure = connect(&socket).await.unwrap_err();
            assert_eq!(failure.code, Code::CacheUnavailable, "{mode:o}");
            assert!(failure.action.unwrap().contains("chmod 700"));
            nobody_came(listener);
        }
    }

    #[tokio::test]
    async fn a_link_in_the_place_of_the_folder_is_refused() {
        let (dir, socket) = folder();
        let listener = UnixListener::bind(&socket).unwrap();
        let other = tempfile::tempdir().unwrap();
        symlink(&dir, other.path().join("lanyard")).unwrap();
        let failure = connect(&other.path().join("lanyard/lanyard.sock")).await.unwrap_err();
        assert_eq!(failure.code, Code::Refused);
        nobody_came(listener);
    }

    #[tokio::test]
    async fn a_folder_of_another_user_is_refused() {
        let (dir, socket) = folder();
        let listener = UnixListener::bind(&socket).unwrap();
        let own = rustix::process::geteuid();
        let failure = match own.is_root() {
            true => {
                chown(dir.path(), Some(65534), None).unwrap();
                connect(&socket).await
            }
            false => connect_as(&socket, own.as_raw() + 1).await,
        };
        assert_eq!(failure.unwrap_err().code, Code::Refused);
        nobody_came(listener);
    }

    /// Only root can start the other user's program; for anybody else, the folder alone tells.
    #[tokio::test]
    async fn a_listener_of_another_user_gets_nothing() {
        if !rustix::process::geteuid().is_root() {
            let (_dir, socket) = folder();
            let _listener = UnixListener::bind(&socket).unwrap();
            let other = rustix::process::geteuid().as_raw() + 1;
            assert!(connect_as(&socket, other).await.is_err());
            return;
        }
        let (_dir, socket) = folder();
        let squatter = "use Socket; $| = 1; socket(S, PF_UNIX, SOCK_STREAM, 0); \
            bind(S, sockaddr_un($ARGV[0])) or die $!; $> = 65534; listen(S, 5) or die $!; \
            print qq(up\\n); accept(C, S); sysread(C, $_, 99); print qq(got <$_>)";
        let mut child = Command::new("perl");
        child.args(["-e", squatter]).arg(&socket).stdout(Stdio::piped());
        let mut child = child.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut String::new()).unwrap();
        let failure = connect(&socket).await.unwrap_err();
        assert!(failure.message.contains("another user's program"), "{failure:?}");
        let mut got = String::new();
        output.read_to_string(&mut got).unwrap();
        assert_eq!(got, "got <>");
        child.wait().unwrap();
    }

    fn folder() -> (TempDir, PathBuf) {
        let private = Permissions::from_mode(0o700);
        let dir = tempfile::Builder::new().permissions(private).tempdir().unwrap();
        let socket = dir.path().join("lanyard.sock");
        (dir, socket)
    }

    fn nobody_came(listener: UnixListener) {
        let listener = listener.into_std().unwrap();
        assert!(listener.accept().is_err(), "a connection was made");
    }
}
