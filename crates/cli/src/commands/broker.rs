use std::process::ExitCode;

use lanyard_api::Problem;

use super::{Context, leave_terminal};
use crate::args::BrokerArgs;
use crate::environment::Providers;
use crate::{output, serve};

/// Runs the broker. In the background it leaves the terminal's session, and its first line says
/// that it listens, or why it cannot.
pub(crate) fn run(context: &Context, providers: Providers, args: &BrokerArgs) -> ExitCode {
    if args.background {
        leave_terminal();
    }
    let listening = || match args.background {
        true => output::answer_and_close("{}"),
        false => output::note("the broker listens; stop it with Ctrl-C"),
    };
    match serve::run(&context.setup, providers, listening) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if args.background => {
            let code = failure.code.exit_code();
            output::answer_json_line(&Problem::of(failure));
            ExitCode::from(code)
        }
        Err(failure) => output::failure(&failure, context.json),
    }
}
