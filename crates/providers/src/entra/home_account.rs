use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::oauth::Claims;

/// Entra's `client_info`: who somebody is in their home tenant.
#[derive(Deserialize)]
struct ClientInfoWire {
    uid: String,
    utid: String,
}

/// Returns MSAL's home account id, `uid.utid`: the same for a person in every tenant. Without
/// `client_info` it is made of the ID token's object id (or subject) and tenant.
pub(crate) fn home_account_id(client_info: Option<&str>, claims: &Claims, tid: &str) -> String {
    match client_info.and_then(parse) {
        Some(info) => format!("{}.{}", info.uid, info.utid),
        None => format!("{}.{tid}", claims.oid.as_deref().unwrap_or(&claims.sub)),
    }
}

fn parse(client_info: &str) -> Option<ClientInfoWire> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(client_info.trim_end_matches('=')).ok()?;
    let info: ClientInfoWire = serde_json::from_slice(&json).ok()?;
    let plain = |text: &str| !text.is_empty() && text.len() <= 128 && text.is_ascii();
    (plain(&info.uid) && plain(&info.utid)).then_some(info)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_info_names_the_home_account() {
        let info = BASE64_URL_SAFE_NO_PAD.encode(r#"{"uid":"u","utid":"t"}"#);
        assert_eq!(home_account_id(Some(&info), &Claims::default(), "x"), "u.t");
    }

    #[test]
    fn without_it_the_id_token_does() {
        let claims = Claims { sub: "s".into(), oid: Some("o".into()), ..Claims::default() };
        for bad in [None, Some("%%%"), Some("e30"), Some("")] {
            assert_eq!(home_account_id(bad, &claims, "t"), "o.t");
        }
    }
}
