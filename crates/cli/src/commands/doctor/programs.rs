use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::scene::Scene;

/// How long a program may take to say its version or a setting.
const ANSWER: Duration = Duration::from_secs(3);

/// Package managers, and how they install.
const MANAGERS: [(&str, &str); 4] = [
    ("apt-get", "sudo apt-get install"),
    ("dnf", "sudo dnf install"),
    ("pacman", "sudo pacman -S"),
    ("zypper", "sudo zypper install"),
];

/// Returns the programs of this name on the PATH, in its order.
pub(super) fn on_path(scene: &Scene, name: &str) -> Vec<PathBuf> {
    let Some(path) = scene.variable("PATH") else { return Vec::new() };
    let runs = |file: &PathBuf| {
        std::fs::metadata(file)
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(path).map(|folder| folder.join(name)).filter(runs).collect()
}

/// Returns the command that installs a package here.
pub(super) fn install_command(scene: &Scene, package: &str) -> String {
    let known = MANAGERS.iter().find(|(manager, _)| !on_path(scene, manager).is_empty());
    match known {
        Some((_, command)) => format!("{command} {package}"),
        None => format!("install {package}"),
    }
}

/// Returns what a program prints; nothing where it fails, or takes too long.
pub(super) async fn says(mut program: Command) -> Option<String> {
    program.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = timeout(ANSWER, program.output()).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then(|| lanyard_core::printable(&text, 200))
}
