//! The window: a page that shows the broker's state, and a process that forwards what the page may
//! ask for. It holds neither a grant nor the cache's key, and it ends when the window is closed.

mod commands;

use lanyard_api::{Problem, Showing};
use lanyard_client::Client;
use lanyard_desktop::{Told, follow};
use tauri::{AppHandle, Emitter, Manager};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// How the window reaches the broker.
#[derive(Debug)]
pub struct Options {
    /// What the person does goes this way.
    pub person: Client,
    /// Reaches whichever broker there is, as any program does.
    pub broker: Client,
}

/// Shows the window until it is closed, or until another broker has begun and shows its own.
///
/// # Errors
/// If the window cannot be made.
pub fn run(options: Options) -> tauri::Result<()> {
    tauri::Builder::default()
        .manage(options.person.clone())
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::open_code_page,
            commands::sign_in
        ])
        .setup(move |app| {
            tauri::async_runtime::spawn(listen(app.handle().clone(), options));
            Ok(())
        })
        .run(tauri::generate_context!())
}

/// Closes this process's memory to other programs, and has it write what goes wrong to standard error.
pub fn begin() {
    let measures = lanyard_harden::begin();
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var("LANYARD_LOG")
        .from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    for measure in measures.iter().filter(|measure| !measure.holds) {
        tracing::warn!(?measure, "this process is not hardened in this way");
    }
}

/// Hands each state to the page, the whole of it at each change, and `broker-gone` without a broker.
async fn listen(app: AppHandle, Options { person, broker }: Options) {
    let tell = |told| match told {
        Told::State(status) => emit(&app, "status", commands::without_pages(*status)),
        Told::Lost(failure) => emit(&app, "broker-gone", Problem::of(failure)),
        Told::Show => focus(&app),
    };
    match follow(&person, &broker, Showing::Window, tell).await {
        Ok(()) => app.exit(0),
        Err(failure) => tracing::warn!(%failure, "the broker could not be started again"),
    }
}

fn emit(app: &AppHandle, event: &str, payload: impl serde::Serialize + Clone) {
    if let Err(error) = app.emit(event, payload) {
        tracing::warn!(%error, event, "the page was not told");
    }
}

fn focus(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // The window manager may refuse; the window is open all the same.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}
