//! Checks the configuration and the capabilities, and embeds `ui/dist`.

fn main() {
    // Named here, a command is refused to every page whose capability does not allow it.
    let commands = tauri_build::AppManifest::new().commands(&["call", "open_code_page", "sign_in"]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    tauri_build::try_build(attributes).expect("the configuration and the capabilities are valid");
}
