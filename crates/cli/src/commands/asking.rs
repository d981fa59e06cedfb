//! Calls that the person has to agree to first.

use std::io::IsTerminal;
use std::time::Duration;

use lanyard_core::{Code, Failure};
use tokio::time::Instant;

use crate::output;

/// A broker that gives up sooner shows the question to nobody: to call again would change nothing.
const SHORTEST: Duration = Duration::from_secs(1);

/// Calls until the person answered. Each call waits a minute for them. Without a terminal nobody sees
/// that it waits, so it is called once.
pub(crate) async fn until_answered<R, F>(mut call: impl FnMut() -> F) -> Result<R, Failure>
where
    F: Future<Output = Result<R, Failure>>,
{
    let mut said = false;
    loop {
        let asked = Instant::now();
        match call().await {
            Err(failure) if waits(&failure) && asked.elapsed() >= SHORTEST => {
                if !std::mem::replace(&mut said, true) {
                    output::note("lanyard: answer in Lanyard's tray or window; Ctrl-C gives up");
                }
            }
            answered => return answered,
        }
    }
}

fn waits(failure: &Failure) -> bool {
    failure.code == Code::PromptPending && std::io::stderr().is_terminal()
}
