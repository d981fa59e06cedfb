//! Who asks: what the system says of a program, and which programs count as agents.

mod agent;
mod agents;
mod identity;
mod program;

pub use identity::{Ancestor, Caller, Executable};
pub use program::program_name;
