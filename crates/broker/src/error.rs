use std::path::PathBuf;

use lanyard_core::{Code, Failure};

/// Why the broker cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The socket cannot be made.
    #[error("could not listen on {}", .path.display())]
    Socket {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl BrokerError {
    /// Returns what scripts and views get to see.
    pub fn to_failure(&self) -> Failure {
        let Self::Socket { source, .. } = self;
        Failure::new(Code::Failed, self.to_string())
            .action("check the folder's permissions, or set LANYARD_SOCKET")
            .detail(source.to_string())
    }
}
