/// ID tokens: only one with the right signature is believed, and the corpus has none.
pub fn id_token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    assert!(!lanyard_providers::fuzz::believes_id_token(&text), "a forged ID token was believed");
}
