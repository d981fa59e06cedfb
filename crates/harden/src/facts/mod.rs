//! What this machine offers, for `lanyard doctor` to judge.

mod kernel;
mod swap;

use std::path::Path;

use serde::Serialize;

pub use swap::Swap;

/// What this machine offers to keep processes apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// Yama's `kernel.yama.ptrace_scope`. `None` without Yama: any program of the user may trace
    /// another that is dumpable, as 0 says.
    pub ptrace_scope: Option<u8>,
    /// Where core files go. One that begins with `|` is a program that gets them whatever the limit.
    pub core_pattern: Option<String>,
    /// Landlock's version. `None` where there is none, or it is off.
    pub landlock_abi: Option<u32>,
    /// Whether system calls can be refused.
    pub seccomp: bool,
    /// Whether the kernel names a socket's peer by a handle (`SO_PEERPIDFD`, Linux 6.5).
    pub peer_pidfd: bool,
    /// How many bytes of memory this user may lock. `None` without a limit.
    pub lockable_memory: Option<u64>,
    /// Where memory may be written to. Empty without swap.
    pub swap: Vec<Swap>,
}

/// Looks at this machine.
pub fn facts() -> Facts {
    use rustix::process::{Resource, getrlimit};

    let kernel = Path::new("/proc/sys/kernel");
    let setting = |name: &str| read(&kernel.join(name));
    let actions = setting("seccomp/actions_avail").unwrap_or_default();
    Facts {
        ptrace_scope: setting("yama/ptrace_scope").and_then(|scope| scope.parse().ok()),
        core_pattern: setting("core_pattern"),
        landlock_abi: kernel::landlock_abi(),
        seccomp: actions.split(' ').any(|action| action == "errno"),
        peer_pidfd: kernel::has_peer_pidfd(),
        lockable_memory: getrlimit(Resource::Memlock).current,
        swap: swap::all(Path::new("/proc/swaps"), Path::new("/sys")),
    }
}

fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_are_those_that_the_system_tells_in_other_ways() {
        let facts = facts();
        let limit = read(Path::new("/proc/self/limits")).unwrap();
        let limit = limit.lines().find(|line| line.starts_with("Max locked memory")).unwrap();
        let limit = limit.split_ascii_whitespace().nth(3).unwrap();
        assert_eq!(
            facts.lockable_memory.map_or("unlimited".to_owned(), |it| it.to_string()),
            limit
        );
        let swaps = read(Path::new("/proc/swaps")).unwrap_or_default();
        assert_eq!(facts.swap.len(), swaps.lines().count().saturating_sub(1));
        assert!(facts.core_pattern.is_some());
        assert!(facts.landlock_abi != Some(0));
    }
}
