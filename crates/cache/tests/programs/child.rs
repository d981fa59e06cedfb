//! A program that works on a cache until it is killed, or until the system refuses something.

use std::io::Write;
use std::path::{Path, PathBuf};

use lanyard_cache::{AuditRow, Cache, CacheError, KeyHolder, keyfile_path, rewrap};
use lanyard_core::Passphrase;
use rustix::process::{Signal, getpid, kill_process};

/// How often the keys are changed, or entries appended, where nobody stops it.
const MOST: usize = 2000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let path = args.get(1).map(PathBuf::from).unwrap_or_default();
    let step = args.get(2).and_then(|step| step.parse().ok()).unwrap_or(0);
    let done = match args.first().map_or("", String::as_str) {
        "open" => open(&path).map(drop),
        "rekey" => rekey(&path, step),
        "rewrap" => hand_over(&path),
        "grow" => grow(&path),
        _ => Ok(()),
    };
    if let Err(error) = done {
        say(&format!("{}: {error}", error.to_failure().code.as_str()));
    }
}

fn holder(path: &Path) -> KeyHolder {
    KeyHolder::Keyfile(keyfile_path(path))
}

fn open(path: &Path) -> Result<Cache, CacheError> {
    let cache = Cache::open(path, holder(path).unlock(path)?)?;
    say("opened");
    Ok(cache)
}

/// Changes the keys again and again; kills itself after the step with this number.
fn rekey(path: &Path, stop: usize) -> Result<(), CacheError> {
    let mut cache = open(path)?;
    let mut steps = 0;
    for _ in 0..MOST {
        cache.rekey_watched(&holder(path), |_| {
            steps += 1;
            if steps == stop {
                die();
            }
        })?;
    }
    Ok(())
}

fn hand_over(path: &Path) -> Result<(), CacheError> {
    let to = KeyHolder::Passphrase(Passphrase::new("p"));
    rewrap(path, &holder(path), &to, || {
        die();
        Ok(())
    })
}

/// Appends until nothing more can be written, then looks whether everything is still there.
fn grow(path: &Path) -> Result<(), CacheError> {
    let mut cache = open(path)?;
    let mut entries = 0;
    for _ in 0..MOST {
        let row = AuditRow { action: "token", caller: "x".repeat(2000), ..AuditRow::default() };
        if let Err(error) = cache.append_audit(&[row]) {
            say(&format!("{}: {error}", error.to_failure().code.as_str()));
            break;
        }
        entries += 1;
    }
    let check = cache.verify_audit()?;
    let whole = entries > 0 && check.entries == entries && check.broken_at.is_none();
    say(if whole { "nothing was lost" } else { "something was lost" });
    Ok(())
}

fn die() {
    let killed = kill_process(getpid(), Signal::KILL);
    say(&format!("still alive: {killed:?}"));
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
