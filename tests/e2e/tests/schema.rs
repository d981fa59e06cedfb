//! The broker against its own OpenAPI document, as schemathesis understands it.

use std::process::Command;

use lanyard_e2e::{Day, Desk, forward, on_desk, project};

/// For how many seconds it tries.
const LENGTH: &str = "60";

/// What an answer must be: described, by status, media type and shape, and no fault of the broker.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,\
    missing_required_header,unsupported_method";

#[test]
fn nothing_that_the_document_allows_or_forbids_gets_an_answer_that_it_does_not_describe() {
    let name =
        "nothing_that_the_document_allows_or_forbids_gets_an_answer_that_it_does_not_describe";
    on_desk(Desk::Usual, name, |folder| {
        let day = Day::begin(&folder);
        day.sign_in_to_company();
        let broker = forward(&day.lanyard.home().join("lanyard.sock"));
        let output = Command::new(project("build/venv/bin/schemathesis"))
            .args(["run", &format!("{broker}/v1/openapi.json"), "--url", &broker])
            .args(["--checks", CHECKS, "--max-time", LENGTH, "--seed", "1", "--no-color"])
            // An endless stream, what waits for a person, and what starts a desktop's programs.
            .args(["--exclude-path-regex", "^/v1/(events|show|sign-in/.*)$"])
            .args(["--request-timeout", "40", "--output-truncate", "false"])
            .current_dir(&folder)
            .output()
            .expect("scripts/setup.sh installs it");
        let said = String::from_utf8_lossy(&output.stdout);
        let erred = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{erred}");
        assert!(said.contains("passed"), "{said}");
        day.lanyard.run(&["status"]).ok();
    });
}
