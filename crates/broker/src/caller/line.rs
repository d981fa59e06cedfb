//! A process and those that it descends from.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lanyard_core::Ancestor;

use super::process::Process;
use super::script::{Code, code};

/// How many programs are remembered.
const MOST: usize = 1024;

/// A process with the name of its program, and what that runs.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) process: Process,
    pub(super) name: String,
    pub(super) code: Code,
}

/// Reads lines, and remembers what each process runs until it runs something else: shells, terminals
/// and editors stand behind one caller after another.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<HashMap<Run, (String, Code)>>);

/// One process from one exec to the next: its number, and when and where that began.
type Run = (u32, u64, u64);

impl Line {
    /// How many processes are looked at. A longer line could hide an agent at its end.
    pub(super) const LONGEST: usize = 64;

    /// Returns the process and its ancestors, nearest first.
    pub(super) fn of(&self, first: &Process) -> Vec<Link> {
        let mut line = vec![self.link(first.clone())];
        while let Some(parent) = line
            .last()
            .filter(|last| last.process.parent > 1)
            .and_then(|last| Process::read(last.process.parent))
        {
            line.push(self.link(parent));
            if line.len() == Self::LONGEST {
                break;
            }
        }
        line
    }

    fn link(&self, process: Process) -> Link {
        let run = (process.pid, process.started, process.stack);
        let known = self.lock().get(&run).cloned();
        let (name, code) = known.unwrap_or_else(|| {
            let name = process.name();
            let code = code(&process, &name);
            self.keep(run, (name.clone(), code.clone()));
            (name, code)
        });
        Link { process, name, code }
    }

    fn keep(&self, run: Run, runs: (String, Code)) {
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(run, runs);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Run, (String, Code)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    pub(super) fn ancestor(&self) -> Ancestor {
        let script = match &self.code {
            Code::Script(path) => Some(path.to_string_lossy().into_owned()),
            Code::Module(name) | Code::Title(name) => Some(name.clone()),
            Code::Own | Code::Command | Code::Unseen => None,
        };
        Ancestor { pid: self.process.pid, name: self.name.clone(), script }
    }
}

/// Looks whether each process still has the parent that was read: that changes when the parent ends,
/// so whatever was read of a parent in between is the parent's own.
pub(super) fn is_unbroken(line: &[Link]) -> bool {
    line.iter().all(|link| {
        let now = Process::read(link.process.pid);
        now.is_some_and(|now| {
            (now.started, now.parent) == (link.process.started, link.process.parent)
        })
    })
}
