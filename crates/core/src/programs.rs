use std::path::{Path, PathBuf};

use crate::{Code, Failure};

/// The program that people type.
pub const COMMAND: &str = "lanyard";

/// The program that owns keys, cache and providers: broker and tray run in it.
pub const DAEMON: &str = "lanyard-daemon";

/// The program that is the window.
pub const WINDOW: &str = "lanyard-app";

/// Where packages put Lanyard's programs.
const PACKAGED: [&str; 4] =
    ["/usr/bin", "/usr/lib/lanyard", "/usr/local/bin", "/usr/local/lib/lanyard"];

/// Returns where one of Lanyard's programs may be, seen from the program at `own`: beside it, in the
/// folder above (Cargo's layout for tests and examples), or where packages put it.
pub fn program_places(own: &Path, name: &str) -> Vec<PathBuf> {
    let file = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    let near = own.ancestors().skip(1).take(2).map(Path::to_owned);
    near.chain(PACKAGED.map(PathBuf::from)).map(|folder| folder.join(&file)).collect()
}

/// Returns what is said where none of these places holds the program.
pub fn program_missing(own: &Path, name: &str) -> Failure {
    let places: Vec<String> =
        program_places(own, name).iter().map(|place| place.display().to_string()).collect();
    Failure::new(Code::Failed, format!("the program `{name}` was not found"))
        .action(format!("put it beside this one ({}), or install Lanyard anew", own.display()))
        .detail(format!("looked at {}", places.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_missing_program_names_every_place() {
        let failure = program_missing(Path::new("/opt/bin/lanyard"), DAEMON);
        let detail = failure.detail.unwrap();
        assert!(detail.contains("/opt/bin/lanyard-daemon, /opt/lanyard-daemon, /usr/bin/"));
    }

    #[cfg(unix)]
    #[test]
    fn the_nearest_place_comes_first() {
        let places = program_places(Path::new("/opt/bin/deps/test"), COMMAND);
        assert_eq!(places[0], Path::new("/opt/bin/deps/lanyard"));
        assert_eq!(places[1], Path::new("/opt/bin/lanyard"));
        assert_eq!(places[2], Path::new("/usr/bin/lanyard"));
    }
}
