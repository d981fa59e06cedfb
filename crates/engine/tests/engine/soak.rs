//! A day in moments: what a broker wakes up for, and what it holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use lanyard_core::{Clock, TestClock};
use lanyard_engine::TokenRequest;

use super::fakes::{engine, program, signed_in};

/// Counts how often somebody looks at it: whoever wakes up does.
struct Watched {
    clock: TestClock,
    looks: Arc<AtomicU32>,
}

impl Clock for Watched {
    fn now(&self) -> Timestamp {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.clock.now()
    }
}

struct Soak {
    fixture: super::fakes::Fixture,
    engine: lanyard_engine::Engine,
    looks: Arc<AtomicU32>,
}

impl Soak {
    async fn begin() -> Self {
        let fixture = signed_in();
        fixture.engine.stop().await;
        let looks = Arc::new(AtomicU32::new(0));
        let clock = Watched { clock: fixture.clock.clone(), looks: Arc::clone(&looks) };
        let provider = Arc::clone(&fixture.provider) as _;
        let engine = engine(&fixture.dir, provider, Arc::new(clock), &fixture.config);
        let running = engine.clone();
        tokio::spawn(async move { running.run().await });
        Self { fixture, engine, looks }
    }

    /// Lets six hours pass in steps of ten minutes. Returns how often somebody woke up in them, and how
    /// many refreshes there were.
    async fn quarter(&self, asks: bool) -> (u32, usize) {
        let (looks, refreshes) =
            (self.looks.load(Ordering::Relaxed), self.fixture.refreshes().len());
        for _ in 0..36 {
            self.fixture.pass(10);
            tokio::time::sleep(Duration::from_mins(10)).await;
            if asks {
                self.engine.token(TokenRequest::default(), &program("tool")).await.unwrap();
            }
        }
        (self.looks.load(Ordering::Relaxed) - looks, self.fixture.refreshes().len() - refreshes)
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_in_which_nobody_asks_wakes_nobody() {
    let soak = Soak::begin().await;
    let mut day = Vec::new();
    for _ in 0..4 {
        day.push(soak.quarter(false).await);
    }
    assert!(day[0].0 <= 2, "{day:?}");
    assert_eq!(day[1..], [(0, 0); 3]);
}

#[tokio::test(start_paused = true)]
async fn a_day_of_use_costs_the_same_in_each_of_its_hours() {
    let soak = Soak::begin().await;
    let warm = soak.quarter(true).await;
    let (descriptors, memory) = (count_descriptors(), resident());
    let mut day = vec![warm];
    for _ in 0..4 {
        day.push(soak.quarter(true).await);
    }
    eprintln!("wake-ups and refreshes a quarter: {day:?}; {memory} KiB, then {} KiB", resident());
    assert_eq!(count_descriptors(), descriptors);
    for (looks, refreshes) in &day[1..] {
        assert!((6..=9).contains(refreshes), "{day:?}");
        assert!(*looks < 6 * 60 * 4, "{day:?}");
        assert!(looks.abs_diff(day[1].0) < day[1].0 / 4, "{day:?}");
    }
    assert!(resident() < memory + 8 * 1024, "memory grew from {memory} KiB to {} KiB", resident());
}

fn count_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Returns the resident memory of this process in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_ascii_whitespace().next().unwrap().parse().unwrap()
}
