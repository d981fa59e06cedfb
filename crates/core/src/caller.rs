use std::path::PathBuf;

/// The program that asks, as the system describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The process id of the connection's other end.
    pub pid: Option<u32>,
    /// The executable; `None` where the system does not name one that can be trusted.
    pub executable: Option<Executable>,
    /// The script or module, where the executable is an interpreter.
    pub script: Option<String>,
    /// The folder it works in.
    pub folder: Option<PathBuf>,
    /// The names of its ancestors, nearest first.
    pub parents: Vec<String>,
    /// The session that it belongs to, where it has a terminal.
    pub terminal: Option<String>,
    /// The agent that it is or works for, with where that was seen: `claude (process 41)`.
    pub agent: Option<String>,
    /// Why it counts as unknown and is always asked about: it came in by `sshd`, say.
    pub unknown: Option<&'static str>,
}

/// An executable, told apart from others that were or will be at its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// The path, as the kernel names it.
    pub path: PathBuf,
    /// The device that the file is on.
    pub device: u64,
    /// The file's number there.
    pub inode: u64,
    /// The SHA-256 digest of its content, in hexadecimal digits.
    pub digest: String,
}

impl Caller {
    /// Returns the program's short name, with the script that it runs.
    pub fn name(&self) -> String {
        let path = self.executable.as_ref().map(|executable| &executable.path);
        let file = path.and_then(|path| path.file_name());
        if let (Some(file), Some(script)) = (file, &self.script) {
            return format!("{} {}", file.to_string_lossy(), crate::printable(script, 64));
        }
        file.map_or_else(
            || "unknown program".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// Returns what approvals are keyed on.
    pub fn key(&self) -> Option<String> {
        self.executable
            .as_ref()
            .filter(|_| self.is_known())
            .map(|e| format!("{} {}", e.path.display(), e.digest))
    }

    /// Returns the agent.
    pub fn agent(&self, more: &[String]) -> Option<String> {
        more.iter().find(|name| **name == self.name()).map(|name| format!("{name} (process)"))
    }

    /// Returns whether the system names the program, and nothing stands against it.
    pub fn is_known(&self) -> bool {
        self.executable.is_some() && self.unknown.is_none()
    }
}
