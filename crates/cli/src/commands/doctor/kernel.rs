use lanyard_harden::Facts;

use super::finding::Finding;

pub(super) fn check() -> Vec<Finding> {
    findings(&lanyard_harden::facts())
}

fn findings(facts: &Facts) -> Vec<Finding> {
    let offered = |name, holds: bool, there: &str, missing: &str| match holds {
        true => Finding::ok(name, there),
        false => Finding::warn(name, missing),
    };
    vec![
        ptrace(facts.ptrace_scope),
        offered(
            "callers",
            facts.peer_pidfd,
            "the kernel tells a caller by a handle (pidfd)",
            "the kernel tells a caller by its process id alone; from Linux 6.5 on by a handle",
        ),
        offered(
            "landlock",
            facts.landlock_abi.is_some(),
            "the broker gives up all files but its own for writing (Landlock)",
            "the kernel runs without Landlock: the broker may write where you may",
        ),
        offered(
            "seccomp",
            facts.seccomp,
            "the broker gives up system calls that it does not need (seccomp)",
            "the kernel has no seccomp: the broker may make any system call",
        ),
        cores(facts.core_pattern.as_deref()),
        memory(facts),
    ]
}

fn ptrace(scope: Option<u8>) -> Finding {
    match scope {
        Some(1..) => Finding::ok("ptrace", "programs cannot attach to each other (Yama)"),
        Some(0) => Finding::warn(
            "ptrace",
            "programs of yours may attach to each other; the broker asks not to be attached to",
        )
        .repair("`sudo sysctl kernel.yama.ptrace_scope=1`"),
        None => Finding::warn(
            "ptrace",
            "the kernel has no Yama; the broker asks not to be attached to, and no more can be had",
        ),
    }
}

fn cores(pattern: Option<&str>) -> Finding {
    let to_program = pattern.is_some_and(|pattern| pattern.starts_with('|'));
    let place = if to_program { "go to a program; " } else { "" };
    Finding::ok("core dumps", format!("{place}the broker asks not to be dumped"))
}

fn memory(facts: &Facts) -> Finding {
    if facts.swap.is_empty() {
        return Finding::ok("swap", "there is none: keys stay in memory");
    }
    let lockable = facts.lockable_memory.is_none_or(|bytes| bytes >= 64 << 10);
    match lockable {
        true => Finding::ok("swap", "the broker's keys are kept out of it"),
        false => Finding::warn("swap", "keys may be written to it: this user may lock no memory"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn each_feature_is_told_from_its_absence() {
        let all = Facts {
            ptrace_scope: Some(1),
            core_pattern: Some("core".into()),
            landlock_abi: Some(4),
            seccomp: true,
            peer_pidfd: true,
            lockable_memory: None,
            swap: Vec::new(),
        };
        assert_eq!(warned(&all), Vec::<String>::new());
        let none = Facts {
            ptrace_scope: None,
            landlock_abi: None,
            seccomp: false,
            peer_pidfd: false,
            ..all
        };
        assert_eq!(warned(&none), ["ptrace", "callers", "landlock", "seccomp"]);
    }

    fn warned(facts: &Facts) -> Vec<String> {
        let findings = findings(facts).into_iter();
        findings.filter(|it| it.state == State::Warn).map(|it| it.name).collect()
    }
}
