//! Which profile and which account a request means.

use lanyard_cache::AccountSummary;
use lanyard_core::config::{Config, Profile};
use lanyard_core::{Code, Failure, ProfileName};

/// Returns the profile that is meant: the named one, the default one, or the only one.
pub(crate) fn profile<'a>(config: &'a Config, name: Option<&str>) -> Result<&'a Profile, Failure> {
    let names = || config.profiles.keys().map(ProfileName::as_str).collect::<Vec<_>>().join(", ");
    if let Some(name) = name {
        let found = config.profiles.values().find(|profile| profile.name.as_str() == name);
        return found.ok_or_else(|| {
            let shown = lanyard_core::printable(name, 64);
            Failure::new(Code::Usage, format!("there is no profile \"{shown}\"")).action(
                match names() {
                    names if names.is_empty() => "add one with `lanyard profile add`".to_owned(),
                    names => format!("use one of: {names}"),
                },
            )
        });
    }
    let default = config.default_profile.as_ref().and_then(|name| config.profiles.get(name));
    if let Some(profile) = default {
        return Ok(profile);
    }
    let mut all = config.profiles.values();
    match (all.next(), all.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Failure::new(Code::Usage, "there is no profile yet")
            .action("add one with `lanyard profile add`")),
        (Some(_), Some(_)) => Err(Failure::new(Code::Usage, "there are several profiles")
            .action(format!("name one of: {}", names()))),
    }
}

/// How many accounts a message names.
const MOST_NAMED: usize = 10;

/// Returns the account that is meant: by id or user name, or the only one of the profile. An account
/// of another issuer than the profile's present one is none of its accounts.
pub(crate) fn account(
    accounts: &[AccountSummary],
    profile: &Profile,
    issuer: Option<&str>,
    wanted: Option<&str>,
) -> Result<AccountSummary, Failure> {
    let of_profile = accounts.iter().filter(|AccountSummary { account, .. }| {
        account.profile == profile.name && issuer.is_none_or(|issuer| account.issuer == issuer)
    });
    let of_profile: Vec<&AccountSummary> = of_profile.collect();
    let named = |summary: &AccountSummary, wanted: &str| {
        summary.account.id.as_str() == wanted || summary.account.username == wanted
    };
    let is_meant = |summary: &&AccountSummary| wanted.is_none_or(|wanted| named(summary, wanted));
    let matching: Vec<&AccountSummary> = of_profile.iter().copied().filter(is_meant).collect();
    match matching.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(nobody(profile, wanted, &list(&of_profile))),
        several => Err(Failure::new(
            Code::AccountAmbiguous,
            format!("several accounts are signed in to \"{}\"", profile.name),
        )
        .action(format!("choose with --account: {}", list(several)))),
    }
}

/// Refuses a tenant where the provider has none.
///
/// # Errors
/// `usage`.
pub(crate) fn check_tenant(profile: &Profile, tenant: Option<&str>) -> Result<(), Failure> {
    if tenant.is_none() || profile.provider.has_tenants {
        return Ok(());
    }
    let message = format!("{} has no tenants", profile.provider.label);
    Err(Failure::new(Code::Usage, message).action("leave the tenant out"))
}

fn nobody(profile: &Profile, wanted: Option<&str>, known: &str) -> Failure {
    let name = &profile.name;
    let message = match wanted {
        Some(wanted) if !known.is_empty() => {
            let wanted = lanyard_core::printable(wanted, 128);
            format!("no account \"{wanted}\" is signed in to \"{name}\"; there is {known}")
        }
        Some(_) | None => format!("nobody is signed in to \"{name}\""),
    };
    Failure::new(Code::SignInRequired, message).action(format!("run `lanyard login {name}`"))
}

fn list(accounts: &[&AccountSummary]) -> String {
    let line = |summary: &&AccountSummary| {
        let account = &summary.account;
        format!("{} ({})", lanyard_core::printable(&account.username, 128), account.id)
    };
    let mut named: Vec<String> = accounts.iter().take(MOST_NAMED).map(line).collect();
    if accounts.len() > MOST_NAMED {
        named.push(format!("and {} more", accounts.len() - MOST_NAMED));
    }
    named.join(", ")
}
