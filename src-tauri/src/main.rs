//! The program `lanyard-app`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::io::Write;

use lanyard_app::Surroundings;

/// What the program says of itself.
const HELP: &str = "Lanyard's window: accounts, time left, sign-in

Usage: lanyard-app [--open]

Options:
      --open     Open the window alone, without starting the tray
  -h, --help     Print help
  -V, --version  Print version

Without a display use the command `lanyard`; see `lanyard --help`.";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(text) = std::env::args().skip(1).find_map(|argument| answer(&argument)) {
        writeln!(std::io::stdout(), "{text}")?;
        return Ok(());
    }
    lanyard_app::run(Surroundings::Cleaned)
}

/// Returns what an argument asks to be told in place of a window.
fn answer(argument: &str) -> Option<String> {
    match argument {
        "--help" | "-h" => Some(HELP.to_owned()),
        "--version" | "-V" => Some(format!("lanyard-app {}", env!("CARGO_PKG_VERSION"))),
        _ => None,
    }
}
