/// Keeps other programs of the same user from reading this process's memory: not dumpable, which
/// also refuses ptrace, and no core files. What the system refuses is left as it is.
pub fn harden() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{
            DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit,
        };

        let none = Rlimit { current: Some(0), maximum: Some(0) };
        let dumpable = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        let cores = setrlimit(Resource::Core, none);
        if let Err(error) = dumpable.and(cores) {
            tracing::warn!(%error, "this process's memory is not protected from the user's programs");
        }
    }
}
