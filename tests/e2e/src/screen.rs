//! What is to be seen on the desk's screen.

use std::process::Command;
use std::time::Duration;

use crate::{eventually, project};

/// Returns the process ids of the windows called Lanyard that are to be seen.
pub fn windows() -> Vec<i32> {
    let found = xdotool(&["search", "--onlyvisible", "--name", "^Lanyard$"]);
    let pid = |window| xdotool(&["getwindowpid", window]).trim().parse().ok();
    found.lines().filter_map(pid).collect()
}

/// Runs xdotool.
///
/// # Panics
/// If it is not installed.
pub fn xdotool(args: &[&str]) -> String {
    let output = Command::new("xdotool").args(args).output().expect("xdotool is there");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Opens the tray's menu with the mouse, takes a picture, and closes it.
pub fn picture_of_menu(name: &str) {
    xdotool(&["mousemove", "1263", "15", "click", "1"]);
    picture(name);
    xdotool(&["key", "Escape"]);
}

/// Takes a picture of the desktop once it has stopped to change.
///
/// # Panics
/// If it does not stop.
pub fn picture(name: &str) {
    let folder = project("build/pictures/tray");
    std::fs::create_dir_all(&folder).expect("the folder is writable");
    let file = folder.join(format!("{name}.png"));
    let mut before = Vec::new();
    eventually("an end of the changes", || {
        std::thread::sleep(Duration::from_secs(1));
        let taken = Command::new("import").args(["-window", "root", "rgb:-"]).output();
        let taken = taken.expect("import is there").stdout;
        std::mem::replace(&mut before, taken.clone()) == taken
    });
    let taken = Command::new("import").args(["-window", "root"]).arg(file).status();
    assert!(taken.expect("import is there").success());
}
