//! Processes, as `/proc` shows them.

use std::path::Path;

/// The tray and window that a broker started.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Views {
    /// The tray's process.
    pub tray: Option<i32>,
    /// The window's process.
    pub window: Option<i32>,
}

/// Returns the tray and window of the broker: its launcher is their parent.
pub fn views(broker: i32) -> Views {
    let mut views = Views::default();
    for view in children(broker).into_iter().flat_map(children) {
        let line = std::fs::read(format!("/proc/{view}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        match line.split_once(' ') {
            Some((program, "tray --answers ")) if program.ends_with("/lanyard-daemon") => {
                views.tray = Some(view);
            }
            Some((program, "--answers ")) if program.ends_with("/lanyard-app") => {
                views.window = Some(view);
            }
            Some(_) | None => {}
        }
    }
    views
}

/// Returns the names of a process's variables, or `None` where its memory is protected from this one.
///
/// # Panics
/// If there is no such process.
pub fn variables(pid: i32) -> Option<Vec<String>> {
    assert!(Path::new(&format!("/proc/{pid}")).exists());
    let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    let name = |line: &[u8]| {
        let line = String::from_utf8_lossy(line).into_owned();
        line.split('=').next().unwrap_or_default().to_owned()
    };
    Some(environment.split(|byte| *byte == 0).filter(|line| !line.is_empty()).map(name).collect())
}

fn children(parent: i32) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| parent_of(*pid) == Some(parent)).collect()
}

/// The fourth field of `/proc/PID/stat` (proc(5)); the second, a name, may hold blanks.
fn parent_of(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?.parse().ok()
}
