//! Which profile and which account a request means.

use lanyard_cache::AccountSummary;
use lanyard_core::config::{Config, Profile};
use lanyard_core::provider::Way;
use lanyard_core::{Code, Failure, OF_PROFILE, ProfileName};

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

/// How many accounts a message names.
const MOST_NAMED: usize = 10;

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
        .action(format!("choose with --account: {}", list(several)))
        .detail(format!("{OF_PROFILE}{}", profile.name))),
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
    let mut named: Vec<String> = accounts.iter().take(MOST_NAMED).map(line).collect();
    if accounts.len() > MOST_NAMED {
        named.push(format!("and {} more", accounts.len() - MOST_NAMED));
    }
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use lanyard_core::config::parse;
    use lanyard_core::descriptor::{Descriptor, Field, FieldKind, Method, Strap};

    static ACME: Descriptor = Descriptor {
        id: "acme",
        label: "Acme",
        summary: "",
        strap: Strap { light: "#000000", dark: "#ffffff" },
        has_tenants: false,
        client_key: "client_id",
        endpoints: &[],
        methods: &[Method {
            id: "code",
            label: "",
            default_scopes: &[],
            fields: &[Field {
                key: "issuer",
                kind: FieldKind::Url,
                required: true,
                label: "",
                help: "",
                example: "",
                default: None,
            }],
        }],
    };

    const PROFILES: &str = r#"
        [profile.one]
        provider = "acme"
        issuer = "https://one.example"
        scopes = ["https://api.example/.default"]
        [profile.two]
        provider = "acme"
        issuer = "https://two.example/"
        scopes = ["https://graph.example/mail.read"]
        [profile.three]
        provider = "acme"
        issuer = "https://two.example/"
        scopes = ["https://graph.example/files.read"]
    "#;

    #[test]
    fn an_issuer_names_its_profile() {
        assert_eq!(by_issuer("", "https://one.example").unwrap(), "one");
    }

    #[test]
    fn an_issuer_is_compared_to_the_letter() {
        for issuer in ["https://one.example/", "https://ONE.example", "", "javascript:alert(1)"] {
            assert_eq!(by_issuer("", issuer).unwrap_err().code, Code::Usage, "{issuer}");
        }
    }

    #[test]
    fn two_profiles_of_one_issuer_are_listed() {
        let failure = by_issuer("", "https://two.example/").unwrap_err();
        assert_eq!(failure.code, Code::Usage);
        assert_eq!(failure.action.unwrap(), "name one of: three, two");
    }

    #[test]
    fn the_default_profile_is_meant_where_several_fit() {
        let default = "default_profile = \"two\"";
        assert_eq!(by_issuer(default, "https://two.example/").unwrap(), "two");
        assert_eq!(by_issuer(default, "https://one.example").unwrap(), "one");
    }

    #[test]
    fn a_resource_names_the_profile_whose_scopes_cover_it() {
        for resource in ["https://api.example", "https://api.example/"] {
            assert_eq!(by_resource("", resource).unwrap(), "one");
        }
        assert_eq!(by_resource("", "https://graph.example/files.read").unwrap(), "three");
        let failure = by_resource("", "https://graph.example").unwrap_err();
        assert_eq!(failure.action.unwrap(), "name one of: three, two");
    }

    #[test]
    fn a_resource_that_nobody_covers_is_left_to_the_default_profile() {
        for resource in ["https://api.example.evil", "https://api.exam", "https://other.example"] {
            assert_eq!(by_resource("", resource).unwrap_err().code, Code::Usage, "{resource}");
            assert_eq!(by_resource("default_profile = \"two\"", resource).unwrap(), "two");
        }
    }

    #[test]
    fn a_named_profile_of_another_issuer_is_refused() {
        let request = TokenRequest {
            profile: Some("one".into()),
            issuer: Some("https://two.example/".into()),
            ..TokenRequest::default()
        };
        assert_eq!(chosen("", &request).unwrap_err().code, Code::Usage);
    }

    fn by_issuer(more: &str, issuer: &str) -> Result<String, Failure> {
        chosen(more, &TokenRequest { issuer: Some(issuer.into()), ..TokenRequest::default() })
    }

    fn by_resource(more: &str, resource: &str) -> Result<String, Failure> {
        chosen(more, &TokenRequest { resource: Some(resource.into()), ..TokenRequest::default() })
    }

    fn chosen(more: &str, request: &TokenRequest) -> Result<String, Failure> {
        let config = parse(&format!("{more}\n{PROFILES}"), &[&ACME]);
        let config =
            config.map_err(|error| Failure::new(Code::ConfigInvalid, error.to_string()))?;
        let is_issuer = |profile: &Profile, issuer: &str| profile.text("issuer") == Some(issuer);
        profile_for(&config, request, is_issuer).map(|profile| profile.name.to_string())
    }
}
