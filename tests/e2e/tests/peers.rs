//! Against a provider that was not written here: the certified `oidc-provider`, which rotates grants
//! and ends them when an old one is used again.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lanyard_e2e::{Answer, Desk, Lanyard, OidcProvider, browse, ended, on_desk};

#[test]
fn a_person_signs_in_at_the_certified_provider() {
    on_desk(Desk::Usual, "a_person_signs_in_at_the_certified_provider", |folder| {
        let provider = OidcProvider::start(600);
        let lanyard = Lanyard::at(&folder, &provider.config());
        lanyard.sign_in("company", "maria", "x").ok();
        let first = lanyard.run(&["token", "--json"]).ok().json();
        assert_eq!(first["source"], "cache");
        for _ in 0..3 {
            lanyard.run(&["token", "--force"]).ok();
        }
        assert_eq!(provider.counts()["token"]["refresh_token"], 3);
        lanyard.run(&["logout", "company"]).ok();
        assert_eq!(provider.counts()["revocation_requests"], 1);
    });
}

#[test]
fn a_person_who_denies_is_believed() {
    on_desk(Desk::Usual, "a_person_who_denies_is_believed", |folder| {
        let provider = OidcProvider::start(600);
        let lanyard = Lanyard::at(&folder, &provider.config());
        let (mut login, url) = lanyard.begin_login("company");
        let page = browse(&url, &["--user", "maria", "--password", "x", "--deny"]);
        assert!(page["text"].as_str().is_some_and(|text| text.contains("not signed in")), "{page}");
        assert_eq!(ended(&mut login).code, 5);
        assert_eq!(lanyard.run(&["token"]).code, 3);
    });
}

#[test]
fn fifty_programs_at_an_expired_token_cause_one_refresh() {
    on_desk(Desk::Usual, "fifty_programs_at_an_expired_token_cause_one_refresh", |folder| {
        let provider = OidcProvider::start(2);
        let lanyard = Lanyard::at(&folder, &provider.config());
        lanyard.sign_in("company", "maria", "x").ok();
        provider.set_access_ttl(600);
        std::thread::sleep(Duration::from_millis(2100));

        let programs: Vec<_> = (0..50)
            .map(|_| {
                let mut command = lanyard.command(&["token", "--json"]);
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
            })
            .collect();
        let answers: Vec<Answer> = programs
            .into_iter()
            .map(|program| program.wait_with_output().expect("it ends").into())
            .collect();
        let tokens: Vec<_> =
            answers.into_iter().map(|answer| answer.ok().json()["token"].clone()).collect();
        assert!(tokens.iter().all(|token| *token == tokens[0]), "all got the same token");
        let counts = provider.counts();
        assert_eq!(counts["token"]["refresh_token"], 1, "{counts}");
        assert_eq!(counts["revoked_grants"], 0, "{counts}");
        lanyard.run(&["token", "--force"]).ok();
    });
}

#[test]
fn a_hundred_programs_that_read_and_refresh_at_once_all_get_a_token() {
    on_desk(
        Desk::Usual,
        "a_hundred_programs_that_read_and_refresh_at_once_all_get_a_token",
        |folder| {
            let provider = OidcProvider::start(2);
            let lanyard = Lanyard::at(&folder, &provider.config());
            lanyard.sign_in("company", "maria", "x").ok();
            provider.set_access_ttl(600);
            std::thread::sleep(Duration::from_millis(2100));

            let calls: [&[&str]; 5] = [
                &["token", "--json"],
                &["token", "--json", "--force"],
                &["token", "--json", "--scope", "email"],
                &["token", "--json"],
                &["status", "--json"],
            ];
            let mut programs: Vec<Child> =
                (0..100).map(|number| waiting(&lanyard, calls[number % calls.len()])).collect();
            for program in &mut programs {
                drop(program.stdin.take());
            }
            for program in &mut programs {
                ended(program).ok();
            }
            let counts = provider.counts();
            let refreshes = counts["token"]["refresh_token"].as_u64().unwrap_or_default();
            assert!((2..=22).contains(&refreshes), "{counts}");
            assert_eq!(counts["revoked_grants"], 0, "{counts}");
            assert_eq!(counts["refused"]["refresh_token"], serde_json::Value::Null, "{counts}");
            lanyard.run(&["token", "--force"]).ok();
        },
    );
}

/// Starts a program that begins once its input is closed.
fn waiting(lanyard: &Lanyard, call: &[&str]) -> Child {
    let command = lanyard.command(call);
    let mut shell = Command::new("sh");
    shell.args(["-c", "read go; exec \"$@\"", "sh"]).arg(command.get_program());
    shell.args(command.get_args());
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.spawn().expect("a shell is there")
}
