use super::Confinement;
use crate::Measure;

/// Returns that nothing confines this process.
#[must_use]
pub fn confine(_: &Confinement) -> Vec<Measure> {
    ["no-new-privileges", "landlock", "seccomp"].map(Measure::absent).into()
}

/// Returns what `work` returns.
pub fn outside<T>(work: impl FnOnce() -> T) -> T {
    work()
}
