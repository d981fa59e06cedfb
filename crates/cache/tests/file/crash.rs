//! A process that is killed, or that the system refuses something, while it writes.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use lanyard_cache::{Cache, CacheError, holders_of, keyfile_path, rewrap};
use lanyard_core::config::KeySource;
use rusqlite::Connection;

use super::keys::passphrase;
use super::migrate::first_schema;
use super::rekey::sets;
use super::{Home, check_sample, keys, write};

const CHILD: &str = env!("CARGO_BIN_EXE_lanyard-cache-child");

#[test]
fn keys_that_are_killed_while_they_change_open_the_file_at_each_step() {
    for step in 1..=5 {
        let home = Home::new();
        home.with_sample();
        let ended = child(&["rekey", &text(&home.path()), &step.to_string()]);
        assert_eq!(ended.status.signal(), Some(9), "step {step}: {ended:?}");
        let mut cache = home.open();
        check_sample(&cache);
        cache.rekey(&home.holder()).unwrap();
        check_sample(&cache);
        drop(cache);
        assert_eq!(sets(&home), 1, "step {step}");
    }
}

#[test]
fn keys_that_are_killed_at_any_moment_open_the_file() {
    let home = Home::new();
    home.with_sample();
    for round in 0..40 {
        let mut child = started(&["rekey", &text(&home.path()), "0"]);
        std::thread::sleep(Duration::from_millis(round * 7 % 90));
        child.kill().unwrap();
        child.wait().unwrap();
        check_sample(&home.open());
    }
    home.open().rekey(&home.holder()).unwrap();
    assert_eq!(sets(&home), 1);
}

#[test]
fn holders_that_are_killed_while_they_hand_over_both_open_the_file() {
    let home = Home::new();
    home.with_sample();
    let ended = child(&["rewrap", &text(&home.path())]);
    assert_eq!(ended.status.signal(), Some(9), "{ended:?}");
    let holders = holders_of(&home.path(), &keyfile_path(&home.path()));
    assert_eq!(holders, [KeySource::Passphrase, KeySource::Keyfile]);
    check_sample(&home.open());
    let go_on = || Ok::<(), CacheError>(());
    rewrap(&home.path(), &home.holder(), &passphrase("p"), go_on).unwrap();
    let unlocked = passphrase("p").unlock(&home.path()).unwrap();
    check_sample(&Cache::open(&home.path(), unlocked).unwrap());
}

#[test]
fn a_migration_that_is_killed_at_any_moment_leaves_the_old_shape_or_the_new_one() {
    let home = Home::new();
    first_schema(&home, 2000);
    let [salt, file, seal] = [16, 32, 32].map(|length| "01".repeat(length));
    write(
        &keyfile_path(&home.path()),
        format!("lanyard-keyfile 1\n{salt} {file} {seal}\n").as_bytes(),
    );
    let before = std::fs::read(home.path()).unwrap();
    let mut shapes = Vec::new();
    for round in 0..20 {
        write(&home.path(), &before);
        let mut child = spawn(&["open", &text(&home.path())]);
        std::thread::sleep(Duration::from_millis(round * 5));
        child.kill().unwrap();
        child.wait().unwrap();
        shapes.push(schema(&home));
        let cache = Cache::open(&home.path(), keys(1)).unwrap();
        let check = cache.verify_audit().unwrap();
        assert_eq!((check.entries, check.adopted, check.broken_at), (2000, Some(2000), None));
        assert_eq!(cache.accounts().unwrap().len(), 1);
        drop(cache);
    }
    assert!(shapes.iter().all(|shape| [1, 2].contains(shape)), "{shapes:?}");
    assert!(shapes.contains(&1), "no round was early enough: {shapes:?}");
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let home = Home::new();
    let (folder, file) = (home.0.path().join("small"), home.0.path().join("small/cache.db"));
    std::fs::create_dir(&folder).unwrap();
    let script = "mount -t tmpfs -o size=600k,mode=700 tmpfs \"$1\" && exec \"$2\" grow \"$3\"";
    let ended = alone(script, &[&text(&folder), CHILD, &text(&file)]);
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{ended:?}");
    assert!(said.contains("cache-unavailable: the disk took no more"), "{said}");
    assert!(said.contains("nothing was lost"), "{said}");
}

#[test]
fn a_disk_that_is_mounted_for_reading_alone_is_told() {
    let home = Home::new();
    let (folder, file) = (home.0.path().join("fixed"), home.0.path().join("fixed/cache.db"));
    std::fs::create_dir(&folder).unwrap();
    let script = "mount -t tmpfs -o mode=700 tmpfs \"$1\" && \"$2\" open \"$3\" &&
        mount -o remount,ro \"$1\" && exec \"$2\" open \"$3\"";
    let ended = alone(script, &[&text(&folder), CHILD, &text(&file)]);
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(
        said.starts_with("opened\ncache-unavailable: the cache cannot be written"),
        "{ended:?}"
    );
}

/// Runs a script in which mounts are its own, and gone with it.
fn alone(script: &str, args: &[&str]) -> Output {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]).args(args);
    command.output().unwrap()
}

fn child(args: &[&str]) -> Output {
    Command::new(CHILD).args(args).output().unwrap()
}

fn spawn(args: &[&str]) -> Child {
    Command::new(CHILD).args(args).stdout(Stdio::piped()).spawn().unwrap()
}

/// Starts the child, and returns once it is at work.
fn started(args: &[&str]) -> Child {
    let mut child = spawn(args);
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "opened\n");
    child
}

fn schema(home: &Home) -> i64 {
    let raw = Connection::open(home.path()).unwrap();
    raw.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "01".repeat(32))).unwrap();
    raw.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
