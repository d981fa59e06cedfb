//! Asks a running broker for a cached token again and again: `bench-socket SOCKET PROFILE CLIENTS
//! REQUESTS`. Prints the median and the 99th percentile in microseconds, and requests a second.
//! Each client keeps its connection and sends one request after the other.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, socket, profile, clients, requests] = args.as_slice() else {
        panic!("bench-socket SOCKET PROFILE CLIENTS REQUESTS");
    };
    let clients: usize = clients.parse().expect("CLIENTS is a number");
    let requests: usize = requests.parse().expect("REQUESTS is a number");
    let body = format!("{{\"profile\":\"{profile}\"}}");
    let request = format!(
        "POST /v1/token HTTP/1.1\r\nHost: lanyard\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let began = Instant::now();
    let threads: Vec<_> = (0..clients)
        .map(|_| {
            let (socket, request) = (socket.clone(), request.clone());
            std::thread::spawn(move || client(&socket, request.as_bytes(), requests / clients))
        })
        .collect();
    let mut taken: Vec<Duration> =
        threads.into_iter().flat_map(|thread| thread.join().expect("a client finished")).collect();
    let all = began.elapsed();
    taken.sort();
    let at = |part: usize| taken[taken.len() * part / 100].as_micros();
    let rate = u128::try_from(taken.len()).unwrap_or(0) * 1_000_000 / all.as_micros();
    println!("{} {} {rate}", at(50), at(99));
}

fn client(socket: &str, request: &[u8], requests: usize) -> Vec<Duration> {
    let stream = UnixStream::connect(socket).expect("a broker listens");
    let mut answers = BufReader::new(stream.try_clone().expect("it can be cloned"));
    let mut stream = stream;
    (0..requests)
        .map(|_| {
            let began = Instant::now();
            stream.write_all(request).expect("it takes the request");
            answer(&mut answers);
            began.elapsed()
        })
        .collect()
}

fn answer(answers: &mut impl BufRead) {
    let (mut line, mut length, mut ok) = (String::new(), 0, false);
    loop {
        line.clear();
        answers.read_line(&mut line).expect("it answers");
        ok |= line.starts_with("HTTP/1.1 200");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length is a number");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    assert!(ok, "the broker refused");
    let mut body = vec![0; length];
    answers.read_exact(&mut body).expect("the whole answer comes");
}
