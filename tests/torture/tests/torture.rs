//! Three hundred expiries under fire. `make torture` tries ten thousand.

use std::time::{Duration, Instant};

use lanyard_e2e::{Desk, on_desk};
use lanyard_torture::{Ordeal, Plan};

/// It takes well under half of this on two cores.
const LONGEST: Duration = Duration::from_mins(6);

#[test]
fn no_sign_in_is_lost_but_by_a_rotation_that_nobody_heard_of() {
    on_desk(Desk::Usual, "no_sign_in_is_lost_but_by_a_rotation_that_nobody_heard_of", |folder| {
        let ordeal = run(&folder, Plan { seed: 3, grace: 0 }, 240);
        let tally = ordeal.tally();
        assert!(tally.lost.is_empty(), "{:#?}", tally.lost);
        assert!(tally.killed_brokers > 30 && tally.unanswered > 0, "{tally}");
        assert_eq!(ordeal.ended_at_provider(), u64::from(tally.in_window), "{tally}");
    });
}

#[test]
fn a_grace_period_keeps_every_sign_in() {
    on_desk(Desk::Usual, "a_grace_period_keeps_every_sign_in", |folder| {
        let ordeal = run(&folder, Plan { seed: 4, grace: 60 }, 60);
        let tally = ordeal.tally();
        assert!(tally.lost.is_empty(), "{:#?}", tally.lost);
        assert_eq!((tally.in_window, ordeal.ended_at_provider()), (0, 0), "{tally}");
        assert!(tally.unanswered > 0, "{tally}");
    });
}

#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "the test is bound in time")]
fn run(folder: &std::path::Path, plan: Plan, expiries: u32) -> Ordeal {
    let began = Instant::now();
    let mut ordeal = Ordeal::begin(folder, plan);
    for _ in 0..expiries {
        ordeal.expire();
        assert!(began.elapsed() < LONGEST, "too slow: {}", ordeal.tally());
    }
    eprintln!("{} in {:?}", ordeal.tally(), began.elapsed());
    ordeal
}
