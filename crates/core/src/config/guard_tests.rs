use super::*;
use crate::descriptor::{Field, FieldKind, Method, Strap};

const BEFORE: &str = "[approval]\nagents = \"deny\"\nagent_programs = [\"robot\"]\n[lock]\nafter = \"10m\"\n\
    [profile.a]\nprovider = \"acme\"\nissuer = \"https://id.example\"\nscopes = [\"x\", \"y\"]\n";

#[test]
fn a_file_that_did_not_change_waits_for_nobody() {
    let held = held(BEFORE);
    assert!(held.loosenings.is_empty());
    assert_eq!(held.in_force.approval.agents, Rule::Deny);
}

#[test]
fn whatever_loosens_waits_and_the_rest_holds_at_once() {
    let cases = [
        (BEFORE.replace("\"deny\"", "\"allow\""), "approval.agents"),
        (BEFORE.replace("agents = \"deny\"\n", ""), "approval.agents"),
        (BEFORE.replace("[\"robot\"]", "[]"), "approval.agent_programs"),
        (BEFORE.replace("10m", "11m"), "lock.after"),
        (BEFORE.replace("10m", "never"), "lock.after"),
        (BEFORE.replace("id.example", "evil.example"), "profile.a.issuer"),
        (BEFORE.replace("\"x\", \"y\"", "\"x\", \"z\""), "profile.a.scopes"),
        (format!("{BEFORE}direct = true\n"), "profile.a.direct"),
        (
            format!("{BEFORE}[profile.a.endpoints]\nsts = \"https://evil.example\"\n"),
            "profile.a.endpoints.sts",
        ),
        (format!("{BEFORE}[network]\nproxy = \"http://evil.example\"\n"), "network.proxy"),
    ];
    for (after, place) in cases {
        let after = format!("default_profile = \"a\"\n{after}");
        let held = held(&after);
        let places: Vec<&str> = held.loosenings.iter().map(|l| l.place.as_str()).collect();
        assert_eq!(places, [place], "{after}");
        assert!(held.in_force.default_profile.is_some(), "{after}");
        assert_eq!(facts(&held.in_force), facts(&parse(BEFORE, &[&ACME]).unwrap()), "{after}");
    }
}

#[test]
fn whatever_tightens_holds_at_once() {
    for after in [
        BEFORE.replace("10m", "5m"),
        BEFORE.replace("\"x\", \"y\"", "\"x\""),
        BEFORE.replace("[\"robot\"]", "[\"robot\", \"other\"]"),
        BEFORE.replace("[approval]", "[approval]\ndefault = \"ask\""),
    ] {
        let held = held(&after);
        assert!(held.loosenings.is_empty(), "{after}");
        assert_eq!(facts(&held.in_force), facts(&parse(&after, &[&ACME]).unwrap()));
    }
}

#[test]
fn an_inline_table_is_measured_like_any_other() {
    let inline = "profile.a = { provider = \"acme\", issuer = \"https://id.example\" }\n";
    let after = inline.replace("id.example", "evil.example");
    let held = guard(inline, &after, &|_| true, &[&ACME]).unwrap();
    assert_eq!(held.loosenings.len(), 1);
    assert_eq!(
        held.in_force.profiles.values().next().unwrap().text("issuer"),
        Some("https://id.example")
    );
}

#[test]
fn a_profile_that_went_and_comes_back_is_measured_against_what_it_was() {
    let without = BEFORE.split("[profile.a]").next().unwrap();
    let gone = held(without);
    assert!(gone.in_force.profiles.is_empty());
    let back = BEFORE.replace("id.example", "evil.example");
    let back = guard(&gone.confirmed, &back, &|_| true, &[&ACME]).unwrap();
    assert_eq!(back.loosenings.len(), 1);
}

#[test]
fn one_of_several_profiles_may_go_and_is_measured_when_it_comes_back() {
    let two = format!("{BEFORE}[profile.b]\nprovider = \"acme\"\nissuer = \"https://b.example\"\n");
    let gone = guard(&two, BEFORE, &|_| true, &[&ACME]).unwrap();
    assert!(gone.loosenings.is_empty());
    assert_eq!(gone.in_force.profiles.len(), 1);
    let agreed = agreed(&gone.confirmed, BEFORE, &|_| true).unwrap();
    let back = two.replace("b.example", "evil.example");
    let back = guard(&agreed, &back, &|_| true, &[&ACME]).unwrap();
    assert_eq!(back.loosenings[0].place, "profile.b.issuer");
}

#[test]
fn scopes_that_are_not_set_are_those_of_the_method() {
    let narrow = BEFORE.replace("scopes = [\"x\", \"y\"]", "scopes = [\"y\"]");
    let unset = BEFORE.replace("scopes = [\"x\", \"y\"]\n", "");
    let held = guard(&narrow, &unset, &|_| true, &[&ACME]).unwrap();
    assert_eq!(held.loosenings[0].place, "profile.a.scopes");
    assert!(guard(BEFORE, &unset, &|_| true, &[&ACME]).unwrap().loosenings.is_empty());
}

#[test]
fn a_profile_that_nobody_is_signed_in_to_may_change() {
    let after = BEFORE.replace("id.example", "other.example").replace("\"deny\"", "\"allow\"");
    let held = guard(BEFORE, &after, &|_| false, &[&ACME]).unwrap();
    assert!(held.loosenings.is_empty());
    assert_eq!(held.confirmed.parse::<DocumentMut>().unwrap().to_string(), held.confirmed);
    assert_eq!(held.in_force.approval.agents, Rule::Allow);
}

#[test]
fn a_file_with_a_mistake_is_an_error() {
    assert!(guard(BEFORE, "x = 1", &|_| true, &[&ACME]).is_err());
}

fn held(after: &str) -> Guarded {
    guard(BEFORE, after, &|_| true, &[&ACME]).unwrap()
}

fn facts(config: &Config) -> String {
    let profiles: Vec<String> = config
        .profiles
        .values()
        .map(|p| format!("{:?} {:?} {} {:?}", p.values, p.scopes, p.direct, p.endpoints))
        .collect();
    format!("{profiles:?} {:?} {:?} {:?}", config.approval, config.lock_after, config.network)
}

static ACME: Descriptor = Descriptor {
    id: "acme",
    label: "Acme",
    summary: "",
    strap: Strap { light: "", dark: "" },
    endpoints: &["sts"],
    has_tenants: false,
    client_key: "",
    methods: &[Method {
        id: "only",
        label: "",
        default_scopes: &["x"],
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
