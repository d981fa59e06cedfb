//! Checks the configuration and the capabilities, and embeds `ui/dist`.

fn main() {
    tauri_build::build();
}
