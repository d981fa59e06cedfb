use tokio::net::UnixStream;

use super::pidfd::Pidfd;
use super::process::{FileId, Process};

/// Why a process that ended says nothing of who asks: its number may be another's by then.
pub(super) const ENDED: &str = "it ended before it could be looked at";

/// Why a process that runs another program says nothing of who asked.
pub(super) const CHANGED: &str = "it runs another program than when it connected";

/// A process that is held, and what it ran at that moment.
#[derive(Debug)]
pub(crate) struct Held {
    pidfd: Pidfd,
    pub(super) process: Process,
    pub(super) executable: Option<FileId>,
}

impl Held {
    /// Holds the process at the other end.
    ///
    /// # Errors
    /// The reason why it cannot be told.
    pub(crate) fn peer(stream: &UnixStream) -> Result<Self, &'static str> {
        let pid = stream.peer_cred().ok().and_then(|peer| peer.pid()).unwrap_or_default();
        // Zero is a process that this one cannot see: it is in a namespace above.
        let pid = u32::try_from(pid).ok().filter(|pid| *pid > 0).ok_or("it cannot be seen")?;
        match Pidfd::of_peer(stream).map_err(|_| ENDED)? {
            Some(pidfd) => Self::note(pid, pidfd),
            None => Self::open(pid),
        }
    }

    /// Holds the process with this number, which must be the same before and after.
    ///
    /// # Errors
    /// The reason why it cannot be told.
    pub(super) fn open(pid: u32) -> Result<Self, &'static str> {
        let (before, _) = look(pid).ok_or(ENDED)?;
        let held = Self::note(pid, Pidfd::open(pid).map_err(|_| ENDED)?)?;
        if held.process.started == before.started { Ok(held) } else { Err(ENDED) }
    }

    fn note(pid: u32, pidfd: Pidfd) -> Result<Self, &'static str> {
        let (process, executable) = look(pid).ok_or(ENDED)?;
        // It lived all the while, so that what was read is its own.
        if pidfd.is_alive() { Ok(Self { pidfd, process, executable }) } else { Err(ENDED) }
    }

    /// Looks whether it is what it was.
    ///
    /// # Errors
    /// The reason why what was seen of it does not count any more.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let (now, executable) = look(self.process.pid).ok_or(ENDED)?;
        if !self.pidfd.is_alive() || now.started != self.process.started {
            return Err(ENDED);
        }
        if executable != self.executable || now.stack != self.process.stack {
            return Err(CHANGED);
        }
        Ok(())
    }
}

/// Reads what a process is and runs, from where Landlock does not hide it.
fn look(pid: u32) -> Option<(Process, Option<FileId>)> {
    lanyard_harden::outside(move || {
        let process = Process::read(pid)?;
        let executable = FileId::of(&process.at("exe"));
        Some((process, executable))
    })
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command};

    use super::*;

    #[test]
    fn a_number_that_passed_to_another_process_is_noticed() {
        let (mut first, mut second) = (sleeper(), sleeper());
        let held = Held::open(first.id()).unwrap();
        let reused = Held { process: Process::read(second.id()).unwrap(), ..held };
        assert_eq!(reused.check(), Ok(()), "only the pidfd tells them apart, and it lives");
        end(&mut first);
        assert_eq!(reused.check(), Err(ENDED));
        end(&mut second);
    }

    #[test]
    fn another_start_time_is_another_process() {
        let mut child = sleeper();
        let mut held = Held::open(child.id()).unwrap();
        assert_eq!(held.check(), Ok(()));
        held.process.started -= 1;
        assert_eq!(held.check(), Err(ENDED));
        end(&mut child);
    }

    #[test]
    fn the_same_executable_started_anew_is_noticed() {
        let mut child = sleeper();
        let mut held = Held::open(child.id()).unwrap();
        held.process.stack += 16;
        assert_eq!(held.check(), Err(CHANGED));
        end(&mut child);
    }

    #[test]
    fn a_process_that_ended_cannot_be_held() {
        let mut child = sleeper();
        let held = Held::open(child.id()).unwrap();
        child.kill().unwrap();
        for _ in 0..2000 {
            if !held.pidfd.is_alive() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(Held::open(child.id()).unwrap_err(), ENDED, "a zombie");
        child.wait().unwrap();
        assert_eq!(Held::open(child.id()).unwrap_err(), ENDED);
        assert_eq!(Held::open(0).unwrap_err(), ENDED);
        assert_eq!(Held::open(u32::MAX).unwrap_err(), ENDED);
    }

    fn sleeper() -> Child {
        Command::new("sleep").arg("30").spawn().unwrap()
    }

    fn end(child: &mut Child) {
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
