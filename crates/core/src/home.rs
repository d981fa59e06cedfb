use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::{Code, Failure};

/// Longest path of a Unix socket that every system takes, in bytes.
const LONGEST_SOCKET: usize = 100;

/// Where Lanyard keeps its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// The config file.
    pub config: PathBuf,
    /// The encrypted cache.
    pub cache: PathBuf,
    /// The broker's socket.
    pub socket: PathBuf,
    /// The folder of the logs.
    pub logs: PathBuf,
}

impl Home {
    /// Returns the places that the environment names, read through `variable`.
    ///
    /// # Errors
    /// `usage` if no home can be told, or if the socket's path is too long for the system.
    pub fn from_env(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Failure> {
        let absolute =
            |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let mut home = match variable("LANYARD_HOME").filter(|dir| !dir.is_empty()) {
            Some(dir) => Self::within(&PathBuf::from(dir))?,
            None => Self::of_platform(&absolute)?,
        };
        if let Some(socket) = variable("LANYARD_SOCKET").filter(|socket| !socket.is_empty()) {
            home.socket = absolute_socket(socket.into())?;
        }
        if home.socket.as_os_str().len() > LONGEST_SOCKET {
            let message = format!("the socket's path is too long: {}", home.socket.display());
            return Err(Failure::new(Code::Usage, message)
                .action("set LANYARD_SOCKET to a path of at most 100 bytes"));
        }
        Ok(home)
    }

    /// Returns the places inside one folder, as `LANYARD_HOME` does.
    ///
    /// # Errors
    /// `usage` if the folder is not given by an absolute path.
    pub fn within(dir: &Path) -> Result<Self, Failure> {
        if !dir.is_absolute() {
            return Err(Failure::new(Code::Usage, "LANYARD_HOME is not an absolute path")
                .action("give the whole path, starting with /"));
        }
        Ok(Self {
            config: dir.join("config.toml"),
            cache: dir.join("cache.db"),
            socket: dir.join("lanyard.sock"),
            logs: dir.join("log"),
        })
    }

    /// Returns the one folder that holds config and cache, where it is one, as `LANYARD_HOME` makes it.
    pub fn folder(&self) -> Option<&Path> {
        let folder = self.cache.parent()?;
        (self.config.parent() == Some(folder) && self.logs == folder.join("log")).then_some(folder)
    }

    #[cfg(not(any(target_os = "macos", windows)))]
    fn of_platform(absolute: &dyn Fn(&str) -> Option<PathBuf>) -> Result<Self, Failure> {
        let home = absolute("HOME");
        let xdg = |name: &str, below: &str| {
            let dir = absolute(name).or_else(|| home.as_ref().map(|home| home.join(below)));
            dir.map(|dir| dir.join("lanyard")).ok_or_else(no_home)
        };
        let data = xdg("XDG_DATA_HOME", ".local/share")?;
        let run = absolute("XDG_RUNTIME_DIR").map(|dir| dir.join("lanyard"));
        Ok(Self {
            config: xdg("XDG_CONFIG_HOME", ".config")?.join("config.toml"),
            socket: run.unwrap_or_else(|| data.join("run")).join("lanyard.sock"),
            cache: data.join("cache.db"),
            logs: xdg("XDG_STATE_HOME", ".local/state")?,
        })
    }

    #[cfg(target_os = "macos")]
    fn of_platform(absolute: &dyn Fn(&str) -> Option<PathBuf>) -> Result<Self, Failure> {
        let library = absolute("HOME").ok_or_else(no_home)?.join("Library");
        let support = library.join("Application Support/lanyard");
        Ok(Self {
            config: support.join("config.toml"),
            cache: support.join("cache.db"),
            socket: library.join("Caches/lanyard/lanyard.sock"),
            logs: library.join("Logs/lanyard"),
        })
    }

    #[cfg(windows)]
    fn of_platform(absolute: &dyn Fn(&str) -> Option<PathBuf>) -> Result<Self, Failure> {
        let local = absolute("LOCALAPPDATA").ok_or_else(no_home)?.join("lanyard");
        Ok(Self {
            config: absolute("APPDATA").ok_or_else(no_home)?.join("lanyard/config.toml"),
            cache: local.join("cache.db"),
            socket: local.join("lanyard.sock"),
            logs: local,
        })
    }
}

fn absolute_socket(socket: PathBuf) -> Result<PathBuf, Failure> {
    if socket.is_absolute() {
        return Ok(socket);
    }
    Err(Failure::new(Code::Usage, "LANYARD_SOCKET is not an absolute path")
        .action("give the whole path, starting with /"))
}

fn no_home() -> Failure {
    Failure::new(Code::Usage, "no home folder is known").action("set HOME, or LANYARD_HOME")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_holds_all_where_it_is_set() {
        let home = Home::from_env(|name| (name == "LANYARD_HOME").then(|| "/d".into())).unwrap();
        assert_eq!(home, Home::within(Path::new("/d")).unwrap());
        assert_eq!(home.socket, Path::new("/d/lanyard.sock"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_a_runtime_folder_the_socket_is_beside_the_cache() {
        let home = Home::from_env(|name| (name == "HOME").then(|| "/h".into())).unwrap();
        assert_eq!(home.socket, Path::new("/h/.local/share/lanyard/run/lanyard.sock"));
        assert_eq!(home.config, Path::new("/h/.config/lanyard/config.toml"));
    }

    #[test]
    fn a_relative_socket_is_refused_and_an_empty_one_is_none() {
        let with = |value: &'static str| {
            Home::from_env(move |name| match name {
                "LANYARD_HOME" => Some("/home/maria".into()),
                "LANYARD_SOCKET" => Some(value.into()),
                _ => None,
            })
        };
        let failure = with("run/lanyard.sock").unwrap_err();
        assert_eq!(failure.code, Code::Usage);
        assert!(failure.message.contains("LANYARD_SOCKET"));
        assert_eq!(with("/run/l.sock").unwrap().socket, Path::new("/run/l.sock"));
        assert_eq!(with("").unwrap().socket, Path::new("/home/maria/lanyard.sock"));
    }

    #[test]
    fn relative_and_too_long_places_are_refused() {
        let with = |value: String| {
            Home::from_env(move |name| (name == "LANYARD_HOME").then(|| value.clone().into()))
        };
        assert_eq!(with("relative".into()).unwrap_err().code, Code::Usage);
        assert_eq!(with(format!("/{}", "x".repeat(200))).unwrap_err().code, Code::Usage);
        assert_eq!(Home::from_env(|_| None).unwrap_err().code, Code::Usage);
    }
}
