//! The sandbox's clock: the system's, which tests can move forward.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Tells the time in seconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead: AtomicI64,
}

impl Clock {
    /// Returns the time, with everything that [`Clock::advance`] added.
    #[expect(clippy::disallowed_methods, reason = "the sandbox's only reading of the clock")]
    pub(crate) fn now(&self) -> i64 {
        Timestamp::now().as_second() + self.ahead.load(Ordering::Relaxed)
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }
}
