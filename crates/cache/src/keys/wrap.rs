//! Bytes wrapped by a passphrase: Argon2id makes a key of it, XChaCha20-Poly1305 seals the bytes.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use lanyard_core::{Passphrase, hex};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::{parse_salt, unhex};
use crate::salt::{SALT, Salt};

const NONCE: usize = 24;

/// Why what is wrapped did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrapProblem {
    /// It is not as it was written.
    Damaged,
    /// It asks for less work than is safe, or for more than is sensible.
    Cost,
    /// The passphrase is another one.
    Passphrase,
}

/// What is wrapped, as it stands in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wrapped {
    version: u32,
    /// The salts of the files that the keys inside are for.
    salts: Vec<String>,
    argon2id: Cost,
    nonce: String,
    sealed: String,
    /// SHA-256 of everything above: tells damage from a wrong passphrase.
    sha256: String,
}

/// What the passphrase costs whoever tries one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
}

impl Cost {
    /// The second choice of RFC 9106, section 4, which a laptop does in a fifth of a second.
    const MEMORY_KIB: u32 = 64 << 10;
    const PASSES: u32 = 3;
    const LANES: u32 = 1;
    /// The least that OWASP's password storage recommendations take.
    const LEAST_MEMORY_KIB: u32 = 19 << 10;
    const LEAST_PASSES: u32 = 2;
    /// A file of an enemy's must not take the machine down.
    const MOST_MEMORY_KIB: u32 = 1 << 20;
    const MOST_PASSES: u32 = 16;
    const MOST_LANES: u32 = 8;

    fn new() -> Self {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).expect("the system has random numbers");
        let (memory_kib, passes, lanes) = (Self::MEMORY_KIB, Self::PASSES, Self::LANES);
        Self { memory_kib, passes, lanes, salt: hex(&salt) }
    }

    fn is_lawful(&self) -> bool {
        (Self::LEAST_MEMORY_KIB..=Self::MOST_MEMORY_KIB).contains(&self.memory_kib)
            && (Self::LEAST_PASSES..=Self::MOST_PASSES).contains(&self.passes)
            && (1..=Self::MOST_LANES).contains(&self.lanes)
    }

    #[expect(clippy::disallowed_methods, reason = "the passphrase goes into the hash")]
    fn key(&self, passphrase: &Passphrase) -> Result<Zeroizing<[u8; 32]>, WrapProblem> {
        if !self.is_lawful() {
            return Err(WrapProblem::Cost);
        }
        let salt = parse_salt(&self.salt).ok_or(WrapProblem::Damaged)?;
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32));
        let params = params.map_err(|_| WrapProblem::Cost)?;
        let mut memory = vec![Block::default(); params.block_count()];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let (mut key, text) = (Zeroizing::new([0; 32]), passphrase.expose_secret().as_bytes());
        let hashed = argon2.hash_password_into_with_memory(text, &salt.0, &mut *key, &mut memory);
        memory.iter_mut().for_each(Zeroize::zeroize);
        hashed.map(|()| key).map_err(|_| WrapProblem::Damaged)
    }
}

impl Wrapped {
    const VERSION: u32 = 1;

    /// Wraps `bytes`, which are keys for the files with these salts.
    pub(crate) fn new(passphrase: &Passphrase, salts: &[Salt], bytes: &[u8]) -> Self {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).expect("the system has random numbers");
        let mut wrapped = Self {
            version: Self::VERSION,
            salts: salts.iter().map(Salt::to_string).collect(),
            argon2id: Cost::new(),
            nonce: hex(&nonce),
            sealed: String::new(),
            sha256: String::new(),
        };
        let key = wrapped.argon2id.key(passphrase).expect("its own cost is lawful");
        let head = wrapped.head();
        let payload = Payload { msg: bytes, aad: head.as_bytes() };
        let sealed = cipher(&key).encrypt(XNonce::from_slice(&nonce), payload);
        wrapped.sealed = hex(&sealed.expect("keys are far shorter than the cipher's limit"));
        wrapped.sha256 = wrapped.digest();
        wrapped
    }

    /// Reads what [`Self::to_text`] or [`Self::to_line`] wrote.
    pub(crate) fn parse(text: &str) -> Result<Self, WrapProblem> {
        let wrapped: Self = serde_json::from_str(text).map_err(|_| WrapProblem::Damaged)?;
        if wrapped.version != Self::VERSION || wrapped.sha256 != wrapped.digest() {
            return Err(WrapProblem::Damaged);
        }
        Ok(wrapped)
    }

    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("it has only texts and numbers") + "\n"
    }

    /// Returns the same on one line.
    pub(crate) fn to_line(&self) -> String {
        serde_json::to_string(self).expect("it has only texts and numbers") + "\n"
    }

    /// Opens it with the passphrase that wrapped it.
    pub(crate) fn open(&self, passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, WrapProblem> {
        let (mut nonce, mut sealed) = ([0; NONCE], vec![0; self.sealed.len() / 2]);
        if !unhex(&self.nonce, &mut nonce) || !unhex(&self.sealed, &mut sealed) {
            return Err(WrapProblem::Damaged);
        }
        let key = self.argon2id.key(passphrase)?;
        let head = self.head();
        let payload = Payload { msg: &sealed, aad: head.as_bytes() };
        let opened = cipher(&key).decrypt(XNonce::from_slice(&nonce), payload);
        opened.map(Zeroizing::new).map_err(|_| WrapProblem::Passphrase)
    }

    /// Returns the salts of the files that the keys inside are for.
    pub(crate) fn salts(&self) -> Vec<Salt> {
        self.salts.iter().filter_map(|salt| parse_salt(salt)).collect()
    }

    /// What stands in the clear, and is bound to what is sealed.
    fn head(&self) -> String {
        let Self { version, salts, argon2id: Cost { memory_kib, passes, lanes, salt }, .. } = self;
        let salts = salts.join(",");
        format!("lanyard-keys;{version};{salts};argon2id;{memory_kib};{passes};{lanes};{salt}")
    }

    fn digest(&self) -> String {
        let all = format!("{};{};{}", self.head(), self.nonce, self.sealed);
        hex(&<[u8; 32]>::from(Sha256::digest(all)))
    }
}

fn cipher(key: &Zeroizing<[u8; 32]>) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&**key).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_passphrase_opens_it() {
        let wrapped = Wrapped::new(&Passphrase::new("right"), &[Salt([3; 16])], b"secret");
        let read = Wrapped::parse(&wrapped.to_text()).unwrap();
        assert_eq!(read.salts(), [Salt([3; 16])]);
        assert_eq!(**read.open(&Passphrase::new("right")).unwrap(), *b"secret");
        assert_eq!(read.open(&Passphrase::new("wrong")), Err(WrapProblem::Passphrase));
    }

    #[test]
    fn damage_is_told_from_a_wrong_passphrase() {
        let text = Wrapped::new(&Passphrase::new("p"), &[Salt([3; 16])], b"secret").to_text();
        let swapped = text.replace(&"03".repeat(16), &"04".repeat(16));
        for damaged in ["", "{}", &text[..text.len() / 2], &swapped, &text.replace('1', "2")] {
            assert_eq!(Wrapped::parse(damaged).unwrap_err(), WrapProblem::Damaged, "{damaged}");
        }
    }

    #[test]
    fn too_little_and_too_much_work_is_refused_before_any_is_done() {
        for (memory_kib, passes, lanes) in
            [(8, 3, 1), (19 << 10, 1, 1), (u32::MAX, 3, 1), (65536, 100_000, 1), (65536, 3, 0)]
        {
            let mut wrapped = Wrapped::new(&Passphrase::new("p"), &[], b"secret");
            let salt = wrapped.argon2id.salt.clone();
            wrapped.argon2id = Cost { memory_kib, passes, lanes, salt };
            wrapped.sha256 = wrapped.digest();
            let read = Wrapped::parse(&wrapped.to_text()).unwrap();
            assert_eq!(read.open(&Passphrase::new("p")), Err(WrapProblem::Cost));
        }
    }

    #[test]
    fn whoever_moves_the_salts_cannot_hide_it() {
        let passphrase = Passphrase::new("p");
        let mut wrapped = Wrapped::new(&passphrase, &[Salt([3; 16])], b"secret");
        wrapped.salts = vec![Salt([4; 16]).to_string()];
        wrapped.sha256 = wrapped.digest();
        assert_eq!(wrapped.open(&passphrase), Err(WrapProblem::Passphrase));
    }
}
