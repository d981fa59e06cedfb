//! Lets tests answer in the person's place, through a second socket. No package is built with this.

use lanyard_broker::Views;
use lanyard_core::{Code, Failure};
use tokio::net::UnixListener;
use tokio_util::task::AbortOnDropHandle;

use crate::Setup;

/// Treats every connection to `person.sock`, beside the socket, as the person's.
pub(crate) fn admit(
    setup: &Setup,
    views: &Views,
) -> Result<Option<AbortOnDropHandle<()>>, Failure> {
    if !setup.test_prompter {
        return Ok(None);
    }
    let path = setup.home()?.socket.with_file_name("person.sock");
    let failed = |error: std::io::Error| {
        Failure::new(Code::Failed, "no test prompter").detail(error.to_string())
    };
    drop(std::fs::remove_file(&path));
    let listener = UnixListener::bind(path).map_err(failed)?;
    let views = views.clone();
    Ok(Some(AbortOnDropHandle::new(tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            views.admit(connection).await;
        }
    }))))
}
