use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use lanyard_harden::{Launcher, Start};

/// Starts a program through a launcher, and prints its process id and what its channel says.
pub(crate) fn start(program: &str, arguments: &[&str]) {
    let launcher = Launcher::fork().unwrap();
    let (mut own, channel) = UnixStream::pair().unwrap();
    let started = launcher.start(&request(program, arguments), channel.into()).unwrap();
    println!("{}", started.pid);
    std::io::copy(&mut own, &mut std::io::stdout()).unwrap();
}

/// Asks for what a launcher refuses, prints why, and starts something after all.
pub(crate) fn start_badly() {
    let launcher = Launcher::fork().unwrap();
    let refused = |start: &Start| println!("{}", launcher.start(start, channel()).unwrap_err());
    refused(&request("sh", &[]));
    refused(&request("/bin/../no/such/program", &[]));
    refused(&request("/", &[]));
    refused(&request("/etc/passwd", &[]));
    let named = |name: &str| vec![(name.to_owned(), "/tmp/evil.so".to_owned())];
    refused(&Start { environment: named("A=1\nLD_PRELOAD="), ..request("/bin/sh", &[]) });
    refused(&request("/bin/sh", &["-c", "true\0false"]));
    refused(&request("/bin/sh", &["-c", &"true;".repeat(20_000)]));
    println!("{}", launcher.stop(1).unwrap_err());
    launcher.start(&request("/bin/true", &[]), channel()).unwrap();
}

/// Starts a program that would run for a day, stops it, and waits until its channel ends.
pub(crate) fn start_and_stop() {
    let launcher = Launcher::fork().unwrap();
    let (mut own, channel) = UnixStream::pair().unwrap();
    let started = launcher.start(&request("/bin/sleep", &["86400"]), channel.into()).unwrap();
    launcher.stop(started.pid).unwrap();
    let mut said = String::new();
    own.read_to_string(&mut said).unwrap();
    println!("ended {said:?}");
    let mut again = launcher.stop(started.pid);
    while again.is_ok() {
        again = launcher.stop(started.pid);
    }
    println!("{}", again.unwrap_err());
    std::io::stdout().flush().unwrap();
}

pub(crate) fn fork_with_threads() {
    let (end, until) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || until.recv());
    println!("{}", Launcher::fork().unwrap_err());
    drop(end);
    drop(thread.join());
}

fn request(program: &str, arguments: &[&str]) -> Start {
    Start {
        program: program.into(),
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        environment: vec![("COLOUR".to_owned(), "blue = green".to_owned())],
    }
}

fn channel() -> OwnedFd {
    UnixStream::pair().unwrap().0.into()
}
