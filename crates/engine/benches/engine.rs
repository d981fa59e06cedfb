//! Lookups among many accounts, writers at once, and the overview: `cargo bench -p lanyard-engine`.
//! The cache is a real one; provider and browser are the tests' fakes.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "measurements may do both")]
#![expect(clippy::print_stdout, reason = "the figures are printed")]

#[path = "../tests/engine/fakes.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod fakes;

use std::time::{Duration, Instant};

use fakes::{Fixture, allow, crowd, program, signed_in};
use lanyard_engine::TokenRequest;

/// How often a lookup is measured.
const LOOKUPS: u32 = 20_000;

/// How many tokens each writer has refreshed and stored.
const WRITES: u32 = 50;

#[tokio::main]
async fn main() {
    let few = lookups(10).await;
    let many = lookups(10_000).await;
    let times = many.as_secs_f64() / few.as_secs_f64();
    println!("lookup, 10 accounts, 100 tokens: median {few:?}");
    println!("lookup, 10,000 accounts, 100,000 tokens: median {many:?}, {times:.2} times as long");
    println!("overview of 1,000 accounts: median {:?}", overview().await);
    for writers in [1, 4, 8, 32] {
        println!("{writers} writers: {:.0} refreshes stored a second", writes(writers).await);
    }
}

async fn lookups(accounts: u32) -> Duration {
    let fixture = crowded(accounts);
    let mut taken = Vec::new();
    for number in 0..LOOKUPS {
        let request = request(number % 10 * (accounts / 10), "scope-3");
        let began = Instant::now();
        fixture.engine.token(request, &program("tool")).await.unwrap();
        taken.push(began.elapsed());
    }
    median(taken)
}

async fn overview() -> Duration {
    let fixture = crowded(1000);
    let mut taken = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        assert_eq!(fixture.engine.overview().await.unwrap().accounts.len(), 1001);
        taken.push(began.elapsed());
    }
    median(taken)
}

/// Returns how many refreshes a second end on the disk, each writer with an account of its own.
async fn writes(writers: u32) -> f64 {
    let fixture = crowded(writers);
    fixture.provider.gate.add_permits(100_000);
    let began = Instant::now();
    let all: Vec<_> = (0..writers)
        .map(|number| {
            let engine = fixture.engine.clone();
            tokio::spawn(async move {
                for _ in 0..WRITES {
                    let request = TokenRequest { force: true, ..request(number, "scope-0") };
                    engine.token(request, &program("tool")).await.unwrap();
                }
            })
        })
        .collect();
    for writer in all {
        writer.await.unwrap();
    }
    f64::from(writers * WRITES) / began.elapsed().as_secs_f64()
}

fn crowded(accounts: u32) -> Fixture {
    let fixture = signed_in();
    crowd(&fixture.dir, accounts, 10);
    for scope in ["scope-0", "scope-3"] {
        allow(&fixture.dir, scope);
    }
    fixture
}

fn request(number: u32, scope: &str) -> TokenRequest {
    let account = Some(format!("user-{number}"));
    TokenRequest { account, scopes: vec![scope.to_owned()], ..TokenRequest::default() }
}

fn median(mut taken: Vec<Duration>) -> Duration {
    taken.sort();
    taken[taken.len() / 2]
}
