use std::process::Stdio;

use lanyard_client::allowed_environment;
use lanyard_core::{Code, Failure};
use tokio::process::Command;
use url::Url;

/// Opens a provider's page in the system browser: http and https only, through no shell, and with
/// an environment that loads no code into the browser.
///
/// # Errors
/// `refused` for any other address, `failed` where no browser could be started.
pub(crate) fn open_page(address: &str) -> Result<(), Failure> {
    let page = page(address)?;
    let started = open::commands(page.as_str()).into_iter().any(|opener| start(opener.into()));
    if started {
        return Ok(());
    }
    Err(Failure::new(Code::Failed, "no browser could be started")
        .action("run `lanyard login --no-browser` and open the page it prints"))
}

fn page(address: &str) -> Result<Url, Failure> {
    let page = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    page.ok_or_else(|| Failure::new(Code::Refused, "the provider's page is no web address"))
}

fn start(mut opener: Command) -> bool {
    opener.env_clear().envs(allowed_environment());
    opener.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    opener.spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_pages() {
        assert!(page("https://login.example.com/authorize?x=1").is_ok());
        assert!(page("http://127.0.0.1:4711/").is_ok());
        for address in ["file:///etc/passwd", "javascript:alert(1)", "--help", "x-terminal:id", ""]
        {
            assert_eq!(page(address).unwrap_err().code, Code::Refused, "{address}");
        }
    }
}
