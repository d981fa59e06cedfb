use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use lanyard_core::config::{Config, Network};
use lanyard_core::provider::SecretSource;
use lanyard_core::{Clock, SystemClock, WebUrl, host_is_loopback, printable};
use lanyard_providers::{Http, Probe, ProbeError};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::finding::Finding;
use super::scene::Scene;
use crate::secrets::Secrets;
use crate::serve;

/// Longest that a provider may take; less than all checks of this group together have.
const ANSWER: Duration = Duration::from_secs(4);

/// How far a clock may be off before tokens seem to end at the wrong moment.
const SKEW: i64 = 60;

pub(super) async fn check(scene: Arc<Scene>) -> Vec<Finding> {
    let Ok(config) = &scene.config else {
        return vec![Finding::skipped("providers", "the config file cannot be read")];
    };
    let mut findings = vec![proxy(&scene.setup.network, &config.network), authorities(&scene)];
    match serve::http(&scene.setup, &config.network) {
        Ok(http) => findings.extend(providers(&scene, config, &http).await),
        Err(failure) => findings.push(Finding::of_failure("network", failure)),
    }
    findings
}

fn proxy(environment: &Network, config: &Network) -> Finding {
    let found =
        [(&environment.proxy, "HTTPS_PROXY"), (&config.proxy, "network.proxy in the config")];
    match found.into_iter().find_map(|(proxy, from)| Some((proxy.as_deref()?, from))) {
        Some((proxy, from)) => {
            Finding::ok("proxy", format!("{}, by {from}", without_password(proxy)))
        }
        None => Finding::ok("proxy", "none"),
    }
}

/// Returns a proxy's address without the user name and password that may stand in it.
fn without_password(proxy: &str) -> String {
    let (scheme, rest) = proxy.split_once("://").unwrap_or(("http", proxy));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    printable(&format!("{scheme}://{host}"), 128)
}

fn authorities(scene: &Scene) -> Finding {
    let name = "authorities";
    let own = scene.config.as_ref().ok().and_then(|config| config.network.ca_file.as_deref());
    let replaced = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .into_iter()
        .find_map(|variable| Some((scene.text(variable)?, variable)));
    if let Some((path, variable)) = replaced {
        if std::fs::metadata(path).is_err() {
            let what = format!("{variable} names {path}, which is not there: nobody is trusted");
            return Finding::fail(name, what).repair(format!("unset {variable}"));
        }
        return Finding::ok(name, format!("{path}, by {variable}, in place of the system's"));
    }
    match own {
        Some(path) => Finding::ok(name, format!("the system's, and {path} by network.ca_file")),
        None => Finding::ok(name, "the system's"),
    }
}

/// Asks every provider once, however many profiles it has.
async fn providers(scene: &Scene, config: &Config, http: &Http) -> Vec<Finding> {
    let mut asked = JoinSet::new();
    for (host, (address, profiles)) in addresses(scene, config, http) {
        let http = http.clone();
        asked.spawn(async move {
            let probe = timeout(ANSWER, http.probe(&address)).await;
            let probe = probe.unwrap_or(Err(ProbeError::TimedOut));
            judge(&host, &profiles.join(", "), &probe, SystemClock.now())
        });
    }
    let mut findings: Vec<Finding> = asked.join_all().await.into_iter().flatten().collect();
    findings.sort_by(|a, b| (&a.name, &a.what).cmp(&(&b.name, &b.what)));
    findings
}

fn addresses(
    scene: &Scene,
    config: &Config,
    http: &Http,
) -> BTreeMap<String, (WebUrl, Vec<String>)> {
    let secrets: Arc<dyn SecretSource> = Arc::new(Secrets);
    let providers = (scene.providers)(http, &secrets);
    let mut hosts: BTreeMap<String, (WebUrl, Vec<String>)> = BTreeMap::new();
    for profile in config.profiles.values() {
        let provider =
            providers.iter().find(|provider| provider.descriptor().id == profile.provider.id);
        let Some(address) = provider.and_then(|it| it.discovery_document(profile)) else {
            continue;
        };
        let entry = hosts.entry(host(&address)).or_insert_with(|| (address, Vec::new()));
        entry.1.push(profile.name.to_string());
    }
    hosts
}

fn host(address: &WebUrl) -> String {
    let url = address.url();
    let name = url.host_str().unwrap_or_default();
    match url.port().filter(|_| host_is_loopback(url)) {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

/// Says whether a provider answers, and whether its clock and this one agree.
fn judge(
    host: &str,
    profiles: &str,
    probe: &Result<Probe, ProbeError>,
    now: Timestamp,
) -> Vec<Finding> {
    let name = "provider";
    let for_whom = format!("{host} ({profiles})");
    match probe {
        Err(error) => {
            vec![Finding::fail(name, format!("{for_whom}: {error}")).repair(repair(error))]
        }
        Ok(Probe { status: 200..=299, date }) => {
            vec![Finding::ok(name, format!("{for_whom} answers")), clock(host, *date, now)]
        }
        Ok(Probe { status, date }) => vec![
            Finding::fail(name, format!("{for_whom} answers with HTTP {status}")).repair(format!(
                "check the address in the profile: `lanyard profile show {profiles}`"
            )),
            clock(host, *date, now),
        ],
    }
}

fn repair(error: &ProbeError) -> &'static str {
    match error {
        ProbeError::Name => {
            "check the address in the profile, and the network: `getent hosts NAME`; behind a proxy set network.proxy"
        }
        ProbeError::Refused => {
            "check address and port in the profile, and whether the provider runs"
        }
        ProbeError::TimedOut => {
            "check the network; behind a proxy set network.proxy or HTTPS_PROXY"
        }
        ProbeError::Tls(_) => {
            "check this machine's clock; for a private authority set network.ca_file to its PEM file"
        }
        ProbeError::Other(_) => "check the network, and the proxy if there is one",
    }
}

fn clock(host: &str, date: Option<Timestamp>, now: Timestamp) -> Finding {
    let name = "clock";
    let Some(date) = date else {
        return Finding::skipped(name, format!("{host} does not say what time it is"));
    };
    let ahead = now.as_second() - date.as_second();
    let off = ahead.abs();
    match ahead {
        _ if off <= SKEW => Finding::ok(name, format!("within {SKEW} s of {host}'s")),
        1.. => Finding::warn(name, format!("{off} s ahead of {host}'s: tokens seem expired"))
            .repair("timedatectl set-ntp true"),
        _ => {
            let what =
                format!("{off} s behind {host}'s: expired tokens seem good, and are refused");
            Finding::warn(name, what).repair("timedatectl set-ntp true")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_clock_that_is_off_says_what_comes_of_it() {
        let found = |ahead| clock("h", Some(at(0)), at(ahead));
        assert_eq!(found(60).state, State::Ok);
        assert_eq!(found(-60).state, State::Ok);
        assert!(found(61).what.contains("61 s ahead of h's: tokens seem expired"));
        assert!(found(-61).what.contains("61 s behind h's"));
        assert_eq!(found(61).state, State::Warn);
        assert_eq!(clock("h", None, at(0)).state, State::Skipped);
    }

    #[test]
    fn a_proxys_password_is_not_shown_and_the_environment_goes_first() {
        let own = Network { proxy: Some("http://m:pw@proxy:1".to_owned()), ..Network::default() };
        let config = Network { proxy: Some("http://other".to_owned()), ..Network::default() };
        assert_eq!(proxy(&own, &config).what, "http://proxy:1, by HTTPS_PROXY");
        let config = proxy(&Network::default(), &config).what;
        assert_eq!(config, "http://other, by network.proxy in the config");
    }

    #[test]
    fn name_refusal_and_tls_have_their_own_repairs() {
        let all = [
            ProbeError::Name,
            ProbeError::Refused,
            ProbeError::TimedOut,
            ProbeError::Tls(String::new()),
        ];
        let repairs: std::collections::BTreeSet<&str> = all.iter().map(repair).collect();
        assert_eq!(repairs.len(), all.len());
    }
}
