use std::path::PathBuf;

use lanyard_core::{COMMAND, Caller, Executable, program_places};

use super::digest::Digests;
use super::held::{CHANGED, ENDED, Held};
use super::line::{Line, Link, is_unbroken};
use super::process::{FileId, Process};
use super::script::Code;

/// Programs by which somebody elsewhere comes in.
const REMOTE: [&str; 5] = ["sshd", "sshd-session", "dropbear", "mosh-server", "tailscaled"];

/// Programs that take over processes whose parent ended.
const REAPERS: [&str; 3] = ["systemd", "init", "launchd"];

/// Tells which programs ask, and remembers the digests of those that it saw.
#[derive(Debug)]
pub(crate) struct Recogniser {
    digests: Digests,
    line: Line,
    namespaces: Option<[FileId; 3]>,
    /// Where Lanyard's own command line may be.
    pub(super) own: Vec<PathBuf>,
}

/// A caller, held so that a change can be noticed.
#[derive(Debug)]
pub(crate) struct Recognised {
    pub(crate) caller: Caller,
    /// The caller's process, where that is not the peer.
    held: Option<Held>,
}

impl Default for Recogniser {
    fn default() -> Self {
        let namespaces = Process::read(std::process::id()).and_then(|own| own.namespaces());
        let own = program_places(&std::env::current_exe().unwrap_or_default(), COMMAND);
        Self { digests: Digests::default(), line: Line::default(), namespaces, own }
    }
}

impl Recognised {
    pub(crate) fn unknown(reason: &'static str) -> Self {
        Self { caller: Caller::unknown(reason), held: None }
    }

    /// Looks whether peer and caller are what they were.
    ///
    /// # Errors
    /// The reason why the caller is an unknown program by now.
    pub(crate) fn check(&self, peer: &Held) -> Result<(), &'static str> {
        peer.check()?;
        self.held.as_ref().map_or(Ok(()), Held::check)
    }
}

impl Recogniser {
    /// Describes the program behind a connection: its peer or, if that is Lanyard's own command
    /// line, the nearest ancestor that is neither `lanyard` nor a shell with `-c`.
    pub(crate) fn recognise(&self, peer: &Held) -> Recognised {
        self.look(peer).unwrap_or_else(Recognised::unknown)
    }

    fn look(&self, peer: &Held) -> Result<Recognised, &'static str> {
        let line = self.line.of(&peer.process);
        let position =
            self.position(peer, &line).ok_or("whoever started lanyard cannot be told")?;
        let (below, from) = line.split_at_checked(position).ok_or(ENDED)?;
        let (found, above) = from.split_first().ok_or(ENDED)?;
        let held = match below.is_empty() {
            true => None,
            false => Some(Held::open(found.process.pid)?),
        };
        let holder = held.as_ref().unwrap_or(peer);
        let mut caller = self.describe(holder, found, above);
        let is_own = !below.is_empty();
        caller.unknown =
            caller.unknown.or_else(|| self.objection(peer, holder, &line, is_own, found));
        if !is_unbroken(below) || found.process.started != holder.process.started {
            return Err(ENDED);
        }
        let recognised = Recognised { caller, held };
        recognised.check(peer).map(|()| recognised)
    }

    /// Returns where the caller stands in the line.
    fn position(&self, peer: &Held, line: &[Link]) -> Option<usize> {
        let own: Vec<FileId> = self.own.iter().filter_map(|path| FileId::of(path)).collect();
        let is_own = |executable: Option<FileId>| executable.is_some_and(|one| own.contains(&one));
        if !is_own(peer.executable) {
            return Some(0);
        }
        line.iter().position(|link| {
            !is_own(FileId::of(&link.process.at("exe"))) && link.code != Code::Command
        })
    }

    fn describe(&self, holder: &Held, found: &Link, above: &[Link]) -> Caller {
        let process = &found.process;
        let (executable, unknown) = self.executable(holder);
        let mut caller = Caller {
            pid: Some(process.pid),
            started: Some(process.started),
            executable,
            folder: process.folder(),
            ancestors: above.iter().map(Link::ancestor).collect(),
            terminal: process.terminal(),
            unknown,
            ..Caller::default()
        };
        match &found.code {
            Code::Own => {}
            Code::Script(path) => {
                caller.script_digest = self.digests.of(path).map(|(_, digest)| digest);
                caller.runs_unseen_code = caller.script_digest.is_none();
                caller.script = Some(path.to_string_lossy().into_owned());
            }
            Code::Module(name) => caller.script = Some(name.clone()),
            Code::Title(name) => {
                caller.script = Some(name.clone());
                caller.runs_unseen_code = true;
            }
            Code::Command | Code::Unseen => caller.runs_unseen_code = true,
        }
        caller
    }

    /// Returns the executable as it was when the process began to run it, and what is wrong with it.
    fn executable(&self, holder: &Held) -> (Option<Executable>, Option<&'static str>) {
        let process = &holder.process;
        let (Some(path), Some(file)) = (process.executable(), holder.executable) else {
            return (None, Some("the system keeps to itself which program it runs"));
        };
        let Some((hashed, digest)) = self.digests.of(&process.at("exe")) else {
            return (None, Some("its executable cannot be read"));
        };
        let wrong = match FileId::of(&path) {
            _ if hashed != file => Some(CHANGED),
            None => Some("its executable was deleted"),
            Some(there) if there != file => Some("its executable was replaced"),
            Some(_) => None,
        };
        let FileId { device, inode } = file;
        (Some(Executable { path, device, inode, digest }), wrong)
    }

    /// Returns what stands against knowing who asks.
    fn objection(
        &self,
        peer: &Held,
        holder: &Held,
        line: &[Link],
        is_own: bool,
        found: &Link,
    ) -> Option<&'static str> {
        let is_elsewhere = |held: &Held| {
            let namespaces = held.process.namespaces();
            namespaces.is_none() || namespaces != self.namespaces
        };
        let is_remote = |link: &Link| {
            REMOTE.contains(&link.name.as_str()) || REMOTE.contains(&link.process.title.as_str())
        };
        let is_cut = line.len() == Line::LONGEST;
        match () {
            () if is_elsewhere(holder) || is_own && is_elsewhere(peer) => {
                Some("it runs in a container or sandbox")
            }
            () if line.iter().any(is_remote) => Some("it came in by ssh"),
            () if is_cut => Some("too many processes stand behind it"),
            () if is_own && REAPERS.contains(&found.name.as_str()) => {
                Some("whoever started lanyard cannot be told")
            }
            () => None,
        }
    }
}
