//! The window for tests that drive its web view, whose driver has to start it itself. It reaches the
//! broker through the socket that only a broker under test opens.

use lanyard_app::Options;
use lanyard_client::Client;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    lanyard_app::begin();
    let mut home = lanyard_client::home()?;
    let broker = Client::new(home.clone());
    home.socket.set_file_name("person.sock");
    lanyard_app::run(Options { person: Client::new(home).without_start(), broker })?;
    Ok(())
}
