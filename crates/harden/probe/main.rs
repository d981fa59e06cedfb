//! A process that hardens itself and says what it can still do. It exists for the tests.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a part of the tests")]

mod launch;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match *args.as_slice() {
        ["launch", program, ref arguments @ ..] => launch::start(program, arguments),
        ["launch-badly"] => launch::start_badly(),
        ["launch-and-stop"] => launch::start_and_stop(),
        ["launch-with-threads"] => launch::fork_with_threads(),
        _ => panic!("unknown: {args:?}"),
    }
}
