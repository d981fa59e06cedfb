use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A program to start. It inherits nothing: what it gets stands here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Its absolute path.
    pub program: PathBuf,
    /// Its arguments, without its name.
    pub arguments: Vec<String>,
    /// Its whole environment.
    pub environment: Vec<(String, String)>,
}

/// A program that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// Its process id, its own until the launcher has seen its end.
    pub pid: u32,
}
