//! Hostile bytes for everything that reads what others wrote. Each function takes any bytes and
//! panics only where the program has a fault. `fuzz/` calls them with cargo-fuzz, the tests here with
//! the corpus and with mutations of it.

#![expect(
    clippy::missing_panics_doc,
    reason = "to panic is how a check says that it found a fault"
)]

mod api;
mod cache;
mod callback;
mod config;
mod id_token;

pub use api::{api_call, problem};
pub use cache::{cache_bytes, cache_rows};
pub use callback::{callback_request, callback_url};
pub use config::config;
pub use id_token::id_token;

/// A check: any bytes, and a panic where they find a fault.
pub type Check = fn(&[u8]);

/// Every check, by the name of its corpus and of its fuzz target, with how many mutations a test run
/// tries.
pub const CHECKS: [(&str, Check, u32); 8] = [
    ("api_call", api_call, 3000),
    ("cache_bytes", cache_bytes, 60),
    ("cache_rows", cache_rows, 100),
    ("callback_request", callback_request, 200),
    ("callback_url", callback_url, 3000),
    ("config", config, 3000),
    ("id_token", id_token, 3000),
    ("problem", problem, 3000),
];
