//! Opens a page in the system's browser, or in the person's `BROWSER`.

use std::process::Command;

use lanyard_core::Failure;
use lanyard_desktop::{open_page_by, system_browsers};

/// Opens a provider's page, without a shell.
pub(crate) fn open(address: &str, browser: Option<&str>) -> Result<(), Failure> {
    open_page_by(address, |page| match browser {
        Some(browser) => own_browsers(browser, page),
        None => system_browsers(page),
    })
}

fn own_browsers(browser: &str, page: &str) -> Vec<Command> {
    browser.split(':').filter_map(|entry| own_browser(entry, page)).collect()
}

/// Reads one entry of `BROWSER`: words separated by blanks, `%s` for the page. It is started with
/// the person's whole environment, as the person wrote it there.
fn own_browser(entry: &str, page: &str) -> Option<Command> {
    let mut words = entry.split_ascii_whitespace();
    let mut command = Command::new(words.next()?);
    command.args(words.map(|word| word.replace("%s", page)));
    if !entry.contains("%s") {
        command.arg(page);
    }
    Some(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_takes_its_place_or_comes_last() {
        let started: Vec<String> = own_browsers("lynx: :firefox -new-tab %s -wait", "https://a/")
            .iter()
            .map(|command| format!("{command:?}"))
            .collect();
        let expected = [r#""lynx" "https://a/""#, r#""firefox" "-new-tab" "https://a/" "-wait""#];
        assert_eq!(started, expected);
    }
}
