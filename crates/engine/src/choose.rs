//! Which profile and which account a request means.

use lanyard_cache::AccountSummary;
use lanyard_core::config::{Config, Profile};
use lanyard_core::provider::Way;
use lanyard_core::{Code, Failure, ProfileName};

use crate::TokenRequest;

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

/// Returns the profile that a request for a token means: the named one, else the one of its issuer,
/// else the one that covers its resource. `is_issuer` says whether an issuer is a profile's.
pub(crate) fn profile_for<'a>(
    config: &'a Config,
    request: &TokenRequest,
    is_issuer: impl Fn(&Profile, &str) -> bool,
) -> Result<&'a Profile, Failure> {
    let named = request.profile.as_deref();
    if let Some(issuer) = &request.issuer {
        let of_issuer = |profile: &&Profile| is_issuer(profile, issuer);
        if named.is_some() {
            return Some(profile(config, named)?).filter(of_issuer).ok_or_else(|| {
                Failure::new(Code::Usage, "the profile is another issuer's")
                    .action("name the profile or the issuer")
            });
        }
        let shown = lanyard_core::printable(issuer, 256);
        let found: Vec<&Profile> = config.profiles.values().filter(of_issuer).collect();
        return one_of(config, &found)?.ok_or_else(|| {
            Failure::new(Code::Usage, format!("no profile is for the issuer {shown}"))
                .action("add one with `lanyard profile add`")
        });
    }
    if let (None, Some(resource)) = (named, &request.resource) {
        let covers = |profile: &&Profile| covers(profile, resource) || is_issuer(profile, resource);
        let found: Vec<&Profile> = config.profiles.values().filter(covers).collect();
        if let Some(one) = one_of(config, &found)? {
            return Ok(one);
        }
    }
    profile(config, named)
}

/// Returns whether a scope of the profile is the resource, or lies below it.
fn covers(profile: &Profile, resource: &str) -> bool {
    let place = resource.trim_end_matches('/');
    let below = |scope: &str| scope.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
    profile.scopes.iter().any(|scope| scope == place || below(scope))
}

/// Returns the only one, or the default one of several.
fn one_of<'a>(config: &Config, found: &[&'a Profile]) -> Result<Option<&'a Profile>, Failure> {
    let is_default = |profile: &&&Profile| config.default_profile.as_ref() == Some(&profile.name);
    match found {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => several.iter().find(is_default).copied().map(Some).ok_or_else(|| {
            let names: Vec<&str> = several.iter().map(|profile| profile.name.as_str()).collect();
            Failure::new(Code::Usage, "several profiles fit")
                .action(format!("name one of: {}", names.join(", ")))
        }),
    }
}

/// Returns the account that is meant: by id or user name, or the only one of the profile.
pub(crate) fn account(
    accounts: &[AccountSummary],
    profile: &Profile,
    wanted: Option<&str>,
) -> Result<AccountSummary, Failure> {
    let of_profile = accounts.iter().filter(|summary| summary.account.profile == profile.name);
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

/// Refuses a device code where the provider has none.
///
/// # Errors
/// `usage`.
pub(crate) fn check_way(profile: &Profile, way: Way) -> Result<(), Failure> {
    let offers = profile.provider.methods.iter().any(|method| method.id == "device-code");
    if way == Way::Usual || offers {
        return Ok(());
    }
    let message = format!("{} has no device codes", profile.provider.label);
    Err(Failure::new(Code::Usage, message).action("leave --device out"))
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
    accounts.iter().map(line).collect::<Vec<_>>().join(", ")
}
