//! The window: a page that shows the broker's state, and a process that forwards what the page may
//! ask for. It holds neither a grant nor the cache's key, and it ends when the window is closed.

mod commands;
mod states;

use lanyard_client::Client;
use tauri::{AppHandle, Manager};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Opens the window alone, as the tray does.
const OPEN: &str = "--open";

/// What of its environment the window's process keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surroundings {
    /// What is allowed. If there is more, the program starts anew without it.
    Cleaned,
    /// Everything, so that a test can drive the window: a WebDriver says what it needs in variables.
    AsFound,
}

/// Shows the window until it is closed.
///
/// # Errors
/// If there is no display, or the window cannot be made.
pub fn run(surroundings: Surroundings) -> Result<(), Box<dyn std::error::Error>> {
    if surroundings == Surroundings::Cleaned {
        lanyard_harden::clean_environment()?;
    }
    let measures = lanyard_harden::begin();
    log_to_stderr();
    for measure in measures.iter().filter(|measure| !measure.holds) {
        tracing::warn!(?measure, "the window's process is not hardened in this way");
    }
    if !has_display() {
        return Err(
            "there is no display: set DISPLAY or WAYLAND_DISPLAY, or use `lanyard status`".into()
        );
    }
    let client = Client::from_env()?;
    let with_tray = !std::env::args().any(|argument| argument == OPEN);
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| focus(app)))
        .manage(client.clone())
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::open_code_page,
            commands::sign_in
        ])
        .setup(move |app| {
            let app = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                if with_tray && let Err(failure) = lanyard_client::start_tray(client.home()) {
                    tracing::warn!(%failure, "the tray was not started");
                }
                states::follow(app, client).await;
            });
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}

/// Says whether a window can be shown. GTK would end the process without a word that helps.
fn has_display() -> bool {
    let displays = ["DISPLAY", "WAYLAND_DISPLAY"];
    let inherited = lanyard_harden::allowed_environment();
    cfg!(not(target_os = "linux"))
        || inherited
            .iter()
            .any(|(name, value)| displays.iter().any(|it| name == it) && !value.is_empty())
}

fn log_to_stderr() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var("LANYARD_LOG")
        .from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// Brings the window to the front when the program is started a second time.
fn focus(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // The window manager may refuse; the window is open all the same.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}
