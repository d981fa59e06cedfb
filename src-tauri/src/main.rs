//! The program `lanyard-app`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use lanyard_app::Surroundings;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    lanyard_app::run(Surroundings::Cleaned)
}
