//! Removing a profile, and what stays behind it.

use std::fmt::Write;

use lanyard_api::AccountReply;
use lanyard_core::{Failure, config, printable};

use super::super::Context;
use super::{edit, parse_name};
use crate::{config_file, output};

pub(super) async fn remove(context: &Context, name: &str) -> Result<(), Failure> {
    let path = context.setup.home()?.config;
    let before = config_file::load(&path, context.setup.descriptors);
    let was_default = before
        .is_ok_and(|config| config.default_profile.is_some_and(|default| default.as_str() == name));
    edit(context, |text, known| {
        config::remove_profile(text, &parse_name(name)?, known).map_err(Into::into)
    })?;
    if was_default {
        output::note(&format!(
            "lanyard: \"{name}\" was the default profile; there is none any more\n  \
             set default_profile in {}, or name a profile each time",
            path.display()
        ));
    }
    let status = context.client()?.without_start().status().await;
    let accounts = status.map(|status| status.accounts).ok();
    if let Some(text) = stays(name, accounts) {
        output::note(&text);
    }
    Ok(())
}

/// Says which accounts stay signed in; `None` stands for a broker that could not be asked.
fn stays(profile: &str, accounts: Option<Vec<AccountReply>>) -> Option<String> {
    let Some(mut accounts) = accounts else {
        return Some(
            "lanyard: accounts that are signed in through it stay\n  \
             see `lanyard status`, and sign them out with `lanyard logout ACCOUNT`"
                .to_owned(),
        );
    };
    accounts.retain(|account| account.profile == profile);
    accounts.dedup_by(|a, b| a.account == b.account);
    let mut text = String::new();
    for account in &accounts {
        let username = printable(&account.username, 128);
        let _ = write!(
            text,
            "{}lanyard: {username} stays signed in through it\n  run `lanyard logout {}` to end that",
            if text.is_empty() { "" } else { "\n" },
            account.account
        );
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use lanyard_api::StatusReply;

    use super::*;

    #[test]
    fn an_account_that_stays_is_named_with_its_logout() {
        let golden = include_str!("../../../../api/tests/v1/status-reply.json");
        let status: StatusReply = serde_json::from_str(golden).unwrap();
        let text = stays("company", Some(status.accounts.clone())).unwrap();
        assert!(text.starts_with("lanyard: maria stays signed in"), "{text}");
        assert!(text.contains("`lanyard logout f9d13b44f9b68445`"), "{text}");
        assert_eq!(stays("other", Some(status.accounts)), None);
        assert!(stays("company", None).unwrap().contains("lanyard logout"));
    }
}
