//! The second seal of a grant: XChaCha20-Poly1305, bound to where the grant may be sent.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use lanyard_core::{AccountId, Binding, RefreshToken, SealKey};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::CacheError;
use crate::keys::bytes_of;

const NONCE: usize = 24;

#[expect(clippy::disallowed_methods, reason = "the secret is bound into SQL sealed")]
pub(crate) fn seal(
    key: &SealKey,
    account: &AccountId,
    binding: &Binding,
    secret: &RefreshToken,
) -> Vec<u8> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).expect("the system has random numbers");
    let place = place(account, binding);
    let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: &place };
    let sealed = cipher(key).encrypt(XNonce::from_slice(&nonce), payload);
    let sealed = sealed.expect("a refresh token is far shorter than the cipher's limit");
    [nonce.as_slice(), &sealed].concat()
}

pub(crate) fn open(
    key: &SealKey,
    account: &AccountId,
    binding: &Binding,
    sealed: &[u8],
) -> Result<RefreshToken, CacheError> {
    let damaged = || CacheError::Unsealable(account.to_string());
    let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or_else(damaged)?;
    let payload = Payload { msg: sealed, aad: &place(account, binding) };
    let text = cipher(key).decrypt(XNonce::from_slice(nonce), payload).map_err(|_| damaged())?;
    let text = Zeroizing::new(text);
    let text = std::str::from_utf8(&text).map_err(|_| damaged())?;
    Ok(RefreshToken::new(text))
}

fn cipher(key: &SealKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(bytes_of(key).into())
}

fn place(account: &AccountId, binding: &Binding) -> Vec<u8> {
    let parts = [account.as_str(), &binding.issuer, &binding.token_endpoint, &binding.client_id];
    let part = |part: &&str| [&(part.len() as u64).to_be_bytes(), part.as_bytes()].concat();
    parts.iter().flat_map(part).collect()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test looks at what came out")]
mod tests {
    use super::*;

    #[test]
    fn a_grant_opens_only_for_its_account_and_place() {
        let (key, account) = (key(1), AccountId::from_text("a"));
        let sealed = seal(&key, &account, &binding(), &RefreshToken::new("secret"));
        assert_eq!(open(&key, &account, &binding(), &sealed).unwrap().expose_secret(), "secret");

        let elsewhere =
            Binding { token_endpoint: "https://evil.example/token".into(), ..binding() };
        assert!(open(&key, &account, &elsewhere, &sealed).is_err());
        assert!(open(&key, &AccountId::from_text("b"), &binding(), &sealed).is_err());
        assert!(open(&self::key(2), &account, &binding(), &sealed).is_err());
    }

    #[test]
    fn damaged_seals_are_refused() {
        let (key, account) = (key(1), AccountId::from_text("a"));
        let mut sealed = seal(&key, &account, &binding(), &RefreshToken::new("secret"));
        assert!(open(&key, &account, &binding(), &sealed[..10]).is_err());
        assert!(open(&key, &account, &binding(), &[]).is_err());
        sealed[30] ^= 1;
        assert!(open(&key, &account, &binding(), &sealed).is_err());
    }

    fn key(byte: u8) -> SealKey {
        SealKey::new(Zeroizing::new([byte; 32]))
    }

    fn binding() -> Binding {
        let text = str::to_owned;
        Binding {
            issuer: text("https://id"),
            token_endpoint: text("https://id/token"),
            client_id: text("c"),
        }
    }
}
