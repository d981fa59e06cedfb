use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// How long either side may take.
const LONGEST: Duration = Duration::from_secs(30);

/// How the way to the provider is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Everything arrives.
    Clear,
    /// Nobody answers.
    Refuses,
    /// Everything arrives late.
    Slow,
    /// The provider is broken.
    Broken,
    /// The provider asks to be left alone.
    Busy,
    /// An answer that is no answer.
    Garbage,
    /// The provider hears, and half of its answer arrives.
    CutsAnswer,
    /// The provider hears, and nothing arrives.
    LosesAnswer,
}

/// A rotation at the provider.
#[derive(Debug, Clone)]
pub(crate) struct Rotation {
    pub(crate) access_token: String,
    /// Whether the answer was passed on whole.
    pub(crate) delivered: bool,
}

/// The way to the provider, whose address stands for the provider's.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    weather: Weather,
    provider: Option<String>,
    rotations: Vec<Rotation>,
    under_way: u32,
}

impl Proxy {
    /// Listens. The thread ends with the process.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let shared =
            Shared { weather: Weather::Clear, provider: None, rotations: Vec::new(), under_way: 0 };
        let address = listener.local_addr().expect("it is bound");
        let proxy = Self { address, shared: Arc::new(Mutex::new(shared)) };
        let serving = proxy.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let proxy = serving.clone();
                std::thread::spawn(move || drop(proxy.serve(client)));
            }
        });
        proxy
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn leads_to(&self, provider: &str) {
        self.lock().provider = Some(provider.trim_start_matches("http://").to_owned());
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.lock().weather = weather;
    }

    /// Returns the rotations so far, once nothing is under way.
    pub(crate) fn rotations(&self) -> Vec<Rotation> {
        while self.lock().under_way > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.lock().rotations.clone()
    }

    fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        client.set_read_timeout(Some(LONGEST))?;
        let request = read_message(&mut client)?;
        self.lock().under_way += 1;
        let answered = self.answer(&mut client, &request);
        self.lock().under_way -= 1;
        answered
    }

    fn answer(&self, client: &mut TcpStream, request: &[u8]) -> std::io::Result<()> {
        let weather = self.lock().weather;
        let answer = match weather {
            Weather::Refuses => return client.shutdown(Shutdown::Both),
            Weather::Broken => plain("500 Internal Server Error", "<h1>broken</h1>"),
            Weather::Busy => plain("503 Service Unavailable\r\nRetry-After: 60", ""),
            Weather::Garbage => plain("200 OK", "{\"access_token\": 7, \u{0}"),
            Weather::Clear | Weather::Slow | Weather::CutsAnswer | Weather::LosesAnswer => {
                self.ask(request)?
            }
        };
        if weather == Weather::Slow {
            std::thread::sleep(Duration::from_millis(150));
        }
        let arrives = if weather == Weather::LosesAnswer {
            0
        } else if weather == Weather::CutsAnswer {
            answer.len() / 2
        } else {
            answer.len()
        };
        let sent = client.write_all(&answer[..arrives]);
        self.note(request, &answer, sent.is_ok() && arrives == answer.len());
        sent?;
        client.shutdown(Shutdown::Both)
    }

    fn ask(&self, request: &[u8]) -> std::io::Result<Vec<u8>> {
        let provider = self.lock().provider.clone().unwrap_or_default();
        let mut provider = TcpStream::connect(provider)?;
        provider.set_read_timeout(Some(LONGEST))?;
        provider.write_all(&closing(request))?;
        let mut answer = Vec::new();
        provider.read_to_end(&mut answer)?;
        Ok(answer)
    }

    fn note(&self, request: &[u8], answer: &[u8], delivered: bool) {
        let is_refresh = String::from_utf8_lossy(request).contains("grant_type=refresh_token");
        let body = String::from_utf8_lossy(answer);
        let body = body.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        let json: Value = serde_json::from_str(body).unwrap_or_default();
        let token = json["access_token"].as_str().filter(|_| is_refresh);
        let rotation = token.map(|token| Rotation { access_token: token.to_owned(), delivered });
        self.lock().rotations.extend(rotation);
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn plain(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Reads a head, and as much of a body as it announces.
fn read_message(from: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&message);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok(message);
            }
        }
        match from.read(&mut part)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => message.extend_from_slice(&part[..read]),
        }
    }
}

/// Has the provider close the connection after its answer.
fn closing(request: &[u8]) -> Vec<u8> {
    let line_end = request.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (line, rest) = request.split_at(line_end);
    [line, b"Connection: close\r\n", rest].concat()
}
