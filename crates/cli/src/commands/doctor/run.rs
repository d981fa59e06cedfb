use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use lanyard_core::{Code, Failure};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::finding::{Finding, State};
use super::scene::Scene;
use super::{
    broker, bundle, cache, config, desktop, files, install, kernel, keyring, network, show,
};
use crate::args::DoctorArgs;
use crate::commands::Context;
use crate::environment::Providers;
use crate::output;

/// Longest that one group of checks may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Looks at everything; the exit code is 1 where something fails.
pub(crate) fn run(context: &Context, providers: Providers, args: &DoctorArgs) -> ExitCode {
    let looked = Scene::read(&context.setup, providers).and_then(|scene| {
        let scene = Arc::new(scene);
        let findings = look(&scene)?;
        match &args.bundle {
            Some(file) => bundle::write(context, &scene, &findings, file, args.with_names)?,
            None => show::show(&findings, context.json),
        }
        Ok(findings)
    });
    match looked {
        Err(failure) => output::failure(&failure, context.json),
        Ok(findings) if args.bundle.is_none() && fails(&findings) => {
            ExitCode::from(Code::Failed.exit_code())
        }
        Ok(_) => ExitCode::SUCCESS,
    }
}

fn fails(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.state == State::Fail)
}

/// Runs the checks side by side. One that still hangs at the end is left behind.
fn look(scene: &Arc<Scene>) -> Result<Vec<Finding>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
    let findings = runtime.block_on(async {
        let mut checks = Checks::default();
        checks.add("programs", install::check(Arc::clone(scene)));
        checks.add("config", config::check(Arc::clone(scene)));
        checks.add("files", files::check(Arc::clone(scene)));
        checks.add("keyring", keyring::check(Arc::clone(scene)));
        checks.add("cache", cache::check(Arc::clone(scene)));
        checks.add("broker", broker::check(Arc::clone(scene)));
        checks.add("network", network::check(Arc::clone(scene)));
        checks.add("desktop", desktop::check(Arc::clone(scene)));
        checks.add("kernel", async { kernel::check() });
        checks.done().await
    });
    runtime.shutdown_background();
    Ok(findings)
}

/// The groups under way.
#[derive(Default)]
struct Checks {
    waiting: Vec<&'static str>,
    running: JoinSet<(usize, Vec<Finding>)>,
}

impl Checks {
    fn add(
        &mut self,
        group: &'static str,
        check: impl Future<Output = Vec<Finding>> + Send + 'static,
    ) {
        let place = self.waiting.len();
        self.waiting.push(group);
        self.running.spawn(async move {
            let found = timeout(LIMIT, check).await.unwrap_or_else(|_| vec![too_slow(group)]);
            (place, found.into_iter().map(|finding| Finding { group, ..finding }).collect())
        });
    }

    /// Waits for all of them, and returns what they found in their order.
    async fn done(mut self) -> Vec<Finding> {
        let mut found: Vec<(usize, Vec<Finding>)> = Vec::new();
        output::progress(&format!("looking at {}…", self.waiting.join(", ")));
        while let Some(ended) = self.running.join_next().await {
            found.extend(ended.ok());
            let is_open = |place: &usize| !found.iter().any(|(done, _)| done == place);
            let open: Vec<&str> =
                (0..self.waiting.len()).filter(is_open).map(|place| self.waiting[place]).collect();
            output::progress(&if open.is_empty() {
                String::new()
            } else {
                format!("still looking at {}…", open.join(", "))
            });
        }
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().flat_map(|(_, findings)| findings).collect()
    }
}

fn too_slow(group: &str) -> Finding {
    Finding::fail(group, format!("it did not answer within {} seconds", LIMIT.as_secs()))
        .repair("try again; where it stays so, restart what it belongs to")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_hangs_is_a_finding_and_holds_nothing_up() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let findings = runtime.block_on(async {
            let mut checks = Checks::default();
            checks.add("slow", std::future::pending());
            checks.add("quick", async { vec![Finding::ok("quick", "done")] });
            checks.done().await
        });
        let seen: Vec<_> = findings.iter().map(|it| (it.group, it.state)).collect();
        assert_eq!(seen, [("slow", State::Fail), ("quick", State::Ok)]);
    }
}
