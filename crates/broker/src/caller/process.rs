//! What `/proc` shows of one process.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use lanyard_core::program_name;
use rustix::fs::{AtFlags, CWD, Statx, StatxFlags, makedev, statx};

/// What the kernel adds to the path of a file that is not there any more.
const DELETED: &str = " (deleted)";

/// One process at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) parent: u32,
    /// The name that it goes by; it can change that itself.
    pub(super) title: String,
    terminal: u64,
    /// Jiffies since boot: with the pid it names one process for ever.
    pub(super) started: u64,
    /// Where its stack begins: at another random place with each program that it starts to run.
    pub(super) stack: u64,
}

/// A file, whatever its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FileId {
    pub(super) device: u64,
    pub(super) inode: u64,
}

impl Process {
    pub(super) fn read(pid: u32) -> Option<Self> {
        let mut stat = [0; 1024];
        let length = File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut stat).ok()?;
        Self::parse(pid, &String::from_utf8_lossy(stat.get(..length)?))
    }

    /// Reads a line of `/proc/PID/stat` (proc(5)). The name is in brackets and may hold brackets and
    /// blanks itself.
    fn parse(pid: u32, stat: &str) -> Option<Self> {
        let (name, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse().ok();
        Some(Self {
            pid,
            parent: u32::try_from(field(4)?).ok()?,
            title: name.split_once('(')?.1.to_owned(),
            terminal: field(7)?,
            started: field(22)?,
            stack: field(28)?,
        })
    }

    /// Returns the name of the program, or where the system keeps that, the process's own.
    pub(super) fn name(&self) -> String {
        self.executable().map_or_else(|| self.title.clone(), |path| program_name(&path))
    }

    /// Returns the executable's path, also if the file is not there any more.
    pub(super) fn executable(&self) -> Option<PathBuf> {
        let path = std::fs::read_link(self.at("exe")).ok()?;
        let kept = path.to_str().and_then(|path| path.strip_suffix(DELETED)).map(PathBuf::from);
        Some(kept.unwrap_or(path))
    }

    pub(super) fn folder(&self) -> Option<PathBuf> {
        let folder = std::fs::read_link(self.at("cwd")).ok()?;
        (FileId::of(&folder)? == FileId::of(&self.at("cwd"))?).then_some(folder)
    }

    /// Returns the command line: the process's own memory, which it can write to.
    pub(super) fn arguments(&self) -> Vec<String> {
        let line = std::fs::read(self.at("cmdline")).unwrap_or_default();
        let line = line.strip_suffix(b"\0").unwrap_or(&line);
        line.split(|byte| *byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect()
    }

    /// Returns the name of its terminal, from the device number (proc(5), field 7).
    pub(super) fn terminal(&self) -> Option<String> {
        let (major, minor) = (rustix::fs::major(self.terminal), rustix::fs::minor(self.terminal));
        match (major, minor) {
            (0, 0) => None,
            (136..=143, _) => Some(format!("pts/{}", (major - 136) * 256 + minor)),
            (4, 0..=63) => Some(format!("tty{minor}")),
            _ => Some(format!("{major}:{minor}")),
        }
    }

    /// Returns whether its standard input is a terminal.
    pub(super) fn reads_a_terminal(&self) -> bool {
        let input = std::fs::read_link(self.at("fd/0")).unwrap_or_default();
        input.starts_with("/dev/pts/") || input.starts_with("/dev/tty")
    }

    /// Returns the namespaces of users, mounts and processes that it is in.
    pub(super) fn namespaces(&self) -> Option<[FileId; 3]> {
        let of = |name: &str| FileId::of(&self.at(name));
        Some([of("ns/user")?, of("ns/mnt")?, of("ns/pid")?])
    }

    /// Returns the path of something that `/proc` has of it.
    pub(super) fn at(&self, name: &str) -> PathBuf {
        format!("/proc/{}/{name}", self.pid).into()
    }
}

impl FileId {
    pub(super) fn of(path: &Path) -> Option<Self> {
        look_at(path).map(|found| Self::from(&found))
    }
}

impl From<&Statx> for FileId {
    fn from(found: &Statx) -> Self {
        let device = makedev(found.stx_dev_major, found.stx_dev_minor);
        Self { device, inode: found.stx_ino }
    }
}

/// Looks at a file without asking a file server: one that does not answer would hold up the broker.
pub(super) fn look_at(path: &Path) -> Option<Statx> {
    statx(CWD, path, AtFlags::STATX_DONT_SYNC, StatxFlags::BASIC_STATS).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_blanks_does_not_shift_the_fields() {
        let stat = "7 (a) b (c) S 5 7 7 34816 7 0 0 0 0 0 0 0 0 0 20 0 1 0 991 0 0 0 0 0 4242 0";
        let process = Process::parse(7, stat).unwrap();
        assert_eq!((process.parent, process.started, process.stack), (5, 991, 4242));
        assert_eq!(process.title, "a) b (c");
        assert_eq!(process.terminal().unwrap(), "pts/0");
    }

    #[test]
    fn broken_lines_are_no_process() {
        for stat in ["", "7 (a", "7 (a) S", "7 a) S 5 7 7 0 7 0 0", "7 (a) S x x x x x x"] {
            assert_eq!(Process::parse(7, stat), None, "{stat}");
        }
    }
}
