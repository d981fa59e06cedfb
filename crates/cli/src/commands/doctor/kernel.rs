use super::finding::Finding;

/// Restriction of ptrace by Yama, from which on programs of the same user cannot attach.
const YAMA: &str = "/proc/sys/kernel/yama/ptrace_scope";

pub(super) fn check() -> Vec<Finding> {
    let findings = kernel_features().into_iter().map(|(name, holds, why)| match holds {
        true => Finding::ok(name, why),
        false => Finding::warn(name, why),
    });
    findings.collect()
}

/// Returns what the kernel offers to protect the broker here: the feature, whether it holds, and what
/// that means.
fn kernel_features() -> Vec<(&'static str, bool, String)> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let release = read("/proc/sys/kernel/osrelease").unwrap_or_default();
    let modules = read("/sys/kernel/security/lsm");
    let status = read("/proc/self/status").unwrap_or_default();
    vec![
        ptrace(read(YAMA).as_deref()),
        peer_pidfd(release.trim()),
        landlock(modules.as_deref()),
        seccomp(&status),
        cores(read("/proc/sys/kernel/core_pattern").unwrap_or_default().trim()),
    ]
}

fn ptrace(scope: Option<&str>) -> (&'static str, bool, String) {
    match scope.map(str::trim) {
        Some("1" | "2" | "3") => {
            ("ptrace", true, "programs cannot attach to each other (Yama)".to_owned())
        }
        Some(_) => (
            "ptrace",
            false,
            "programs of yours may attach to each other; the broker asks not to be: `sudo sysctl kernel.yama.ptrace_scope=1`"
                .to_owned(),
        ),
        None => (
            "ptrace",
            false,
            "the kernel has no Yama; the broker asks not to be attached to, and no more can be had"
                .to_owned(),
        ),
    }
}

fn peer_pidfd(release: &str) -> (&'static str, bool, String) {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map_while(|n| n.parse().ok());
    let version: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match version >= (6, 5) {
        true => ("callers", true, format!("Linux {release} tells a caller by a handle (pidfd)")),
        false => (
            "callers",
            false,
            format!(
                "Linux {release} tells a caller only by its process id; from 6.5 on by a handle"
            ),
        ),
    }
}

fn landlock(modules: Option<&str>) -> (&'static str, bool, String) {
    match modules {
        Some(all) if all.split(',').any(|it| it.trim() == "landlock") => {
            ("landlock", true, "a process can give up files (Landlock)".to_owned())
        }
        Some(_) => ("landlock", false, "the kernel runs without Landlock".to_owned()),
        None => ("landlock", false, "whether the kernel has Landlock cannot be read".to_owned()),
    }
}

fn seccomp(status: &str) -> (&'static str, bool, String) {
    match status.lines().any(|line| line.starts_with("Seccomp:")) {
        true => ("seccomp", true, "a process can give up system calls (seccomp)".to_owned()),
        false => ("seccomp", false, "the kernel was built without seccomp".to_owned()),
    }
}

fn cores(pattern: &str) -> (&'static str, bool, String) {
    match pattern.starts_with('|') {
        true => {
            ("core dumps", true, "go to a program; the broker asks not to be dumped".to_owned())
        }
        false => ("core dumps", true, "the broker asks not to be dumped".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_is_told_from_its_absence() {
        assert!(ptrace(Some("1\n")).1 && !ptrace(Some("0\n")).1 && !ptrace(None).1);
        assert!(peer_pidfd("6.5.0-generic").1 && peer_pidfd("10.1").1);
        assert!(!peer_pidfd("6.4.9").1 && !peer_pidfd("5.15.0-1").1 && !peer_pidfd("").1);
        assert!(landlock(Some("capability,landlock,yama")).1);
        assert!(!landlock(Some("capability,yama")).1 && !landlock(None).1);
        assert!(seccomp("Name:\tx\nSeccomp:\t0\n").1 && !seccomp("Name:\tx\n").1);
    }
}
