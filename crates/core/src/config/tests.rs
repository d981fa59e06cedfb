use super::*;
use crate::config::{
    EditError, Rule, SecretRef, add_profile, remove_profile, set_key_source, set_keys,
};
use crate::descriptor::{Field, FieldKind, Strap};

#[test]
fn a_whole_profile_is_read() {
    let text = "default_profile = \"a\"\n[profile.a]\nprovider = \"acme\"\nissuer = \"https://id.example\"\n\
        scopes = [\"x\"]\nsecret = { keyring = \"n\" }\nports = [8400]\n";
    let config = parse(text, &[&ACME]).unwrap();
    let profile = &config.profiles[&name("a")];
    assert_eq!(profile.text("issuer"), Some("https://id.example"));
    assert_eq!(profile.ports("ports"), [8400]);
    assert_eq!(profile.secret("secret"), Some(&SecretRef::Keyring("n".into())));
    assert_eq!(profile.text("colour"), Some("blue"));
}

#[test]
fn an_empty_file_is_the_default() {
    let config = parse("", &[&ACME]).unwrap();
    assert_eq!(config.approval.agents, Rule::Ask);
    assert_eq!(config.notify_before.as_secs(), 900);
}

#[test]
fn mistakes_name_line_key_and_what_was_expected() {
    let cases = [
        ("x = 1", 1, "x", "unknown key"),
        ("[cache]\nkey = \"magic\"", 2, "cache.key", "unknown value"),
        ("[cache]\nkeyfile = \"/k\"", 2, "cache.keyfile", "is not used with this key"),
        ("[cache]\nkey = \"keyfile\"\nkeyfile = \"k\"", 3, "cache.keyfile", "not an absolute path"),
        ("[lock]\nafter = \"soon\"", 2, "lock.after", "not a duration"),
        ("[lock]\nafter = 30", 2, "lock.after", "wrong type"),
        ("[approval]\nagents = \"maybe\"", 2, "approval.agents", "unknown value"),
        ("default_profile = \"b\"", 1, "default_profile", "there is no such profile"),
        ("[profile.a]\nprovider = \"nobody\"", 2, "profile.a.provider", "unknown provider"),
        (
            "[profile.a]\nprovider = \"acme\"\nmethod = \"x\"",
            3,
            "profile.a.method",
            "unknown method",
        ),
        ("[profile.a]\nprovider = \"acme\"\nissuer = \"\"", 3, "profile.a.issuer", "empty"),
        ("[profile.a]\nprovider = \"acme\"\nissuer = 7", 3, "profile.a.issuer", "wrong type"),
        ("[profile.a]\nprovider = \"acme\"\nisuer = \"x\"", 3, "profile.a.isuer", "unknown key"),
        ("[profile.\"a b\"]\nprovider = \"acme\"", 1, "profile.a b", "not a profile name"),
        ("profile = 3", 1, "profile", "not a table"),
    ];
    for (text, line, key, problem) in cases {
        let error = parse(text, &[&ACME]).unwrap_err();
        assert_eq!(
            (error.line, error.key.as_str(), error.problem.as_str()),
            (line, key, problem),
            "{text}"
        );
        assert!(!error.expected.is_empty());
    }
}

#[test]
fn hostile_addresses_and_texts_are_refused() {
    for issuer in
        ["javascript:alert(1)", "file:///etc/passwd", "http://id.example", "https://a@b.example"]
    {
        let text = format!("[profile.a]\nprovider = \"acme\"\nissuer = \"{issuer}\"");
        assert_eq!(parse(&text, &[&ACME]).unwrap_err().key, "profile.a.issuer");
    }
    let text =
        "[profile.a]\nprovider = \"acme\"\nissuer = \"https://x.example\"\ncolour = \"a\\u202Eb\"";
    assert_eq!(parse(text, &[&ACME]).unwrap_err().key, "profile.a.colour");
}

#[test]
fn a_secrets_value_is_refused() {
    let text =
        "[profile.a]\nprovider = \"acme\"\nissuer = \"https://x.example\"\nsecret = \"hunter2\"";
    let error = parse(text, &[&ACME]).unwrap_err();
    assert_eq!(error.problem, "a secret's value does not belong in this file");
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn repeated_keys_huge_files_and_binary_text_are_refused() {
    assert_eq!(parse("a = 1\na = 2", &[&ACME]).unwrap_err().line, 2);
    assert!(parse(&"#".repeat(LARGEST + 1), &[&ACME]).is_err());
    assert!(parse("\u{0}", &[&ACME]).is_err());
}

#[test]
fn edits_keep_comments() {
    let text =
        "# mine\n[profile.a] # first\nprovider = \"acme\"\nissuer = \"https://x.example\" # keep\n";
    let keys =
        [pair("provider", "acme"), pair("issuer", "https://y.example"), pair("scopes", "[\"s\"]")];
    let added = add_profile(text, &name("b"), &keys, &[&ACME]).unwrap();
    assert!(added.starts_with(text), "{added}");
    assert!(parse(&added, &[&ACME]).unwrap().profiles[&name("b")].scopes.contains("s"));
    assert_eq!(remove_profile(&added, &name("b"), &[&ACME]).unwrap(), text);
    let changed = set_keys(text, &name("a"), &[pair("colour", "red")], &[&ACME]).unwrap();
    assert!(changed.contains("# keep") && changed.contains("colour = \"red\""), "{changed}");
}

#[test]
fn what_is_added_goes_behind_everything() {
    let keys = [pair("provider", "acme"), pair("issuer", "https://y.example")];
    for text in ["# only a comment\n", "[lock]\nafter = \"1h\"\n# last words\n", ""] {
        let added = add_profile(text, &name("b"), &keys, &[&ACME]).unwrap();
        assert!(added.starts_with(text), "{added}");
        assert!(added.ends_with("issuer = \"https://y.example\"\n"), "{added}");
    }
}

#[test]
fn another_key_source_keeps_the_rest_of_the_file() {
    let text = "# mine\n[cache] # here\nkey = \"keyring\" # safe\n[lock]\nafter = \"1h\"\n";
    let edited = set_key_source(text, KeySource::Keyfile, Some("/k"), &[&ACME]).unwrap();
    let config = parse(&edited, &[&ACME]).unwrap();
    assert_eq!(config.key_source, KeySource::Keyfile);
    assert_eq!(config.keyfile.as_deref(), Some(std::path::Path::new("/k")));
    assert!(edited.contains("key = \"keyfile\" # safe"), "{edited}");
    assert_eq!(set_key_source(&edited, KeySource::Keyring, None, &[&ACME]).unwrap(), text);
}

#[test]
fn a_key_source_is_added_where_there_was_none() {
    for text in ["", "# only a comment\n", "[lock]\nafter = \"1h\"\n# last words\n"] {
        let edited = set_key_source(text, KeySource::Passphrase, None, &[&ACME]).unwrap();
        assert!(edited.starts_with(text), "{edited}");
        assert_eq!(parse(&edited, &[&ACME]).unwrap().key_source, KeySource::Passphrase);
    }
}

#[test]
fn profiles_in_inline_tables_can_be_edited() {
    let keys = "provider = \"acme\", issuer = \"https://id.example\"";
    let source = format!("profile = {{ one = {{ {keys} }}, two = {{ {keys} }} }}\n");
    let red = [pair("colour", "red")];
    let changed = set_keys(&source, &name("one"), &red, &[&ACME]).unwrap();
    let without = remove_profile(&changed, &name("two"), &[&ACME]).unwrap();
    let config = parse(&without, &[&ACME]).unwrap();
    assert_eq!(config.profiles.len(), 1);
    assert_eq!(config.profiles[&name("one")].text("colour"), Some("red"));
}

#[test]
fn edits_that_would_break_the_file_are_not_made() {
    let keys = [pair("provider", "acme"), pair("issuer", "javascript:x")];
    assert!(matches!(add_profile("", &name("b"), &keys, &[&ACME]), Err(EditError::Invalid(_))));
    assert!(matches!(remove_profile("", &name("b"), &[&ACME]), Err(EditError::Missing(_))));
}

fn name(text: &str) -> ProfileName {
    text.parse().unwrap()
}

fn pair(key: &str, text: &str) -> (String, String) {
    (key.to_owned(), text.to_owned())
}

const fn field(key: &'static str, kind: FieldKind, required: bool) -> Field {
    Field { key, kind, required, label: "", help: "", example: "", default: None }
}

static ACME: Descriptor = Descriptor {
    id: "acme",
    label: "Acme",
    summary: "",
    strap: Strap { light: "#000000", dark: "#ffffff" },
    endpoints: &[],
    has_tenants: false,
    client_key: "client_id",
    methods: &[Method {
        id: "code",
        label: "",
        default_scopes: &[],
        fields: &[
            field("issuer", FieldKind::Url, true),
            field("secret", FieldKind::SecretRef, false),
            field("ports", FieldKind::Ports, false),
            Field { default: Some("blue"), ..field("colour", FieldKind::Text, false) },
        ],
    }],
};
