//! Runs a test once more inside a private desktop.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::time::{sleep, timeout};

/// Set where a test runs inside the desktop.
const INSIDE: &str = "LANYARD_TEST_DESK";

/// How long the desktop's programs may take: they share the machine with other tests.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `journey` inside a desktop of its own; `test` is the name of the calling test.
pub(crate) fn in_desk(test: &str, journey: impl Future<Output = ()>) {
    if variable(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(journey);
    }
    let browser = browser_that_notes_its_page();
    let desk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk/desk");
    let output = Command::new(desk)
        .arg("--no-keyring")
        .arg("--")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "yes")
        .env("PATH", format!("{}:{}", browser.path().display(), variable("PATH").unwrap()))
        .stdin(Stdio::null())
        .output()
        .expect("tests/desk/desk runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}", String::from_utf8_lossy(&output.stdout));
}

/// The page that the browser was opened with.
pub(crate) fn opened_page() -> Option<String> {
    std::fs::read_to_string(Path::new(&variable("HOME")?).join("opened")).ok()
}

/// Waits until `holds`, and fails if that takes too long.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let waiting = async {
        while !holds().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(timeout(PATIENCE, waiting).await.is_ok(), "{what} did not come");
}

fn browser_that_notes_its_page() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("xdg-open");
    let script =
        "#!/bin/sh\nprintf %s \"$1\" >\"$HOME/opening\" && mv \"$HOME/opening\" \"$HOME/opened\"\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[expect(clippy::disallowed_methods, reason = "a test has no main to read the environment in")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
