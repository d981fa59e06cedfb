use std::path::{Path, PathBuf};
use std::sync::Arc;

use lanyard_api::StatusReply;
use lanyard_cache::WriterLock;
use lanyard_client::Client;
use lanyard_core::{Code, Failure, printable};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::finding::Finding;
use super::scene::Scene;

/// Above this many milliseconds a person notices; it answers in a few.
const SLOW: u128 = 500;

pub(super) async fn check(scene: Arc<Scene>) -> Vec<Finding> {
    let asked = Arc::clone(&scene);
    let asking = spawn_blocking(move || {
        let began = Instant::now();
        (status(&asked), began.elapsed().as_millis())
    });
    let Ok((status, took)) = asking.await else { return Vec::new() };
    let mut findings = match &status {
        Ok(status) => running(status, took),
        Err(failure) => vec![silent(&scene, failure)],
    };
    findings.push(unit(&scene));
    findings.push(Finding::ok("log", scene.home.logs.join("broker.log").display().to_string()));
    findings
}

/// Asks the broker, if one runs. It blocks: its own thread lets nothing else stand in the time.
pub(super) fn status(scene: &Scene) -> Result<StatusReply, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
    runtime.block_on(Client::new(scene.home.clone()).without_start().status())
}

fn running(status: &StatusReply, took: u128) -> Vec<Finding> {
    let broker = &status.broker;
    let what = format!("version {}, process {}, answers in {took} ms", broker.version, broker.pid);
    let mut findings = vec![match () {
        () if broker.version != env!("CARGO_PKG_VERSION") => {
            Finding::warn("broker", format!("{what}; this is {}", env!("CARGO_PKG_VERSION")))
                .repair(format!("kill {}    # the next command starts this version's", broker.pid))
        }
        () if took > SLOW => Finding::warn("broker", what).repair(
            "see whether the machine is busy, and `lanyard status` for a provider that hangs",
        ),
        () => Finding::ok("broker", what),
    }];
    if broker.locked {
        findings.push(Finding::warn("lock", "it is locked").repair("lanyard unlock"));
    }
    findings.extend(orphans(status));
    findings
}

/// Finds accounts whose profile is gone: nobody can ask for them, and their grants live on.
fn orphans(status: &StatusReply) -> Vec<Finding> {
    let is_orphan = |profile: &str| !status.profiles.iter().any(|known| known.name == profile);
    let mut accounts: Vec<_> =
        status.accounts.iter().filter(|account| is_orphan(&account.profile)).collect();
    accounts.dedup_by(|a, b| a.account == b.account);
    if status.config_problem.is_some() {
        return Vec::new();
    }
    let finding = |account: &&lanyard_api::AccountReply| {
        let username = printable(&account.username, 64);
        let what =
            format!("{username} is signed in through \"{}\", which is gone", account.profile);
        Finding::warn("account", what).repair(format!("lanyard logout {}", account.account))
    };
    accounts.iter().map(finding).collect()
}

fn silent(scene: &Scene, failure: &Failure) -> Finding {
    let not_running = failure.code == Code::Failed && failure.detail.is_none();
    match (not_running, WriterLock::is_held(&scene.home.cache)) {
        (true, false) => Finding::ok("broker", "none is running; it is started when it is needed"),
        (true, true) => {
            let lock = scene.home.cache.with_extension("db.lock");
            let shown = scene.home.socket.display();
            Finding::fail("broker", format!("one is running, and does not listen at {shown}"))
                .repair(format!("kill \"$(cat '{}')\"", lock.display()))
        }
        (false, _) => Finding::of_failure("broker", failure.clone()),
    }
}

/// Looks for systemd's user units, and whether the program that they start is there.
fn unit(scene: &Scene) -> Finding {
    let own = scene.folder("XDG_CONFIG_HOME", ".config").map(|config| config.join("systemd/user"));
    let shared = ["/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user"];
    let folders = own.into_iter().chain(shared.map(PathBuf::from));
    let found = folders.map(|folder| folder.join("lanyard.service")).find(|unit| unit.is_file());
    judge_unit(found.as_deref())
}

fn judge_unit(unit: Option<&Path>) -> Finding {
    let name = "systemd unit";
    let Some(unit) = unit else {
        return Finding::ok(name, "not installed; whoever needs the broker starts it");
    };
    let text = std::fs::read_to_string(unit).unwrap_or_default();
    let start = text.lines().find_map(|line| line.strip_prefix("ExecStart="));
    let program = start.and_then(|line| line.split_whitespace().next()).unwrap_or_default();
    if Path::new(program).is_file() {
        return Finding::ok(name, format!("{} starts {program}", unit.display()));
    }
    let what =
        format!("{} starts \"{}\", which is not there", unit.display(), printable(program, 128));
    Finding::fail(name, what).repair(format!(
        "sed -i \"s|^ExecStart=[^ ]*|ExecStart=$(command -v lanyard)|\" '{}' && systemctl --user daemon-reload",
        unit.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_unit_that_starts_a_program_that_is_gone_fails() {
        let dir = tempfile::tempdir().unwrap();
        let unit = dir.path().join("lanyard.service");
        std::fs::write(&unit, "[Service]\nExecStart=/nowhere/lanyard broker\n").unwrap();
        assert_eq!(judge_unit(Some(&unit)).state, State::Fail);
        std::fs::write(&unit, "[Service]\nExecStart=/bin/sh broker\n").unwrap();
        assert_eq!(judge_unit(Some(&unit)).state, State::Ok);
        assert_eq!(judge_unit(None).state, State::Ok);
    }

    #[test]
    fn another_version_a_lock_and_lost_accounts_are_told() {
        let golden = include_str!("../../../../api/tests/v1/status-reply.json");
        let mut status: StatusReply = serde_json::from_str(golden).unwrap();
        status.broker.version = "0.0.1".to_owned();
        status.broker.locked = true;
        status.config_problem = None;
        status.profiles.clear();
        let found = running(&status, 1);
        let names: Vec<&str> = found.iter().map(|finding| finding.name.as_str()).collect();
        assert_eq!(names, ["broker", "lock", "account"]);
        assert!(found.iter().all(|finding| finding.state == State::Warn));
        let logout = found[2].repair.as_deref().unwrap();
        assert!(logout.starts_with("lanyard logout "), "{logout}");
    }
}
