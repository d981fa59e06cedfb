use std::path::Path;
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::dice::Dice;
use crate::proxy::Weather;

/// What happens while programs ask for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    KillBroker,
    KillClients,
    SuspendBroker,
    SuspendClients,
    /// The clock is set by so many hours.
    Jump(i64),
    Outage(Weather),
    /// An outage, and the broker is killed in it.
    KillInOutage(Weather),
}

impl Trouble {
    pub(crate) fn any(dice: &mut Dice) -> Self {
        let weather = dice.pick(&[
            Weather::Refuses,
            Weather::Slow,
            Weather::Slow,
            Weather::Broken,
            Weather::Busy,
            Weather::Garbage,
            Weather::CutsAnswer,
            Weather::LosesAnswer,
        ]);
        match dice.below(20) {
            0..3 => Self::None,
            3..7 => Self::KillBroker,
            7..9 => Self::KillClients,
            9..11 => Self::SuspendBroker,
            11 => Self::SuspendClients,
            12..14 => Self::Jump(dice.pick(&[-3, -48, 24, 24 * 365])),
            14..18 => Self::Outage(weather),
            _ => Self::KillInOutage(weather),
        }
    }

    pub(crate) fn weather(self) -> Weather {
        if let Self::Outage(weather) | Self::KillInOutage(weather) = self {
            weather
        } else {
            Weather::Clear
        }
    }

    pub(crate) fn kills_broker(self) -> bool {
        matches!(self, Self::KillBroker | Self::KillInOutage(_))
    }
}

/// Returns the process id of the broker of this home, if one runs.
pub(crate) fn broker(home: &Path) -> Option<Pid> {
    let pid = std::fs::read_to_string(home.join("cache.db.lock")).ok()?;
    let program = std::fs::read_link(format!("/proc/{}/exe", pid.trim())).ok()?;
    let is_ours = program.file_name().is_some_and(|name| name == "lanyard-daemon");
    Pid::from_raw(pid.trim().parse().ok()?).filter(|_| is_ours)
}

/// Suspends a process for a while.
pub(crate) fn suspend(pid: Pid, length: Duration) {
    let _ = kill_process(pid, Signal::STOP);
    std::thread::sleep(length);
    let _ = kill_process(pid, Signal::CONT);
}

pub(crate) fn kill(pid: Pid) {
    let _ = kill_process(pid, Signal::KILL);
}

pub(crate) fn pid_of(child: &Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()).ok()?)
}
