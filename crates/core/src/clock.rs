use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

/// The time of day, passed to whoever needs it.
pub trait Clock: Send + Sync {
    /// Returns the present moment in UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one lawful home of the system's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<Mutex<Timestamp>>);

impl TestClock {
    /// Returns a clock that stands at `start`.
    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.change(|now| now + by);
    }

    /// Moves the clock back, as a corrected or wrong clock does.
    pub fn turn_back(&self, by: Duration) {
        self.change(|now| now - by);
    }

    fn change(&self, f: impl FnOnce(Timestamp) -> Timestamp) {
        let mut now = self.0.lock().expect("no holder of the test clock panics");
        *now = f(*now);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no holder of the test clock panics")
    }
}
