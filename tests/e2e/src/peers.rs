use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::project;

/// Goes through a provider's pages in headless Chromium, and returns what the browser says of the
/// last one.
///
/// # Panics
/// If it does not arrive at the callback page.
pub fn browse(url: &str, args: &[&str]) -> Value {
    let script = project("tests/peers/browser/sign-in.mjs");
    let output =
        Command::new("node").arg(script).arg(url).args(args).output().expect("node is there");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the script answers with JSON")
}

/// The certified `oidc-provider` in a process of its own, which ends with this.
#[derive(Debug)]
pub struct OidcProvider {
    process: Child,
    /// Its issuer.
    pub issuer: String,
    /// Where it listens.
    pub address: String,
    control: String,
}

impl OidcProvider {
    /// Starts it with access tokens that live so many seconds.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start(access_ttl: u32) -> Self {
        Self::with(access_ttl, &[])
    }

    /// Starts it with these further options.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn with(access_ttl: u32, options: &[&str]) -> Self {
        let script = project("tests/peers/oidc-provider/op.mjs");
        let mut command = Command::new("node");
        command.arg(script).args(["--access-ttl", &access_ttl.to_string()]).stdout(Stdio::piped());
        let mut process = command.args(options).spawn().expect("node is there");
        let mut line = String::new();
        let stdout = process.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it can be read");
        let ready: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line:?}"));
        let text = |name: &str| ready[name].as_str().expect("it is text").to_owned();
        Self { issuer: text("issuer"), control: text("control"), address: text("address"), process }
    }

    /// Returns what it counted.
    pub fn counts(&self) -> Value {
        control("GET", &format!("{}/control/counts", self.control), None)
    }

    /// Sets how many seconds new access tokens live.
    pub fn set_access_ttl(&self, seconds: u32) {
        let body = format!("{{\"access\":{seconds}}}");
        control("POST", &format!("{}/control/ttl", self.control), Some(&body));
    }

    /// Returns a config with a profile `company` for it.
    pub fn config(&self) -> String {
        format!(
            "[profile.company]\nprovider = \"oidc\"\nissuer = \"{}\"\nclient_id = \"lanyard\"\n\
             scopes = [\"openid\", \"email\", \"offline_access\"]\n",
            self.issuer
        )
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Calls a peer's control address with curl, and returns its JSON, or null where it answers nothing.
///
/// # Panics
/// If the call fails.
pub fn control(method: &str, url: &str, body: Option<&str>) -> Value {
    let mut command = Command::new("curl");
    command.args(["-sSf", "-m", "10", "-X", method, "-H", "content-type: application/json", url]);
    if let Some(body) = body {
        command.args(["-d", body]);
    }
    let output = command.output().expect("curl is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}
