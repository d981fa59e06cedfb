//! A provider's description alone yields command line values, config keys, what the form is made of,
//! and a page of the guide.

use std::io::Write;
use std::process::{Child, Stdio};

use lanyard_e2e::{Desk, Lanyard, acme, ended, eventually, on_desk};

#[test]
fn a_new_description_is_all_that_a_new_provider_needs() {
    on_desk(Desk::Usual, "a_new_description_is_all_that_a_new_provider_needs", |folder| {
        let lanyard = Lanyard::at(&folder, "# kept\n").running("lanyard-with-acme");
        let broker = broker(&lanyard);

        let help = lanyard.run(&["profile", "add", "--help"]).ok().out;
        assert!(help.contains("acme"), "{help}");
        let schema = lanyard.run(&["profile", "show", "acme", "--schema"]).ok().out;
        assert!(schema.contains("gatekeeper") && schema.contains("The badge's number"), "{schema}");

        let add = ["profile", "add", "works", "--provider", "acme", "--json"];
        let missing = lanyard.run(&add);
        assert!(
            missing.json()["error"]["message"]
                .as_str()
                .unwrap()
                .contains("profile.works.gate: missing")
        );
        lanyard.run(&[&add[..], &["--set", "gate=https://gate.example"]].concat()).ok();
        let wrong =
            lanyard.run(&["profile", "edit", "works", "--set", "gate=javascript:x", "--json"]);
        assert_eq!((wrong.code, &wrong.json()["error"]["code"]), (2, &"config-invalid".into()));
        let config = std::fs::read_to_string(lanyard.home().join("config.toml")).unwrap();
        assert!(config.starts_with("# kept\n"), "{config}");

        let (mut login, url) = lanyard.begin_login("works");
        assert_eq!(url, "https://gate.example/");
        let status = lanyard.run(&["status", "--json"]).ok().json();
        let described = status["providers"]
            .as_array()
            .unwrap()
            .iter()
            .find(|p| p["id"] == "acme")
            .unwrap()
            .clone();
        assert_eq!(described["methods"][0]["fields"][0]["label"], "Gate");
        assert_eq!(described["strap"]["light"], "#5b21b6");
        let page = &status["sign_ins"][0]["authorization_url"];
        assert!(page.is_null(), "the page is for who started the sign-in");
        drop(login.kill());
        drop(ended(&mut login));

        let page = lanyard_cli::docs::profiles(acme::descriptors());
        assert!(page.contains("| `badge` | `0` | The badge's number"), "{page}");
        drop(broker);
    });
}

#[test]
fn a_pasted_return_address_ends_a_login() {
    on_desk(Desk::Usual, "a_pasted_return_address_ends_a_login", |folder| {
        let config = "[profile.works]\nprovider = \"acme\"\ngate = \"https://gate.example\"\n";
        let lanyard = Lanyard::at(&folder, config).running("lanyard-with-acme");
        let broker = broker(&lanyard);
        let mut login = lanyard.command(&["login", "works", "--no-browser", "--json"]);
        login.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut login = login.spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(
            &mut std::io::BufReader::new(login.stdout.as_mut().unwrap()),
            &mut line,
        )
        .unwrap();
        let begun: serde_json::Value = serde_json::from_str(&line).unwrap();
        let redirect = begun["redirect_uri"].as_str().unwrap();
        let stdin = login.stdin.as_mut().unwrap();
        writeln!(stdin, "{redirect}?code=c&state=wrong").unwrap();
        writeln!(stdin, "{redirect}?code=c&state=acme-state").unwrap();
        let answer = ended(&mut login).ok();
        assert!(answer.err.contains("does not belong to a sign-in"), "{answer:?}");
        assert_eq!(answer.json()["username"], "wile@acme.example");
        assert_eq!(lanyard.run(&["token"]).ok().out, "acme-token\n");
        drop(broker);
    });
}

/// Starts the broker that knows the provider. The one beside the command, which does not, must not
/// come first.
fn broker(lanyard: &Lanyard) -> Child {
    let broker = lanyard.command(&["broker"]).stderr(Stdio::null()).spawn().expect("it is built");
    eventually("the broker", || lanyard.home().join("lanyard.sock").exists());
    broker
}
