use std::path::PathBuf;

/// The program that asks, as the system describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The process id of the connection's other end.
    pub pid: Option<u32>,
    /// The executable, as the kernel names it.
    pub executable: Option<PathBuf>,
    /// The script or module, where the executable is an interpreter.
    pub script: Option<String>,
    /// The folder it works in.
    pub folder: Option<PathBuf>,
    /// The names of its ancestors, nearest first.
    pub parents: Vec<String>,
    /// The session that it belongs to, where it has a terminal.
    pub terminal: Option<String>,
}

impl Caller {
    /// Returns the program's short name, with the script that it runs.
    pub fn name(&self) -> String {
        let file = self.executable.as_deref().and_then(|path| path.file_name());
        if let (Some(file), Some(script)) = (file, &self.script) {
            return format!("{} {}", file.to_string_lossy(), crate::printable(script, 64));
        }
        file.map_or_else(
            || "unknown program".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }
}
