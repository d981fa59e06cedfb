use serde::Serialize;

/// What became of one way to protect this process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// What it is called, such as `landlock`.
    pub name: &'static str,
    /// Whether it holds in this process.
    pub holds: bool,
    /// Why it does not, or holds in part only.
    pub why: Option<String>,
}

impl Measure {
    /// Returns a measure that holds if this worked.
    pub(crate) fn of<E: std::fmt::Display>(name: &'static str, done: Result<(), E>) -> Self {
        let why = done.err().map(|error| error.to_string());
        Self { name, holds: why.is_none(), why }
    }

    /// Returns a measure that this system does not have.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn absent(name: &'static str) -> Self {
        Self { name, holds: false, why: Some("not there on this system".to_owned()) }
    }
}
