use super::{Confinement, landlock, outside, seccomp};
use crate::Measure;

/// Confines this process for ever, and returns what holds. Comes before it has other threads.
///
/// Not for tray and window: they start the browser, and Chromium's setuid sandbox fails under
/// `no_new_privs`, which every descendant inherits.
///
/// It gains no privileges by exec, starts no program, traces and inspects no process, and writes
/// beneath its folders only. It is no boundary for code that runs in it: whoever reaches the session
/// bus can have others start programs.
#[must_use]
pub fn confine(confinement: &Confinement) -> Vec<Measure> {
    let no_new_privileges = rustix::thread::set_no_new_privs(true);
    vec![
        Measure::of("no-new-privileges", no_new_privileges),
        // Threads that are there already stay as they are: Landlock confines the calling one.
        match outside::begin() {
            Ok(()) => landlock::restrict(&confinement.writable),
            Err(error) => Measure::of("landlock", Err(error)),
        },
        Measure::of("seccomp", seccomp::restrict()),
    ]
}
