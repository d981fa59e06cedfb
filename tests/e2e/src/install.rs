use std::path::{Path, PathBuf};

use crate::program;

/// The programs, each with the name that it is installed under.
const PROGRAMS: [(&str, &str); 4] = [
    ("lanyard", "lanyard"),
    ("lanyard-daemon-under-test", "lanyard-daemon"),
    ("lanyard-app-under-test", "lanyard-app-under-test"),
    ("lanyard-app", "lanyard-app"),
];

/// What is installed side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installation {
    /// What a terminal needs: there is no window that the broker could show.
    Terminal,
    /// The window too.
    Desktop,
}

/// Returns a folder that holds these programs, the daemon under test among them.
///
/// # Panics
/// If they are not built.
pub fn installed(what: Installation) -> PathBuf {
    let (name, count) = match what {
        Installation::Terminal => ("terminal", 3),
        Installation::Desktop => ("desktop", 4),
    };
    let folder = program("under-test").join(name);
    std::fs::create_dir_all(&folder).expect("the folder is writable");
    for (built, installed) in PROGRAMS.into_iter().take(count) {
        link(&program(built), &folder.join(installed));
    }
    folder
}

/// Links the file there, whatever other tests that do the same are up to.
fn link(built: &Path, installed: &Path) {
    let own = installed.with_extension(std::process::id().to_string());
    let missing = "build the programs first: scripts/test.sh says how";
    std::fs::hard_link(built, &own).unwrap_or_else(|error| panic!("{built:?}: {error}; {missing}"));
    std::fs::rename(&own, installed).expect("it is the same folder");
    // Renaming to another link of the same file does nothing (rename(2)).
    drop(std::fs::remove_file(own));
}
