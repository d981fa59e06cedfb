//! The tray on Linux: a `StatusNotifier` item, its menu, and notifications.
//!
//! Nothing runs while nothing changes: the broker announces each change, and the times in the menu
//! are worded when the menu is about to be shown.

mod icon;
mod indicator;
mod notify;
mod panel;
mod run;
mod sign_in;

pub use run::run;
