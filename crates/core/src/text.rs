/// Returns `text` without characters that change how a line is shown: control characters, line
/// separators and the marks that turn the direction of text (Unicode UAX #9), cut to `limit`
/// characters.
pub fn printable(text: &str, limit: usize) -> String {
    let mut shown: String = text.chars().filter(|c| is_plain(*c)).take(limit).collect();
    if text.chars().filter(|c| is_plain(*c)).nth(limit).is_some() {
        shown.push('…');
    }
    shown
}

/// Returns whether `text` is a line that `printable` would leave as it is.
pub fn plain_line(text: &str) -> bool {
    text.chars().all(is_plain)
}

/// Returns the bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect()
}

fn is_plain(c: char) -> bool {
    let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{061c}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    !c.is_control() && !turns && !breaks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_direction_marks_are_taken_out() {
        assert_eq!(printable("a\u{1b}[31m\u{202e}b\n", 80), "a[31mb");
    }

    #[test]
    fn bytes_are_two_digits_each() {
        assert_eq!(hex(&[0, 15, 255]), "000fff");
    }

    #[test]
    fn long_text_is_cut_with_an_ellipsis() {
        assert_eq!(printable("abcdef", 3), "abc…");
        assert_eq!(printable("abc", 3), "abc");
    }
}
