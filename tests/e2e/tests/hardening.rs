//! How the real broker keeps itself from the user's other programs.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lanyard_e2e::{Day, Desk, Lanyard, eventually, on_desk};

#[test]
fn the_broker_cannot_gain_privileges_and_its_calls_are_filtered() {
    on_desk(
        Desk::Usual,
        "the_broker_cannot_gain_privileges_and_its_calls_are_filtered",
        |folder| {
            let lanyard = Lanyard::at(&folder, "");
            let broker = lanyard.broker_pid();
            let status = |name| field(&format!("/proc/{broker}/status"), name);
            assert_eq!(status("NoNewPrivs:"), "1");
            let filtered = Path::new("/proc/sys/kernel/seccomp/actions_avail").exists();
            assert_eq!(status("Seccomp:"), if filtered { "2" } else { "0" });
            for thread in std::fs::read_dir(format!("/proc/{broker}/task")).unwrap() {
                let thread = thread.unwrap().path().join("status");
                assert_eq!(field(thread.to_str().unwrap(), "Seccomp:"), status("Seccomp:"));
            }
            let owner = std::os::unix::fs::MetadataExt::uid(
                &std::fs::metadata(format!("/proc/{broker}/environ")).unwrap(),
            );
            assert_eq!(owner, 0, "not dumpable: its files in /proc are root's");
        },
    );
}

#[test]
fn a_confined_broker_signs_in_refreshes_and_names_its_callers() {
    on_desk(Desk::Usual, "a_confined_broker_signs_in_refreshes_and_names_its_callers", |folder| {
        let day = Day::begin(&folder);
        day.sign_in_to_company();
        day.lanyard.run(&["token", "company"]).ok();
        day.lanyard.run(&["token", "company", "--force"]).ok();
        let trail = || day.lanyard.as_person("GET", "/v1/audit", "").to_string();
        let own = std::env::current_exe().unwrap();
        let own = own.file_name().unwrap().to_str().unwrap().to_owned();
        eventually("the caller's name in the audit trail", || trail().contains(&own));
        let log = std::fs::read_to_string(day.lanyard.home().join("log/broker.log")).unwrap();
        assert!(!log.contains("denied"), "{log}");
    });
}

#[test]
fn the_launcher_ends_with_a_broker_that_is_killed() {
    on_desk(Desk::Usual, "the_launcher_ends_with_a_broker_that_is_killed", |folder| {
        let lanyard = Lanyard::at(&folder, "");
        let broker = lanyard.broker_pid();
        let children = std::fs::read_to_string(format!("/proc/{broker}/task/{broker}/children"));
        let launcher = children.unwrap().trim().to_owned();
        let name = std::fs::read_to_string(format!("/proc/{launcher}/comm")).unwrap();
        assert_eq!(name, "lanyard-launch\n");
        println!("memory: broker {}, launcher {launcher} {}", pss(&broker), pss(&launcher));
        lanyard.end_broker("-KILL");
        eventually("the launcher's end", || is_gone(&launcher));
    });
}

#[test]
fn a_broker_started_by_hand_drops_what_loads_code() {
    on_desk(Desk::Usual, "a_broker_started_by_hand_drops_what_loads_code", |folder| {
        let (lanyard, library) = (Lanyard::at(&folder, ""), library(&folder));
        let mut command = lanyard.command(&["broker"]);
        command.env("LD_PRELOAD", &library).env("LD_LIBRARY_PATH", "/tmp").stderr(Stdio::null());
        let mut broker = command.spawn().unwrap();
        let socket = lanyard.home().join("lanyard.sock");
        let listens = || std::os::unix::net::UnixStream::connect(&socket).is_ok();
        eventually("the broker", listens);
        assert_eq!(lanyard.broker_pid().unsigned_abs(), broker.id());
        // A reader without root's rights is refused both, which is as good.
        let read = |name: &str| std::fs::read(format!("/proc/{}/{name}", broker.id()));
        let text =
            |name: &str| String::from_utf8_lossy(&read(name).unwrap_or_default()).into_owned();
        assert!(!text("maps").contains("preloaded.so"));
        assert!(!text("environ").contains("LD_"));
        assert_eq!(text("comm"), "lanyard-daemon\n");
        lanyard.end_broker("-TERM");
        assert!(broker.wait().unwrap().success());
    });
}

fn library(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("preloaded.c"), folder.join("preloaded.so"));
    std::fs::write(&source, "int lanyard_test_was_here;").unwrap();
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
    assert!(cc.status().unwrap().success());
    library
}

fn field(file: &str, name: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().to_owned()
}

/// Returns a process's share of the memory, where it may be looked at.
fn pss(pid: &impl std::fmt::Display) -> String {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    text.lines().find(|line| line.starts_with("Pss:")).unwrap_or("unknown").to_owned()
}

fn is_gone(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}
