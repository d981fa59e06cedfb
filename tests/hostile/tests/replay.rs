//! The corpus of the fuzz targets, and some thousand mutations of it.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::path::Path;

use lanyard_hostile::{CHECKS, Check};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

macro_rules! replayed {
    ($($test:ident: $target:literal,)*) => {$(
        #[test]
        fn $test() {
            replay($target);
        }
    )*};
}

replayed! {
    hostile_api_calls_find_no_fault: "api_call",
    a_damaged_file_finds_no_fault: "cache_bytes",
    rows_that_nobody_wrote_find_no_fault: "cache_rows",
    hostile_requests_to_the_redirects_listener_find_no_fault: "callback_request",
    hostile_return_addresses_find_no_fault: "callback_url",
    hostile_config_files_find_no_fault: "config",
    hostile_id_tokens_find_no_fault: "id_token",
    hostile_problems_find_no_fault: "problem",
}

#[test]
fn every_check_has_a_fuzz_target() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    for (name, ..) in CHECKS {
        let target = std::fs::read_to_string(targets.join(format!("{name}.rs"))).unwrap();
        assert!(target.contains(&format!("lanyard_hostile::{name}")), "{name}");
    }
}

fn replay(target: &str) {
    let (_, check, cases) = CHECKS.into_iter().find(|(name, ..)| *name == target).unwrap();
    let corpus = corpus(target);
    for bytes in &corpus {
        check(bytes);
    }
    mutate(check, cases, &corpus);
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{target} has no corpus");
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Splice(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<Index>(), prop::collection::vec(any::<u8>(), 1..16))
            .prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), 1..32_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<Index>(), 1..600_usize).prop_map(|(at, times)| Change::Repeat(at, times)),
        (any::<Index>(), any::<Index>()).prop_map(|(at, other)| Change::Splice(at, other)),
    ]
}

impl Change {
    fn of(self, mut bytes: Vec<u8>, corpus: &[Vec<u8>]) -> Vec<u8> {
        let place = |at: Index| at.index(bytes.len() + 1);
        match self {
            Self::Set(at, byte) => {
                let at = place(at);
                bytes.iter_mut().skip(at).take(1).for_each(|it| *it = byte);
            }
            Self::Insert(at, new) => drop(bytes.splice(place(at)..place(at), new)),
            Self::Remove(at, length) => {
                drop(bytes.drain(place(at)..(place(at) + length).min(bytes.len())));
            }
            Self::Repeat(at, times) => {
                let end = (place(at) + 8).min(bytes.len());
                let part = bytes[place(at)..end].repeat(times);
                drop(bytes.splice(end..end, part));
            }
            Self::Splice(at, other) => {
                let start = place(at);
                bytes.truncate(start);
                bytes.extend_from_slice(&corpus[other.index(corpus.len())]);
            }
        }
        bytes
    }
}

fn mutate(check: Check, cases: u32, corpus: &[Vec<u8>]) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let changes = prop::collection::vec(change(), 1..8);
    let tried = TestRunner::new(config).run(&(any::<Index>(), changes), |(from, changes)| {
        let start = corpus[from.index(corpus.len())].clone();
        check(&changes.into_iter().fold(start, |bytes, change| change.of(bytes, corpus)));
        Ok(())
    });
    tried.unwrap();
}
