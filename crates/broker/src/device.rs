//! A device code as people see it.

use lanyard_api::DeviceReply;
use lanyard_core::provider::UserCode;
use qrcode::{Color, EcLevel, QrCode};

/// Longest address that is drawn: version 10 holds it, which fits a terminal of 80 columns with its
/// quiet zone.
const LONGEST: usize = 271;

pub(crate) fn reply(code: &UserCode) -> DeviceReply {
    let page = code.page_with_code.as_ref().unwrap_or(&code.page);
    DeviceReply {
        user_code: code.code.clone(),
        verification_uri: code.page.to_string(),
        verification_uri_complete: code.page_with_code.as_ref().map(ToString::to_string),
        expires_at: code.expires_at,
        qr: drawn(&page.to_string()),
    }
}

fn drawn(address: &str) -> Vec<String> {
    let fits = address.len() <= LONGEST;
    let code = fits.then(|| QrCode::with_error_correction_level(address, EcLevel::L).ok());
    let Some(code) = code.flatten() else { return Vec::new() };
    let square = |color: &Color| color.select('#', ' ');
    code.to_colors().chunks(code.width()).map(|row| row.iter().map(square).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_drawn_as_a_square_with_three_finders() {
        let rows = drawn("https://id.example/device?user_code=ABCD-EFGH");
        assert!(rows.iter().all(|row| row.len() == rows.len()));
        let finder = ["#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"];
        for (row, expected) in rows.iter().zip(finder) {
            assert!(row.starts_with(expected) && row.ends_with(expected), "{row}");
        }
        assert!(rows[rows.len() - 7..].iter().zip(finder).all(|(row, it)| row.starts_with(it)));
    }

    #[test]
    fn the_longest_address_still_fits_a_terminal() {
        assert_eq!(drawn(&format!("https://{}", "a".repeat(LONGEST - 8))).len(), 57);
    }

    #[test]
    fn an_address_of_ten_kilobytes_is_not_drawn() {
        assert!(drawn(&format!("https://id.example/{}", "a".repeat(10_000))).is_empty());
    }
}
