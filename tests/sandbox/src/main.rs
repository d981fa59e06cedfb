//! Runs the sandbox as a program, for the demo and for tests in other processes.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Parser;
use lanyard_sandbox::{Lifetimes, Rotation, Sandbox, Settings, config};

/// Run strict stand-ins of identity providers on 127.0.0.1
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Port to listen on; 0 leaves the choice to the system
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Lifetime of access tokens, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = Settings::default().lifetimes.access)]
    access_lifetime: i64,
    /// Lifetime of refresh tokens, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = Settings::default().lifetimes.refresh)]
    refresh_lifetime: i64,
    /// How long a refresh token that was used gets the newest answer again, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    rotation_grace: i64,
    /// File to write a Lanyard configuration with demo profiles to
    #[arg(long, value_name = "FILE")]
    config_out: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let sandbox = Sandbox::start(settings(&arguments)).await?;
    if let Some(file) = &arguments.config_out {
        std::fs::write(file, config::demo(&sandbox))?;
    }
    // Whoever reads the announcement may ask for the stop at once.
    let stop = stop_asked()?;
    announce(&sandbox)?;
    stop.await;
    sandbox.stop().await;
    Ok(())
}

fn settings(arguments: &Arguments) -> Settings {
    Settings {
        port: arguments.port,
        lifetimes: Lifetimes {
            access: arguments.access_lifetime,
            refresh: arguments.refresh_lifetime,
        },
        rotation: Rotation::On { grace: arguments.rotation_grace },
        ..Settings::default()
    }
}

/// Says on one line where everything is; whoever started the program waits for it.
fn announce(sandbox: &Sandbox) -> io::Result<()> {
    let places = serde_json::json!({
        "origin": sandbox.origin(),
        "oidc_issuer": sandbox.oidc_issuer(),
        "entra_authority": sandbox.entra_authority(),
        "control": sandbox.control(),
    });
    writeln!(io::stdout(), "{places}")
}

/// Starts to listen for the request to stop, and returns what waits for it.
#[cfg(unix)]
fn stop_asked() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Starts to listen for the request to stop, and returns what waits for it.
#[cfg(windows)]
fn stop_asked() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
