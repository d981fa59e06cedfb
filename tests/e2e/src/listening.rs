use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::Lanyard;

/// A program that hears of changes, from its first state on, and says that a person sees them.
#[derive(Debug)]
pub struct Listening(Child);

impl Listening {
    /// Starts one at this socket of the home.
    ///
    /// # Panics
    /// If the broker does not answer.
    pub fn at(lanyard: &Lanyard, socket: &str) -> Self {
        let mut curl = Command::new("curl");
        curl.args(["-sN", "--unix-socket"]).arg(lanyard.home().join(socket));
        curl.arg("http://lanyard/v1/events?shown=true").stdout(Stdio::piped());
        let mut curl = curl.spawn().expect("curl is there");
        let mut first = String::new();
        let stdout = curl.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut first).expect("it can be read");
        assert!(first.starts_with("data:"), "{first}");
        Self(curl)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
