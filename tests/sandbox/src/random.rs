//! Values that nobody can guess.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Returns a random text of 43 characters after `prefix`, which says what the text is.
pub(crate) fn token(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes::<32>()))
}

/// Returns a random UUID, version 4.
pub(crate) fn uuid() -> String {
    let mut raw = bytes::<16>();
    raw[6] = raw[6] & 0x0f | 0x40;
    raw[8] = raw[8] & 0x3f | 0x80;
    let hex: Vec<String> = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |range: std::ops::Range<usize>| hex[range].concat();
    [part(0..4), part(4..6), part(6..8), part(8..10), part(10..16)].join("-")
}

/// Returns a code that a person can type: eight consonants (RFC 8628, section 6.1).
pub(crate) fn user_code() -> String {
    let letters = b"BCDFGHJKLMNPQRSTVWXZ";
    let letter = |byte: &u8| char::from(letters[usize::from(*byte) % letters.len()]);
    let text: String = bytes::<8>().iter().map(letter).collect();
    format!("{}-{}", &text[..4], &text[4..])
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut raw = [0; N];
    getrandom::fill(&mut raw).expect("the system has random bytes");
    raw
}
