//! What hostile bytes are tried on that has no other way in. For tests.

use jiff::Timestamp;
use lanyard_core::IdToken;
use openidconnect::Nonce;
use openidconnect::core::CoreJsonWebKeySet;

use crate::oauth::{self, Expected};

/// Keys whose private halves nobody has.
const KEYS: &str = r#"{"keys":[
    {"kty":"OKP","crv":"Ed25519","kid":"e","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// Says whether an ID token is taken for one of the issuer of [`KEYS`].
///
/// # Panics
/// Where its claims make the program panic.
pub fn believes_id_token(text: &str) -> bool {
    let token = IdToken::new(text);
    if let Some(claims) = oauth::unverified(&token) {
        drop((claims.username(), claims.display_name(), claims.end()));
    }
    let keys: CoreJsonWebKeySet = serde_json::from_str(KEYS).expect("it is a key set");
    let (issuer, client_id) = ("https://id.example", "client");
    let (nonce, now) = (Nonce::new("n".to_owned()), Timestamp::UNIX_EPOCH);
    Expected { issuer, client_id, nonce: Some(&nonce), now }.check(&token, keys).is_ok()
}
