use std::ffi::OsString;

use lanyard_core::{Failure, Home};

/// What a program that Lanyard starts inherits. Nothing that loads code into it is here.
const ALLOWED: &[&str] = &[
    "DBUS_SESSION_BUS_ADDRESS",
    "DESKTOP_SESSION",
    "DISPLAY",
    "HOME",
    "HTTPS_PROXY",
    "KDE_FULL_SESSION",
    "KDE_SESSION_VERSION",
    "LANG",
    "LANYARD_HOME",
    "LANYARD_LOG",
    "LANYARD_SOCKET",
    "LOGNAME",
    "NO_PROXY",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "TZ",
    "USER",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_CONFIG_HOME",
    "XDG_CURRENT_DESKTOP",
    "XDG_DATA_DIRS",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_ID",
    "XDG_SESSION_TYPE",
    "XDG_STATE_HOME",
    "https_proxy",
    "no_proxy",
];

/// Returns where this process's environment says that Lanyard's files are.
///
/// # Errors
/// `usage` if no home can be told.
#[expect(clippy::disallowed_methods, reason = "the client's one reading of the environment")]
pub fn home() -> Result<Home, Failure> {
    Home::from_env(|name| std::env::var_os(name))
}

/// Returns the part of this process's environment that a started program inherits.
#[expect(clippy::disallowed_methods, reason = "the client's one reading of the environment")]
pub fn allowed_environment() -> Vec<(OsString, OsString)> {
    let allowed = |name: &OsString| {
        name.to_str().is_some_and(|name| ALLOWED.contains(&name) || name.starts_with("LC_"))
    };
    std::env::vars_os().filter(|(name, _)| allowed(name)).collect()
}
