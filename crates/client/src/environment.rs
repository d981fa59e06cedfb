use lanyard_core::{Failure, Home};

/// Returns where this process's environment says that Lanyard's files are.
///
/// # Errors
/// `usage` if no home can be told.
#[expect(clippy::disallowed_methods, reason = "the client's one reading of the environment")]
pub fn home() -> Result<Home, Failure> {
    Home::from_env(|name| std::env::var_os(name))
}
