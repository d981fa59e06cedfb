//! The second seal of a grant: XChaCha20-Poly1305, bound to where the grant may be sent.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use lanyard_core::{AccountId, Binding, ProofKey, RefreshToken, SealKey};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::CacheError;
use crate::keys::bytes_of;

const NONCE: usize = 24;

/// Begins a sealed refresh token that is bound to a key: the key's 32 bytes follow, then the text. A
/// plain refresh token is visible ASCII (RFC 6749, appendix A.17) and never begins like this; the
/// second byte is in no UTF-8 text, so that a program which does not know the form refuses it.
const BOUND: [u8; 2] = [0x00, 0xff];

pub(crate) fn seal(
    key: &SealKey,
    account: &AccountId,
    binding: &Binding,
    secret: &RefreshToken,
) -> Vec<u8> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).expect("the system has random numbers");
    let place = place(account, binding);
    let content = content(secret);
    let payload = Payload { msg: &content, aad: &place };
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
    read(&Zeroizing::new(text)).ok_or_else(damaged)
}

#[expect(clippy::disallowed_methods, reason = "the secret is bound into SQL sealed")]
fn content(secret: &RefreshToken) -> Zeroizing<Vec<u8>> {
    let text = secret.expose_secret().as_bytes();
    Zeroizing::new(match secret.key() {
        Some(key) => [BOUND.as_slice(), key.expose_secret(), text].concat(),
        None => text.to_vec(),
    })
}

fn read(content: &[u8]) -> Option<RefreshToken> {
    let Some(rest) = content.strip_prefix(&BOUND) else {
        return Some(RefreshToken::new(std::str::from_utf8(content).ok()?));
    };
    let (key, text) = rest.split_first_chunk::<32>()?;
    let key = ProofKey::new(Zeroizing::new(*key));
    Some(RefreshToken::new(std::str::from_utf8(text).ok()?).bound_to(Some(key)))
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
    fn a_grant_comes_back_with_the_key_that_it_is_bound_to() {
        let (key, account) = (key(1), AccountId::from_text("a"));
        let proof = ProofKey::new(Zeroizing::new([7; 32]));
        let bound = RefreshToken::new("secret").bound_to(Some(proof));
        let opened =
            open(&key, &account, &binding(), &seal(&key, &account, &binding(), &bound)).unwrap();
        assert_eq!(opened.expose_secret(), "secret");
        assert_eq!(opened.key().unwrap().expose_secret(), &[7; 32]);
    }

    #[test]
    fn a_bound_grant_is_no_text_to_a_program_that_knows_plain_ones_only() {
        let proof = ProofKey::new(Zeroizing::new([7; 32]));
        let content = content(&RefreshToken::new("secret").bound_to(Some(proof)));
        assert!(std::str::from_utf8(&content).is_err());
        assert!(read(&content[..20]).is_none());
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
