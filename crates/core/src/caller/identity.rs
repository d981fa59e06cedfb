use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::agent::{self, Clues};
use super::program::{package_of, program_name};
use crate::{hex, printable};

/// The program that asks, as the system describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// Its process id.
    pub pid: Option<u32>,
    /// When it began, in the kernel's count: with the id it names one process for ever.
    pub started: Option<u64>,
    /// The executable; `None` where the system does not name one.
    pub executable: Option<Executable>,
    /// The script's path or the module's name, where the executable is an interpreter.
    pub script: Option<String>,
    /// The SHA-256 digest of the script, where that is a file, in hexadecimal digits.
    pub script_digest: Option<String>,
    /// Whether it runs code that no file or module stands for: from the command line or a pipe.
    pub runs_unseen_code: bool,
    /// The folder it works in.
    pub folder: Option<PathBuf>,
    /// The processes that it descends from, nearest first.
    pub ancestors: Vec<Ancestor>,
    /// The terminal that it belongs to: `pts/3`.
    pub terminal: Option<String>,
    /// Why it counts as unknown and is always asked about: it came in by ssh, say.
    pub unknown: Option<&'static str>,
}

/// A process that a caller descends from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// Its process id.
    pub pid: u32,
    /// The name of its program.
    pub name: String,
    /// The script's path or the module's name, where the program is an interpreter.
    pub script: Option<String>,
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
    /// Returns a caller of whom nothing is known but why.
    pub fn unknown(reason: &'static str) -> Self {
        Self { unknown: Some(reason), ..Self::default() }
    }

    /// Returns the program's short name, with the script that it runs.
    pub fn name(&self) -> String {
        let Some(executable) = &self.executable else { return "unknown program".to_owned() };
        let name = printable(&program_name(&executable.path), 64);
        match &self.script {
            Some(script) => format!("{name} {}", printable(&short(script), 64)),
            None => name,
        }
    }

    /// Returns whether the system names the program, and nothing stands against it.
    pub fn is_known(&self) -> bool {
        self.executable.is_some() && self.unknown.is_none()
    }

    /// Returns the agent that it is or works for, with where that was seen: `claude (process 41)`.
    /// Programs are on the shipped list or among `more`: names of executables, scripts or packages.
    pub fn agent(&self, more: &[String]) -> Option<String> {
        let path = self.executable.as_ref().map(|executable| executable.path.as_path());
        let name = path.map(program_name).unwrap_or_default();
        let own = Clues { name: &name, path, script: self.script.as_deref() };
        let ancestors = self.ancestors.iter().map(|ancestor| {
            let script = ancestor.script.as_deref();
            (Some(ancestor.pid), Clues { name: &ancestor.name, path: None, script })
        });
        let mut line = std::iter::once((self.pid, own)).chain(ancestors);
        line.find_map(|(pid, clues)| {
            let agent = printable(&agent::find(&clues, more)?, 64);
            Some(pid.map_or_else(|| agent.clone(), |pid| format!("{agent} (process {pid})")))
        })
    }

    /// Returns what remembered answers are kept under: a digest of executable, script and folder.
    /// `None` where they do not tell what runs: then no answer is remembered.
    pub fn key(&self) -> Option<String> {
        let executable = self.executable.as_ref().filter(|_| self.is_known())?;
        let folder = self.folder.as_ref().filter(|_| !self.runs_unseen_code)?;
        let mut key = Sha256::new();
        let mut add = |part: &[u8]| {
            key.update((part.len() as u64).to_be_bytes());
            key.update(part);
        };
        add(executable.path.as_os_str().as_encoded_bytes());
        add(&executable.device.to_be_bytes());
        add(&executable.inode.to_be_bytes());
        add(executable.digest.as_bytes());
        add(self.script.as_deref().unwrap_or_default().as_bytes());
        add(self.script_digest.as_deref().unwrap_or_default().as_bytes());
        add(folder.as_os_str().as_encoded_bytes());
        Some(hex(&key.finalize()))
    }
}

/// A path's package or file name; a module as it is.
fn short(script: &str) -> String {
    let package = package_of(script.as_ref());
    let file = || script.rsplit('/').next().unwrap_or(script).to_owned();
    package.unwrap_or_else(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        assert_eq!(Caller::default().name(), "unknown program");
        assert_eq!(caller("/usr/bin/git", None).name(), "git");
        assert_eq!(caller("/bin/bash", Some("/home/maria/deploy.sh")).name(), "bash deploy.sh");
        assert_eq!(caller("/bin/python3.11", Some("http.server")).name(), "python3.11 http.server");
        let script = "/usr/lib/node_modules/@scope/tool/cli.js";
        assert_eq!(caller("/bin/node", Some(script)).name(), "node @scope/tool");
        assert!(!caller("/tmp/a\u{202e}b", None).name().contains('\u{202e}'));
    }

    #[test]
    fn a_caller_with_a_reason_against_it_is_not_known_and_has_no_key() {
        let mut caller = caller("/usr/bin/git", None);
        assert!(caller.is_known() && caller.key().is_some());
        caller.unknown = Some("it came in by ssh");
        assert!(!caller.is_known());
        assert_eq!(caller.key(), None);
    }

    #[test]
    fn unseen_code_and_a_missing_folder_have_no_key() {
        let unseen = Caller { runs_unseen_code: true, ..caller("/usr/bin/python3", None) };
        assert!(unseen.is_known());
        assert_eq!(unseen.key(), None);
        assert_eq!(Caller { folder: None, ..caller("/usr/bin/git", None) }.key(), None);
    }

    #[test]
    fn each_part_counts_in_the_key() {
        let base = caller("/usr/bin/python3", Some("/a/run.py"));
        let with = |change: fn(&mut Caller)| {
            let mut other = base.clone();
            change(&mut other);
            other.key()
        };
        let keys = [
            base.key(),
            with(|caller| caller.executable.as_mut().unwrap().path = "/opt/python3".into()),
            with(|caller| caller.executable.as_mut().unwrap().device = 9),
            with(|caller| caller.executable.as_mut().unwrap().inode = 9),
            with(|caller| caller.executable.as_mut().unwrap().digest = "9".into()),
            with(|caller| caller.script = Some("/b/run.py".into())),
            with(|caller| caller.script_digest = Some("9".into())),
            with(|caller| caller.folder = Some("/b".into())),
        ];
        let distinct: std::collections::BTreeSet<_> = keys.iter().flatten().collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[test]
    fn what_may_differ_from_run_to_run_does_not_count_in_the_key() {
        let mut other = caller("/usr/bin/git", None);
        other.pid = Some(7);
        other.terminal = Some("pts/9".into());
        other.ancestors.push(Ancestor { pid: 3, name: "zsh".into(), script: None });
        assert_eq!(other.key(), caller("/usr/bin/git", None).key());
    }

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        let mut one = caller("/usr/bin/python3", Some("ab"));
        one.script_digest = Some("c".into());
        let mut other = caller("/usr/bin/python3", Some("a"));
        other.script_digest = Some("bc".into());
        assert_ne!(one.key(), other.key());
    }

    fn caller(path: &str, script: Option<&str>) -> Caller {
        let executable =
            Executable { path: path.into(), device: 1, inode: 2, digest: "3".to_owned() };
        Caller {
            executable: Some(executable),
            script: script.map(str::to_owned),
            folder: Some("/a".into()),
            ..Caller::default()
        }
    }
}
