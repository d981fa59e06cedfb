//! The launcher's own process.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, Stdio};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::wire::{self, Reply, Request};
use super::{Start, fork};

/// A started program. Not waited for before it ended, so its process id is its own.
struct Running {
    child: Child,
    handle: OwnedFd,
}

/// Goes on as the launcher.
pub(super) fn run(socket: OwnedFd) -> io::Result<()> {
    serve(&become_small(socket)?)
}

/// Leaves behind what belongs to the broker: its files, folder, terminal and name.
fn become_small(socket: OwnedFd) -> io::Result<OwnedFd> {
    drop(crate::begin());
    // A terminal's signals reach its session only, so that Ctrl-C is for the broker alone.
    rustix::process::setsid()?;
    rustix::process::chdir("/")?;
    rustix::thread::set_name(c"lanyard-launch")?;
    let nowhere = std::fs::File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nowhere)?;
    rustix::stdio::dup2_stdout(&nowhere)?;
    rustix::stdio::dup2_stderr(&nowhere)?;
    drop(nowhere);
    fork::close_all_but(socket)
}

/// Starts and stops programs until the broker's end of the socket is closed, or says nonsense.
fn serve(socket: &OwnedFd) -> io::Result<()> {
    let mut running = Vec::new();
    loop {
        let asked = wait(socket, &running)?;
        running.retain_mut(|program: &mut Running| matches!(program.child.try_wait(), Ok(None)));
        if !asked {
            continue;
        }
        let reply = match wire::receive(socket)? {
            None => return Ok(()),
            Some((Request::Start(program), Some(channel))) => {
                start(&program, channel, &mut running)
            }
            Some((Request::Stop { pid }, None)) => stop(pid, &running),
            Some(_) => return Err(wire::malformed()),
        };
        let reply = reply.unwrap_or_else(|error| Reply::Refused { message: error.to_string() });
        wire::send(socket, &wire::encode(&reply)?, None)?;
    }
}

/// Waits until the broker says something or a program ends, and returns whether it was the broker.
fn wait(socket: &OwnedFd, running: &[Running]) -> io::Result<bool> {
    let handles = running.iter().map(|program| &program.handle);
    let watched = std::iter::once(socket).chain(handles);
    let mut watched: Vec<_> = watched.map(|it| PollFd::new(it, PollFlags::IN)).collect();
    retry_on_intr(|| poll(&mut watched, None))?;
    Ok(!watched[0].revents().is_empty())
}

fn start(program: &Start, channel: OwnedFd, running: &mut Vec<Running>) -> io::Result<Reply> {
    check(program)?;
    let mut command = Command::new(&program.program);
    command.args(&program.arguments).env_clear().current_dir("/");
    command.envs(program.environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    fork::give_channel(&mut command, channel);
    let child = command.spawn()?;
    let pid = child.id();
    let handle = pidfd_open(Pid::from_child(&child), PidfdFlags::empty())?;
    running.push(Running { child, handle });
    Ok(Reply::Started { pid })
}

fn check(program: &Start) -> io::Result<()> {
    let path = &program.program;
    let refused = |why: &str| Err(io::Error::other(format!("{} {why}", path.display())));
    if !path.is_absolute() {
        return refused("is not an absolute path");
    }
    if !path.is_file() {
        return refused("is not a program");
    }
    if program.environment.iter().any(|(name, _)| name.is_empty() || name.contains('=')) {
        return refused("cannot be started: a variable's name is empty or has a '='");
    }
    Ok(())
}

fn stop(pid: u32, running: &[Running]) -> io::Result<Reply> {
    let Some(program) = running.iter().find(|program| program.child.id() == pid) else {
        return Err(io::Error::other(format!("process {pid} was not started here, or has ended")));
    };
    pidfd_send_signal(program.handle.as_fd(), Signal::TERM)?;
    Ok(Reply::Stopped)
}

#[cfg(test)]
mod tests {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;

    #[test]
    fn a_closed_socket_ends_the_launcher() {
        let (broker, launcher) = pair();
        drop(broker);
        assert!(serve(&launcher).is_ok());
    }

    #[test]
    fn a_message_that_is_no_request_ends_the_launcher() {
        refuses(b"start /bin/sh", None);
    }

    #[test]
    fn a_request_with_unknown_fields_ends_the_launcher() {
        refuses(br#"{"stop":{"pid":1,"signal":9}}"#, None);
    }

    #[test]
    fn a_start_without_a_channel_ends_the_launcher() {
        refuses(br#"{"start":{"program":"/bin/true","arguments":[],"environment":[]}}"#, None);
    }

    #[test]
    fn a_stop_with_a_channel_ends_the_launcher() {
        let (channel, _) = pair();
        refuses(br#"{"stop":{"pid":1}}"#, Some(&channel));
    }

    #[test]
    fn a_message_that_is_too_large_ends_the_launcher() {
        refuses(&vec![b' '; (64 << 10) + 1], None);
    }

    fn refuses(message: &[u8], channel: Option<&OwnedFd>) {
        let (broker, launcher) = pair();
        wire::send(&broker, message, channel.map(AsFd::as_fd)).unwrap();
        assert!(serve(&launcher).is_err());
    }

    fn pair() -> (OwnedFd, OwnedFd) {
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap()
    }
}
