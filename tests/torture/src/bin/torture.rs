//! Ten thousand expiries under fire, and a tenth as many at a provider with a grace period.
//!
//! `torture [EXPIRIES [SEED]]`, on a private desktop: `make torture`.

use std::io::Write;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use lanyard_torture::{Ordeal, Plan};

/// How many seconds a provider with a grace period takes a replaced grant again.
const GRACE: u32 = 60;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let expiries = arguments.next().unwrap_or(10_000);
    let seed = arguments.next().unwrap_or_else(any_seed);
    let whole =
        [run(Plan { seed, grace: 0 }, expiries), run(Plan { seed, grace: GRACE }, expiries / 10)];
    ExitCode::from(u8::from(whole.contains(&false)))
}

/// Says whether every sign-in was kept that could be kept.
fn run(plan: Plan, expiries: u64) -> bool {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    say(&format!("seed {}, grace period {} s, {expiries} expiries", plan.seed, plan.grace));
    let mut ordeal = Ordeal::begin(folder.path(), plan);
    for round in 1..=expiries {
        ordeal.expire();
        if round % 100 == 0 {
            say(&format!("  {}", ordeal.tally()));
        }
    }
    let tally = ordeal.tally();
    say(&format!("{tally}; {} ended by the provider", ordeal.ended_at_provider()));
    tally.lost.is_empty()
}

fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

#[expect(clippy::disallowed_methods, reason = "the moment is the seed")]
fn any_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
