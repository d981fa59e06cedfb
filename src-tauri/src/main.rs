//! The program `lanyard-app`. Started by hand it has the broker show tray and window, and ends; the
//! broker starts it with the channel through which the person answers.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::error::Error;

use lanyard_api::Showing;
use lanyard_app::Options;
use lanyard_client::{AnswerChannel, Client};
use lanyard_core::Failure;

/// Says that the broker started this process.
const ANSWERS: &str = "--answers";

/// Asks for the window alone.
const OPEN: &str = "--open";

fn main() -> Result<(), Box<dyn Error>> {
    let is = |option: &str| std::env::args().any(|argument| argument == option);
    if is(ANSWERS) {
        // First of all: what is opened next could get the channel's number.
        let channel = AnswerChannel::take()?;
        lanyard_client::harden();
        lanyard_app::log_to_stderr();
        let broker = Client::from_env()?;
        let options = Options { person: broker.clone().through(channel), broker };
        return Ok(lanyard_app::run(options)?);
    }
    lanyard_app::log_to_stderr();
    let with_tray = !is(OPEN);
    Ok(tauri::async_runtime::block_on(ask(&Client::from_env()?, with_tray))?)
}

/// Has the broker show its own: only what it starts itself may take the person's answers.
async fn ask(broker: &Client, with_tray: bool) -> Result<(), Failure> {
    if with_tray && let Err(failure) = broker.show(Showing::Tray).await {
        tracing::warn!(%failure, "there is no tray");
    }
    broker.show(Showing::Window).await.map(drop)
}
