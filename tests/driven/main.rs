//! The window as a WebDriver starts it. It exists for the tests.

use lanyard_app::Surroundings;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    lanyard_app::run(Surroundings::AsFound)
}
