use std::io::Result;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use lanyard_harden::{Confinement, Measure, confine, outside};

/// Confines itself to the folder `inside`, and prints what it can still do: one line each.
pub(crate) fn try_everything(inside: &str, beyond: &str) {
    let (inside, beyond) = (Path::new(inside), Path::new(beyond));
    report(&confine_to(inside));
    said("exec", Command::new("/bin/true").status());
    said(
        "exec on a thread",
        std::thread::spawn(|| Command::new("/bin/true").status()).join().unwrap(),
    );
    said("exec outside", outside(|| Command::new("/bin/true").status()));
    said("ptrace", system(libc::SYS_ptrace, 0));
    said("ptrace outside", outside(|| system(libc::SYS_ptrace, 0)));
    said("unshare", system(libc::SYS_unshare, libc::CLONE_NEWUSER.into()));
    said("clone with a namespace", system(libc::SYS_clone, libc::CLONE_NEWUSER.into()));
    said("io_uring", system(libc::SYS_io_uring_setup, 1));
    said("keyctl", system(libc::SYS_keyctl, 0));
    said("write inside", std::fs::write(inside.join("file"), "text"));
    said("rename inside", std::fs::rename(inside.join("file"), inside.join("renamed")));
    said("socket inside", std::os::unix::net::UnixListener::bind(inside.join("socket")));
    said("link inside", std::os::unix::fs::symlink("/etc", inside.join("link")));
    said("write beyond", std::fs::write(beyond.join("other"), "text"));
    said("cut beyond", std::fs::File::create(beyond.join("there")));
    said("remove beyond", std::fs::remove_file(beyond.join("there")));
    said("write through a link", std::fs::write(inside.join("way-out"), "text"));
    said("read beyond", std::fs::read(beyond.join("there")));
    said("write to /dev/null", std::fs::write("/dev/null", "text"));
    said("listen", TcpListener::bind("127.0.0.1:0"));
    std::thread::spawn(|| std::thread::sleep(Duration::from_millis(1))).join().unwrap();
    println!("threads and timers: yes");
}

/// Prints what held where a thread was there before.
pub(crate) fn confine_with_threads(inside: &str) {
    let (end, until) = std::sync::mpsc::channel::<()>();
    let (ask, asked) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        until.recv().unwrap_err();
        said("exec on an older thread", Command::new("/bin/true").status());
        drop(ask);
    });
    report(&confine_to(Path::new(inside)));
    drop(end);
    asked.recv().unwrap_err();
    thread.join().unwrap();
}

/// Prints what another process runs, as seen from within and from outside.
pub(crate) fn look_at(pid: &str) {
    let look = {
        let link = format!("/proc/{pid}/exe");
        move || std::fs::read_link(&link)
    };
    report(&confine_to(Path::new("/nowhere")));
    said("look within", look());
    println!("{}", outside(look).unwrap().display());
}

fn confine_to(inside: &Path) -> Vec<Measure> {
    confine(&Confinement { writable: vec![inside.to_owned(), "/no/such/folder".into()] })
}

fn report(measures: &[Measure]) {
    println!("{}", serde_json::to_string(measures).unwrap());
}

fn said<T>(what: &str, done: Result<T>) {
    match done {
        Ok(_) => println!("{what}: yes"),
        Err(error) => println!("{what}: {}", error.kind()),
    }
}

/// Makes a system call with one argument, and returns whether it was let through.
#[expect(unsafe_code, reason = "calls that no library makes")]
fn system(call: i64, argument: i64) -> Result<()> {
    // SAFETY: with these arguments each of the calls fails, or alters this process only.
    match unsafe { libc::syscall(call, argument, 0_i64, 0_i64, 0_i64, 0_i64) } {
        -1 => Err(std::io::Error::last_os_error()),
        _ => Ok(()),
    }
}
