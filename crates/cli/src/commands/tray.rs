use lanyard_api::Showing;
use lanyard_client::AnswerChannel;
use lanyard_core::{Code, Failure};

use super::{Context, wait_for};
use crate::args::TrayArgs;
use crate::hardening;
use crate::process_end::ended;

/// Has the broker show its tray: only what the broker starts itself may take the person's answers.
pub(crate) fn run(context: &Context, args: &TrayArgs) -> Result<(), Failure> {
    match args.answers {
        true => show(context),
        false => wait_for(follow(context, args.background)),
    }
}

/// Is the tray that the broker started.
fn show(context: &Context) -> Result<(), Failure> {
    hardening::begin()?;
    let channel = AnswerChannel::take().map_err(|error| {
        Failure::new(Code::Refused, "the broker did not start this tray")
            .action("run `lanyard tray`")
            .detail(error.to_string())
    })?;
    let broker = context.client()?;
    wait_for(lanyard_desktop::tray::run(broker.clone().through(channel), broker))
}

/// Stays as long as the broker's tray does, and takes it along on Ctrl-C.
async fn follow(context: &Context, background: bool) -> Result<(), Failure> {
    let tray = context.client()?.show(Showing::Tray).await?;
    if background {
        return Ok(());
    }
    let failed = |error: std::io::Error| {
        Failure::new(Code::Failed, "could not wait for the tray").detail(error.to_string())
    };
    ended(tray.pid).await.map_err(failed)
}
