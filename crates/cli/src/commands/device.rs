//! A device code on the terminal.

use jiff::Timestamp;
use lanyard_api::DeviceReply;
use lanyard_core::printable;
use serde_json::json;

use crate::output;

/// Light squares around a QR code, without which no camera finds it (ISO/IEC 18004).
const QUIET: usize = 4;

/// Shows the code: with a picture to a person at a terminal, as data with `--json`.
pub(crate) fn show(device: &DeviceReply, as_json: bool, terminal: bool) {
    if as_json {
        output::answer_json_line(&json!({
            "user_code": device.user_code,
            "verification_uri": device.verification_uri,
            "verification_uri_complete": device.verification_uri_complete,
            "expires_at": device.expires_at,
        }));
    }
    if terminal && !device.qr.is_empty() {
        output::note(&picture(&device.qr));
    }
    let code = printable(&device.user_code, 64);
    output::note(&format!("Open {}", device.verification_uri));
    output::note(&format!("and enter the code {code}, or scan the picture where there is one."));
    output::note(
        "Only go on if you started this yourself: whoever made you enter a code gets your sign-in.",
    );
}

/// Says how long the code is good for.
pub(crate) fn count_down(device: &DeviceReply, now: Timestamp) {
    let left = device.expires_at.duration_since(now).as_secs().max(0);
    let (minutes, seconds) = (left / 60, left % 60);
    output::progress(&format!(
        "Waiting for you… the code ends in {minutes}:{seconds:02} (Ctrl-C gives up)"
    ));
}

/// Draws a QR code, two rows in a line. It is dark on light whatever the terminal's colours are.
fn picture(rows: &[String]) -> String {
    let width = rows.len() + 2 * QUIET;
    let is_dark = |x: usize, y: usize| {
        let (x, y) = (x.checked_sub(QUIET), y.checked_sub(QUIET));
        let row = y.and_then(|y| rows.get(y));
        row.zip(x).is_some_and(|(row, x)| row.as_bytes().get(x) == Some(&b'#'))
    };
    let square = |x: usize, y: usize| match (is_dark(x, y), is_dark(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    let line = |y: usize| {
        let squares: String = (0..width).map(|x| square(x, y)).collect();
        format!("\x1b[30;107m{squares}\x1b[0m\n")
    };
    (0..width).step_by(2).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_quiet_zone_and_every_square() {
        let rows = ["##".to_owned(), " #".to_owned()];
        let lines: Vec<String> = picture(&rows).lines().map(plain).collect();
        let empty = " ".repeat(10);
        let expected = [&empty, &empty, "    ▀█    ", &empty, &empty];
        assert_eq!(lines, expected);
    }

    fn plain(line: &str) -> String {
        line.trim_start_matches("\x1b[30;107m").trim_end_matches("\x1b[0m").to_owned()
    }
}
