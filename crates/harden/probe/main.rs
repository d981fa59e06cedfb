//! A process that hardens itself and says what it can still do. It exists for the tests.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a part of the tests")]

mod confined;
mod launch;

use std::io::Read;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match *args.as_slice() {
        ["launch", program, ref arguments @ ..] => launch::start(program, arguments),
        ["launch-badly"] => launch::start_badly(),
        ["launch-and-stop"] => launch::start_and_stop(),
        ["launch-with-threads"] => launch::fork_with_threads(),
        ["begin"] => begin_and_wait(),
        ["clean", ..] => clean(),
        ["confined", inside, beyond] => confined::try_everything(inside, beyond),
        ["confined-with-threads", inside] => confined::confine_with_threads(inside),
        ["confined-outside", pid] => confined::look_at(pid),
        _ => panic!("unknown: {args:?}"),
    }
}

/// Says what held, and waits for the end of its input.
fn begin_and_wait() {
    println!("{}", serde_json::to_string(&lanyard_harden::begin()).unwrap());
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Prints arguments, name, variables and mapped files, after a restart if one was needed.
#[expect(clippy::disallowed_methods, reason = "the environment is what is looked at")]
fn clean() {
    lanyard_harden::clean_environment().unwrap();
    println!("{:?}", std::env::args().collect::<Vec<_>>());
    print!("{}", std::fs::read_to_string("/proc/self/comm").unwrap());
    println!("{:?}", std::env::vars_os().map(|(name, _)| name).collect::<Vec<_>>());
    print!("{}", std::fs::read_to_string("/proc/self/maps").unwrap());
}
