use std::path::PathBuf;
use std::process::Command;

use crate::project;

/// Which private desktop a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desk {
    /// With an unlocked keyring.
    Usual,
    /// With a panel that hosts tray icons too.
    WithPanel,
    /// Without a keyring.
    NoKeyring,
    /// With a locked keyring that nobody unlocks.
    LockedKeyring,
}

/// Runs a test on a private desktop: the first time by starting one in which this same test runs
/// again, then by running `work` with the desktop's folder.
///
/// # Panics
/// If the test failed there, or the desktop did not come up.
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test's own set-up")]
pub fn on_desk(desk: Desk, name: &str, work: impl FnOnce(PathBuf)) {
    if let Some(folder) = std::env::var_os("LANYARD_TEST_DESK") {
        return work(PathBuf::from(folder));
    }
    let mut command = Command::new(project("tests/desk/desk"));
    match desk {
        Desk::Usual => command.arg("--no-panel"),
        Desk::WithPanel => &mut command,
        Desk::NoKeyring => command.args(["--no-panel", "--no-keyring"]),
        Desk::LockedKeyring => command.args(["--no-panel", "--locked-keyring"]),
    };
    let own = std::env::current_exe().expect("a test has a path");
    command.args([
        "--",
        "sh",
        "-c",
        "LANYARD_TEST_DESK=$DESK exec \"$0\" --exact --nocapture \"$1\"",
    ]);
    let output = command.arg(own).arg(name).output().expect("the desktop's script is there");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    eprintln!("{out}\n{err}");
    assert!(output.status.success(), "the test failed on its desktop: {}", output.status);
    assert!(out.contains("1 passed"), "no test is called {name}");
}
