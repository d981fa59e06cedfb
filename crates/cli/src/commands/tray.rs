use lanyard_core::{Code, Failure};

use super::{Context, leave_terminal};
use crate::args::TrayArgs;
use crate::hardening;

pub(crate) fn run(context: &Context, args: &TrayArgs) -> Result<(), Failure> {
    if args.background {
        leave_terminal();
    }
    hardening::begin()?;
    let client = context.client()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
    runtime.block_on(lanyard_desktop::tray::run(client))
}
