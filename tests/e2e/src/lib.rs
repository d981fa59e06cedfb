//! Journeys through the real programs: broker, command line, keyring, browser.
//!
//! Each test runs on a private desktop of its own: a session bus, an unlocked keyring, a display.

pub mod acme;
mod day;
mod desk;
mod forward;
mod install;
mod lanyard;
mod listening;
mod panel;
mod peers;
mod person;
mod process;
pub mod screen;
mod terminal;
mod window;

pub use day::Day;
pub use desk::{Desk, on_desk};
pub use forward::forward;
pub use install::{Installation, installed};
pub use lanyard::{Answer, Lanyard, ended, socket_call};
pub use listening::Listening;
pub use panel::Panel;
pub use peers::{OidcProvider, browse, control};
pub use person::Person;
pub use process::{Views, variables, views};
pub use terminal::on_terminal;
pub use window::Window;

/// Returns the path of one of the project's programs, as it is built.
///
/// # Panics
/// If they are not built.
pub fn program(name: &str) -> std::path::PathBuf {
    let own = std::env::current_exe().expect("a test has a path");
    let folder = own.ancestors().find(|folder| folder.join("lanyard").is_file());
    let folder =
        folder.unwrap_or_else(|| panic!("build the programs first: scripts/test.sh says how"));
    folder.join(name)
}

/// Returns what the broker calls the test that runs `lanyard`.
///
/// # Panics
/// If the system does not name it.
pub fn own_name() -> String {
    let own = std::env::current_exe().expect("a test has a path");
    own.file_name().expect("it is a file").to_string_lossy().into_owned()
}

/// Returns a path of the project.
pub fn project(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Waits until `holds`, 20 seconds at most: the machine may be busy.
///
/// # Panics
/// If it does not hold in time.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..400 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{what} did not come");
}
