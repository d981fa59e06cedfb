//! Calls that the person has to agree to first.

use std::io::IsTerminal;

use lanyard_core::{Code, Failure};

use crate::output;

/// Calls until the person answered. Each call waits a minute for them. Without a terminal nobody sees
/// that it waits, so it is called once.
pub(crate) async fn until_answered<R, F>(mut call: impl FnMut() -> F) -> Result<R, Failure>
where
    F: Future<Output = Result<R, Failure>>,
{
    let mut said = false;
    loop {
        match call().await {
            Err(failure) if waits(&failure) => {
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
