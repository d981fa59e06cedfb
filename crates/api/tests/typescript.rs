//! The web view's types are written here; a difference to the committed file fails the run.

use std::path::Path;

#[test]
fn the_generated_module_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/generated/api.ts");
    let wanted = lanyard_api::typescript();
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    if found != wanted {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &wanted).unwrap();
        panic!("ui/src/generated/api.ts was stale and is written anew: commit it");
    }
}
