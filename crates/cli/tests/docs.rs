//! The guide's page on profiles is written here; a difference to the committed file fails the run.

use std::path::Path;

#[test]
fn the_guides_page_is_that_of_the_descriptions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/profiles.md");
    let wanted = lanyard_cli::docs::profiles(lanyard_providers::DESCRIPTORS);
    if std::fs::read_to_string(&path).unwrap_or_default() != wanted {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &wanted).unwrap();
        panic!("docs/guide/profiles.md was stale and is written anew: commit it");
    }
}
