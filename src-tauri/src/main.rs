//! The program `lanyard-app`. Started by hand it has the broker show tray and window, and ends; the
//! broker starts it with the channel through which the person answers.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::error::Error;
use std::io::Write;

use lanyard_api::Showing;
use lanyard_app::Options;
use lanyard_client::{AnswerChannel, Client};
use lanyard_core::Failure;

/// What the program says of itself.
const HELP: &str = "Lanyard's window: accounts, time left, sign-in

Usage: lanyard-app [--open]

Options:
      --open     Open the window alone, without starting the tray
  -h, --help     Print help
  -V, --version  Print version

Without a display use the command `lanyard`; see `lanyard --help`.";

/// Says that the broker started this process.
const ANSWERS: &str = "--answers";

/// Asks for the window alone.
const OPEN: &str = "--open";

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(text) = std::env::args().skip(1).find_map(|argument| answer(&argument)) {
        writeln!(std::io::stdout(), "{text}")?;
        return Ok(());
    }
    let is = |option: &str| std::env::args().any(|argument| argument == option);
    if is(ANSWERS) {
        // First of all: what is opened next could get the channel's number.
        let channel = AnswerChannel::take()?;
        lanyard_app::begin();
        let broker = Client::from_env()?;
        let options = Options { person: broker.clone().through(channel), broker };
        return Ok(lanyard_app::run(options)?);
    }
    lanyard_app::begin();
    let with_tray = !is(OPEN);
    Ok(tauri::async_runtime::block_on(ask(&Client::from_env()?, with_tray))?)
}

/// Returns what an argument asks to be told in place of a window.
fn answer(argument: &str) -> Option<String> {
    match argument {
        "--help" | "-h" => Some(HELP.to_owned()),
        "--version" | "-V" => Some(format!("lanyard-app {}", env!("CARGO_PKG_VERSION"))),
        _ => None,
    }
}

/// Has the broker show its own: only what it starts itself may take the person's answers.
async fn ask(broker: &Client, with_tray: bool) -> Result<(), Failure> {
    if with_tray && let Err(failure) = broker.show(Showing::Tray).await {
        tracing::warn!(%failure, "there is no tray");
    }
    broker.show(Showing::Window).await.map(drop)
}
