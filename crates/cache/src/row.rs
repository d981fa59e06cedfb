//! How the words of `core` stand in columns.

use jiff::Timestamp;
use lanyard_core::Code;

pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A moment that no calendar has comes from a damaged row, and counts as long past.
pub(crate) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MIN)
}

pub(crate) fn code(text: &str) -> Code {
    Code::ALL.into_iter().find(|code| code.as_str() == text).unwrap_or(Code::Unknown)
}
