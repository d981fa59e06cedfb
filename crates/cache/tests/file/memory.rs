//! What is left in the process's memory once a cache is closed.

use std::os::unix::fs::FileExt;

use lanyard_cache::{Cache, CacheKeys, Salt};
use lanyard_core::{SealKey, SecretKey};

use super::{Home, put_sample};

/// Larger than the stacks that the C library keeps for later threads.
const STACK: usize = 128 << 20;

/// What two reads have in common, so that no key lies between them.
const OVERLAP: usize = 64;

/// The pattern is computed, so that this test's own memory does not hold it.
fn key_byte(n: usize, salt: u8) -> u8 {
    u8::try_from(n * 37 % 251).unwrap() ^ salt
}

#[test]
fn no_key_stays_in_memory_after_a_cache_is_dropped() {
    let home = Home::new();
    let path = home.path();
    let mut chunk = vec![0; 4 << 20];
    let work = || {
        let file = SecretKey::written(|key| fill(key, 0x5a));
        let seal = SealKey::written(|key| fill(key, 0x17));
        let mut cache = Cache::open(&path, CacheKeys::new(file, seal, Salt([9; 16]))).unwrap();
        put_sample(&mut cache);
        let in_use = [0x5a, 0x17].map(|salt| found(&mut chunk, salt).is_some());
        assert_eq!(in_use, [true, true], "the search finds keys in use");
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        thread.spawn_scoped(scope, work).unwrap().join().unwrap();
    });
    assert_eq!(found(&mut chunk, 0x5a), None, "the file's key");
    assert_eq!(found(&mut chunk, 0x17), None, "the grants' key");
}

fn fill(key: &mut [u8; 32], salt: u8) {
    for (n, byte) in key.iter_mut().enumerate() {
        *byte = key_byte(n, salt);
    }
}

/// Searches every writable part of this process's memory for a key, as bytes and as digits. `chunk` is
/// read into, and is not searched.
fn found(chunk: &mut [u8], salt: u8) -> Option<String> {
    let memory = std::fs::File::open("/proc/self/mem").unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let own = chunk.as_ptr() as usize;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (start, end) = range(line);
        if (start..end).contains(&own) {
            continue;
        }
        let length = chunk.len();
        for at in (start..end).step_by(length - OVERLAP) {
            let read = &mut chunk[..(end - at).min(length)];
            if memory.read_exact_at(read, at as u64).is_ok() && holds(read, salt) {
                return Some(line.to_owned());
            }
        }
    }
    None
}

/// Returns where a line of `/proc/self/maps` begins and ends.
fn range(line: &str) -> (usize, usize) {
    let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
    let address = |text| usize::from_str_radix(text, 16).unwrap();
    (address(start), address(end))
}

fn holds(bytes: &[u8], salt: u8) -> bool {
    let digit = |n: usize| {
        let byte = key_byte(n / 2, salt);
        let nibble = if n.is_multiple_of(2) { byte >> 4 } else { byte & 15 };
        char::from_digit(nibble.into(), 16).unwrap() as u8
    };
    let raw = |window: &[u8]| window.iter().enumerate().all(|(n, byte)| *byte == key_byte(n, salt));
    let hex = |window: &[u8]| window.iter().enumerate().all(|(n, byte)| *byte == digit(n));
    bytes.windows(32).any(raw) || bytes.windows(64).any(hex)
}
