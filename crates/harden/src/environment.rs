//! The environment that Lanyard's processes start with.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::Command;

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

/// How systemd hands a socket to the very process that it starts (`sd_listen_fds(3)`).
const OF_SYSTEMD: [&str; 3] = ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"];

/// Returns whether a program that Lanyard starts may get the variable of this name.
pub fn may_inherit(name: &str) -> bool {
    is_allowed(OsStr::new(name))
}

/// Returns the part of this process's environment that a started program inherits.
#[expect(clippy::disallowed_methods, reason = "the one place that knows what is allowed")]
pub fn allowed_environment() -> Vec<(OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| is_allowed(name)).collect()
}

/// Starts this program anew without the variables that are not allowed, and returns where there are
/// none. Comes first in `main`, before threads.
///
/// It cannot loop: what it starts has allowed variables only. It clears what came along by accident,
/// and what an attacker can set without running code in this process. It is no protection from a
/// library that `LD_PRELOAD` has loaded already: that ran before this, and can keep it from working.
///
/// # Errors
/// If the program cannot be started again. It should not go on then.
#[expect(clippy::disallowed_methods, reason = "the one place that knows what is allowed")]
pub fn clean_environment() -> io::Result<()> {
    let (kept, others): (Vec<_>, Vec<_>) =
        std::env::vars_os().partition(|(name, _)| is_allowed(name) || is_socket_for_us(name));
    if others.is_empty() {
        take_name();
        return Ok(());
    }
    Err(start_anew(kept))
}

fn is_allowed(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| ALLOWED.contains(&name) || name.starts_with("LC_"))
}

#[expect(clippy::disallowed_methods, reason = "the one place that knows what is allowed")]
fn is_socket_for_us(name: &OsStr) -> bool {
    let own = std::process::id().to_string();
    OF_SYSTEMD.iter().any(|&it| name == it) && std::env::var("LISTEN_PID").is_ok_and(|it| it == own)
}

#[cfg(unix)]
fn start_anew(environment: Vec<(OsString, OsString)>) -> io::Error {
    use std::os::unix::process::CommandExt;

    let mut args = std::env::args_os();
    let mut command = Command::new(own_program());
    if let Some(name) = args.next() {
        command.arg0(name);
    }
    command.args(args).env_clear().envs(environment).exec()
}

#[cfg(not(unix))]
fn start_anew(_: Vec<(OsString, OsString)>) -> io::Error {
    io::ErrorKind::Unsupported.into()
}

/// The file that this process runs, also if another is at its path by now.
#[cfg(target_os = "linux")]
fn own_program() -> std::path::PathBuf {
    "/proc/self/exe".into()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn own_program() -> std::path::PathBuf {
    std::env::current_exe().unwrap_or_default()
}

/// Takes back the name that listings of processes show: started by way of `/proc/self/exe` it is
/// `exe`.
#[cfg(target_os = "linux")]
fn take_name() {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;

    let own = std::env::current_exe().unwrap_or_default();
    let name = own.file_name().and_then(|name| CString::new(name.as_bytes()).ok());
    if let Some(name) = name
        && rustix::thread::name().is_ok_and(|name| name.as_bytes() == b"exe")
        && let Err(_cosmetic) = rustix::thread::set_name(&name)
    {}
}

#[cfg(not(target_os = "linux"))]
fn take_name() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_loads_code_is_allowed() {
        let loading = ["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GTK_MODULES", "GTK_PATH"];
        let driving = ["GIO_MODULE_DIR", "WEBKIT_INSPECTOR_SERVER", "TAURI_WEBVIEW_AUTOMATION"];
        let others =
            ["BASH_ENV", "GCONV_PATH", "PYTHONPATH", "SSLKEYLOGFILE", "DYLD_INSERT_LIBRARIES"];
        let names = loading.iter().chain(&driving).chain(&others);
        assert_eq!(names.filter(|name| is_allowed(OsStr::new(name))).count(), 0);
    }

    #[test]
    fn names_that_only_resemble_allowed_ones_are_not_allowed() {
        let resembling = ["HOME ", "home", "LC", "LCX", "", "PATH_", "XDG_"];
        assert!(!resembling.iter().any(|name| is_allowed(OsStr::new(name))));
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_is_not_allowed() {
        use std::os::unix::ffi::OsStrExt;

        assert!(!is_allowed(OsStr::from_bytes(b"LC_\xff")));
    }
}
