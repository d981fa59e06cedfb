//! The one thread that Landlock does not confine.
//!
//! Within a Landlock domain the kernel hides the executable, the folder and the namespaces of every
//! process outside of it, as it refuses to trace them. The broker has to see who calls.

use std::io;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

type Work = Box<dyn FnOnce() + Send>;

static OUTSIDE: OnceLock<Sender<Work>> = OnceLock::new();

/// Runs `work` where the confined process still sees other processes, and returns what it returns.
/// Blocks meanwhile. Seccomp applies there too.
///
/// # Panics
/// If `work` does.
pub fn outside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let Some(outside) = OUTSIDE.get() else { return work() };
    let (sender, receiver) = channel();
    let work = Box::new(move || drop(sender.send(work())));
    outside.send(work).expect("its thread ends with the process");
    receiver.recv().expect("the work sends what it returns, unless it panics")
}

fn run(work: &Mutex<Option<Work>>) {
    let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(work) = work {
        work();
    }
}

/// Starts the thread, in a process that has no other but the calling one.
pub(super) fn begin() -> io::Result<()> {
    crate::alone("confined")?;
    let (sender, receiver) = channel::<Work>();
    let start = move || {
        // Each piece of work has its own thread: one that takes long keeps nobody waiting.
        for work in receiver {
            let work = Arc::new(Mutex::new(Some(work)));
            let theirs = Arc::clone(&work);
            let named = std::thread::Builder::new().name("looks-at-caller".to_owned());
            // Without a thread to be had, this one does it.
            if named.spawn(move || run(&theirs)).is_err() {
                run(&work);
            }
        }
    };
    std::thread::Builder::new().name("outside".to_owned()).spawn(start)?;
    OUTSIDE.set(sender).map_err(|_| io::Error::other("this process is confined already"))
}
