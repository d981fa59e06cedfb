use std::process::Stdio;
use std::time::Duration;

use lanyard_client::allowed_environment;
use lanyard_core::{Code, Failure, WebUrl};
use tokio::process::Command;
use tokio::time::timeout;

/// How long an opener is watched: one that is not set up fails at once, and one that still runs
/// has become the browser.
const WATCHED: Duration = Duration::from_secs(2);

/// Opens a provider's page in the system browser: web addresses only, through no shell, and with an
/// environment that loads no code into the browser.
///
/// # Errors
/// `refused` for any other address, `failed` where no browser could be started.
pub async fn open_page(address: &str) -> Result<(), Failure> {
    let page = WebUrl::parse(address).map_err(|error| {
        Failure::new(Code::Refused, "the provider's page is no web address")
            .action("check the profile's issuer")
            .detail(error.to_string())
    })?;
    for opener in open::commands(page.as_str()) {
        if started(opener.into()).await {
            return Ok(());
        }
    }
    Err(Failure::new(Code::Failed, "no browser could be started")
        .action("run `lanyard login --no-browser` and open the page it prints"))
}

async fn started(mut opener: Command) -> bool {
    opener.env_clear().envs(allowed_environment()).current_dir("/");
    opener.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // What ends the terminal's foreground group does not end the browser.
    #[cfg(unix)]
    opener.process_group(0);
    let Ok(mut opener) = opener.spawn() else { return false };
    match timeout(WATCHED, opener.wait()).await {
        Ok(Ok(status)) => status.success(),
        Ok(Err(_)) | Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_web_addresses_are_opened() {
        let others = ["file:///etc/passwd", "javascript:alert(1)", "--help", "x-terminal:id", ""];
        for address in others {
            assert_eq!(open_page(address).await.unwrap_err().code, Code::Refused, "{address}");
        }
    }
}
