//! What is shipped holds nothing that lets a program answer in the person's place.

use std::process::Command;

const FEATURE: &str = "test-prompter";

/// In the tests' own build the features of all crates come together, so what decides is what Cargo
/// would build for a package.
#[test]
fn packages_are_built_without_what_lets_tests_answer() {
    let shipped = features(&["lanyard-cli", "lanyard-app"]);
    assert!(shipped.contains("lanyard-broker") && shipped.contains("lanyard-desktop"));
    assert!(!shipped.contains(FEATURE), "{shipped}");
    assert!(features(&["lanyard-e2e"]).contains(FEATURE), "the tests are built with it");
}

/// The crates that these packages are made of, with the features that are switched on.
fn features(packages: &[&str]) -> String {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--offline", "--locked", "-e", "features,normal"]);
    tree.args(packages.iter().flat_map(|package| ["-p", package]));
    let output = tree.current_dir(lanyard_e2e::project(".")).output().expect("cargo is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
