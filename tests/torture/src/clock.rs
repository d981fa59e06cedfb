use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use lanyard_core::{Clock, SystemClock};

/// The machine's clock, wrong by the seconds in a file.
struct WrongClock(PathBuf);

impl Clock for WrongClock {
    fn now(&self) -> Timestamp {
        let wrong_by = std::fs::read_to_string(&self.0).ok().and_then(|text| text.parse().ok());
        SystemClock.now() + SignedDuration::from_secs(wrong_by.unwrap_or(0))
    }
}

/// Returns the clock of the home in the environment.
#[expect(clippy::disallowed_methods, reason = "the test program's one reading of the environment")]
pub fn clock() -> Arc<dyn Clock> {
    let home = std::env::var_os("LANYARD_HOME").unwrap_or_default();
    Arc::new(WrongClock(file(Path::new(&home))))
}

/// Makes the clock of a home wrong by so many seconds.
///
/// # Panics
/// If the file cannot be replaced.
pub(crate) fn set(home: &Path, seconds: i64) {
    let new = home.join("clock.new");
    std::fs::write(&new, seconds.to_string()).expect("the folder is writable");
    std::fs::rename(new, file(home)).expect("the folder is writable");
}

fn file(home: &Path) -> PathBuf {
    home.join("clock")
}
