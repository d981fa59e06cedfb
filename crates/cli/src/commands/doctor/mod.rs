use std::path::Path;

use lanyard_cache::keyring_state;
use lanyard_client::Client;
use lanyard_core::{Code, Failure, Home};
use serde::Serialize;

use super::Context;
use crate::{config_file, output};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    name: &'static str,
    ok: bool,
    message: String,
    /// The command that repairs it.
    repair: Option<String>,
}

pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    let home = context.setup.home()?;
    let mut findings = vec![config(context, &home), keyring(), permissions(&home)];
    findings.push(broker(context).await?);
    findings.push(protection());
    findings.push(log_file(context));
    if context.json {
        output::answer_json(&findings);
        return Ok(());
    }
    for finding in findings {
        let mark = if finding.ok { "ok  " } else { "look" };
        output::answer(&format!("{mark}  {}: {}", finding.name, finding.message));
        if let Some(repair) = finding.repair {
            output::answer(&format!("      {repair}"));
        }
    }
    Ok(())
}

fn fine(name: &'static str, message: impl Into<String>) -> Finding {
    Finding { name, ok: true, message: message.into(), repair: None }
}

fn wrong(name: &'static str, failure: Failure) -> Finding {
    Finding { name, ok: false, message: failure.message, repair: failure.action }
}

fn config(context: &Context, home: &Home) -> Finding {
    match config_file::load(&home.config, context.setup.descriptors) {
        Ok(config) => fine(
            "config",
            format!("{} profiles in {}", config.profiles.len(), home.config.display()),
        ),
        Err(failure) => wrong("config", failure),
    }
}

fn keyring() -> Finding {
    match keyring_state() {
        Ok(()) => fine("keyring", "there, and unlocked"),
        Err(problem) => wrong("keyring", lanyard_cache::CacheError::Keyring(problem).to_failure()),
    }
}

fn permissions(home: &Home) -> Finding {
    let folders = [home.cache.parent(), home.socket.parent()];
    for folder in folders.into_iter().flatten().filter(|folder| folder.exists()) {
        if let Err(error) = lanyard_cache::private_folder(folder) {
            return wrong("permissions", error.to_failure());
        }
    }
    let shown = home.cache.parent().unwrap_or(Path::new("/")).display();
    fine("permissions", format!("{shown} is this user's alone"))
}

async fn broker(context: &Context) -> Result<Finding, Failure> {
    let client: Client = context.client()?.without_start();
    Ok(match client.status().await {
        Ok(status) => fine(
            "broker",
            format!("version {}, process {}", status.broker.version, status.broker.pid),
        ),
        Err(failure) if failure.code == Code::Failed => {
            fine("broker", format!("{}; it is started when it is needed", failure.message))
        }
        Err(failure) => wrong("broker", failure),
    })
}

/// Says what keeps other programs of the same user from reading the broker's memory here.
fn protection() -> Finding {
    let scope = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    match scope.trim() {
        "1" | "2" | "3" => {
            fine("memory", "the broker asks not to be dumped, and ptrace is restricted")
        }
        _ => fine("memory", "the broker asks not to be dumped; ptrace is not restricted further"),
    }
}

fn log_file(context: &Context) -> Finding {
    let logs = context.setup.logs().unwrap_or_default();
    fine("log", format!("{}", logs.join("broker.log").display()))
}
