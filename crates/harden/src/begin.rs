use crate::Measure;

/// Keeps this process's memory from the user's other programs, and returns what held: it is not
/// dumpable, which also refuses ptrace and its `/proc` files, and leaves no core file.
///
/// Comes first in every process that may hold a secret. A started program begins anew.
#[must_use]
pub fn begin() -> Vec<Measure> {
    vec![not_dumpable(), no_core_files()]
}

#[cfg(target_os = "linux")]
fn not_dumpable() -> Measure {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};

    Measure::of("not-dumpable", set_dumpable_behavior(DumpableBehavior::NotDumpable))
}

#[cfg(not(target_os = "linux"))]
fn not_dumpable() -> Measure {
    Measure::absent("not-dumpable")
}

#[cfg(unix)]
fn no_core_files() -> Measure {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let none = Rlimit { current: Some(0), maximum: Some(0) };
    Measure::of("no-core-files", setrlimit(Resource::Core, none))
}

#[cfg(not(unix))]
fn no_core_files() -> Measure {
    Measure::absent("no-core-files")
}
