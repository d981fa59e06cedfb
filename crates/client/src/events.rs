use http_body_util::BodyExt;
use hyper::body::Incoming;
use lanyard_api::{Event, LARGEST_BODY};
use lanyard_core::{Code, Failure};

/// The broker's server-sent events.
#[derive(Debug)]
pub struct Events {
    body: Incoming,
    buffer: Vec<u8>,
}

impl Events {
    pub(crate) fn new(body: Incoming) -> Self {
        Self { body, buffer: Vec::new() }
    }

    /// Returns the next event, or `None` once the broker is gone.
    pub async fn next(&mut self) -> Option<Result<Event, Failure>> {
        loop {
            if let Some(block) = take_block(&mut self.buffer) {
                match parse(&block) {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let frame = self.body.frame().await?;
            let Ok(frame) = frame else { return None };
            if let Some(data) = frame.data_ref() {
                self.buffer.extend_from_slice(data);
            }
            if self.buffer.len() > 8 * LARGEST_BODY {
                return Some(Err(Failure::new(Code::Failed, "the broker's event is too large")));
            }
        }
    }
}

/// Takes the first event, up to its empty line, out of the buffer.
fn take_block(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let end = buffer.windows(2).position(|pair| pair == b"\n\n")?;
    let rest = buffer.split_off(end + 2);
    Some(std::mem::replace(buffer, rest))
}

/// Returns the event, or `None` for a comment that only keeps the connection open.
fn parse(block: &[u8]) -> Option<Result<Event, Failure>> {
    let text = String::from_utf8_lossy(block);
    let lines = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let data: String = lines.map(str::trim_start).collect();
    if data.is_empty() {
        return None;
    }
    let unreadable = |_| Failure::new(Code::Failed, "the broker's event could not be read");
    Some(serde_json::from_str(&data).map_err(unreadable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_cut_at_empty_lines() {
        let mut buffer = b": hello\n\ndata: {\"event\":\"new\"}\n\ndata: {".to_vec();
        assert!(parse(&take_block(&mut buffer).unwrap()).is_none());
        let event = parse(&take_block(&mut buffer).unwrap()).unwrap();
        assert_eq!(event.unwrap(), Event::Unknown);
        assert!(take_block(&mut buffer).is_none());
    }
}
