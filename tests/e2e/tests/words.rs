//! What commands answer, and where: answers to standard output, second lines that help.

use std::process::Command;

use lanyard_e2e::{Day, Desk, Lanyard, ended, on_desk};

#[test]
fn the_answer_of_a_logout_goes_to_standard_output() {
    on_desk(Desk::Usual, "the_answer_of_a_logout_goes_to_standard_output", |folder| {
        let day = Day::begin(&folder);
        day.sign_in_to_company();
        let answer = day.lanyard.run(&["logout", "company"]).ok();
        assert!(answer.out.starts_with("maria: "), "{answer:?}");
        assert_eq!(answer.err, "");
    });
}

#[test]
fn a_profile_that_goes_names_the_accounts_that_stay() {
    on_desk(Desk::Usual, "a_profile_that_goes_names_the_accounts_that_stay", |folder| {
        let day = Day::begin(&folder);
        day.sign_in_to_company();
        let status = day.lanyard.run(&["status", "--json"]).ok().json();
        let account = status["accounts"][0]["account"].as_str().unwrap().to_owned();
        let removed = day.lanyard.run(&["profile", "remove", "company"]).ok();
        assert!(removed.err.contains(&format!("`lanyard logout {account}`")), "{removed:?}");
        assert!(removed.err.contains("was the default profile"), "{removed:?}");
    });
}

#[test]
fn a_login_that_is_interrupted_ends_with_130() {
    on_desk(Desk::Usual, "a_login_that_is_interrupted_ends_with_130", |folder| {
        let day = Day::begin(&folder);
        let (mut login, _) = day.lanyard.begin_login("company");
        let pid = login.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        assert_eq!(ended(&mut login).code, 130);
        let status = day.lanyard.run(&["status", "--json"]).ok().json();
        assert_eq!(status["accounts"].as_array().unwrap().len(), 0);
    });
}

#[test]
fn a_secret_that_the_keyring_lacks_is_answered_with_its_command() {
    on_desk(
        Desk::Usual,
        "a_secret_that_the_keyring_lacks_is_answered_with_its_command",
        |folder| {
            let day = Day::begin(&folder);
            let config = format!(
                "[profile.company]\nprovider = \"oidc\"\nissuer = \"{}\"\nclient_id = \"lanyard\"\n\
             client_secret = {{ keyring = \"acme\" }}\n",
                day.sandbox.oidc_issuer()
            );
            let other = folder.join("other");
            std::fs::create_dir(&other).unwrap();
            let lanyard = Lanyard::at(&other, &config);
            let error = lanyard.run(&["login", "company", "--json"]).json()["error"].clone();
            assert_eq!(error["action"], "run `lanyard secret set acme`", "{error}");
        },
    );
}
