//! What tray and window share: the menu as a function of the broker's state, the wording of times,
//! what is worth a notification, and on Linux the tray itself.
//!
//! It never holds a token, never decides what is fresh, and starts nothing that a person did not
//! choose.
//!
//! ```
//! use jiff::{Timestamp, tz::TimeZone};
//! use lanyard_desktop::wording;
//!
//! let now: Timestamp = "2026-11-21T13:24:00Z".parse()?;
//! let end: Timestamp = "2026-11-21T14:05:00Z".parse()?;
//! assert_eq!(wording::time_left(now, end), "41 min");
//! assert_eq!(wording::moment(now, end, &TimeZone::UTC), "14:05");
//! # Ok::<(), jiff::Error>(())
//! ```

mod browser;
mod follow;
pub mod menu;
pub mod notice;
pub mod outlook;
pub mod question;
#[cfg(target_os = "linux")]
pub mod tray;
pub mod wording;

pub use browser::{open_page, open_page_by, system_browsers};
pub use follow::{Told, follow};
