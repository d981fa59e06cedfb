use lanyard_core::{SealKey, SecretKey, hex};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::salt::{SALT, Salt};

/// Stands for the salt of keys that an older version kept without one.
pub(crate) const UNKNOWN_SALT: Salt = Salt([0; SALT]);

/// Both keys of a cache file.
#[derive(Debug)]
pub struct CacheKeys {
    /// Opens the file.
    pub file: SecretKey,
    /// Opens the grants.
    pub seal: SealKey,
    /// Tells which file they are for.
    pub salt: Salt,
}

impl CacheKeys {
    /// Takes both keys over. Every key of this process comes to life here, and stays where it is put
    /// until it is dropped and wiped.
    pub fn new(file: Zeroizing<[u8; 32]>, seal: Zeroizing<[u8; 32]>, salt: Salt) -> Self {
        Self { file: SecretKey::new(file), seal: SealKey::new(seal), salt }
    }

    /// Returns new keys for a new file.
    pub fn random() -> Self {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).expect("the system has random numbers");
        Self::new(random_key(), random_key(), Salt(salt))
    }

    /// Returns them once more, for a holder and a file at the same time.
    pub(crate) fn copy(&self) -> Self {
        self.with_salt(self.salt)
    }

    /// Returns the same keys for the file with this salt.
    pub(crate) fn with_salt(&self, salt: Salt) -> Self {
        let (file, seal) = (self.file_bytes(), self.seal_bytes());
        Self::new(Zeroizing::new(*file), Zeroizing::new(*seal), salt)
    }

    #[expect(clippy::disallowed_methods, reason = "on the way into a holder, or into SQLCipher")]
    pub(crate) fn file_bytes(&self) -> &[u8; 32] {
        self.file.expose_secret()
    }

    #[expect(clippy::disallowed_methods, reason = "on the way into a holder")]
    pub(crate) fn seal_bytes(&self) -> &[u8; 32] {
        self.seal.expose_secret()
    }
}

fn random_key() -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *key).expect("the system has random numbers");
    key
}

/// Writes sets of keys as text: a line for each, of salt, file's key and grants' key.
pub(crate) fn encode(sets: &[CacheKeys]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(sets.len() * 164));
    for set in sets {
        text.push_str(&hex(&set.salt.0));
        for key in [set.file_bytes(), set.seal_bytes()] {
            text.push(' ');
            text.push_str(&Zeroizing::new(hex(key)));
        }
        text.push('\n');
    }
    text
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode(text: &str) -> Option<Vec<CacheKeys>> {
    let set = |line: &str| {
        let mut words = line.split(' ');
        let salt = Salt(*unhex(words.next()?)?);
        let (file, seal) = (unhex(words.next()?)?, unhex(words.next()?)?);
        words.next().is_none().then(|| CacheKeys::new(file, seal, salt))
    };
    text.lines().map(set).collect()
}

/// Reads hexadecimal digits of exactly `N` bytes.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    if text.len() != 2 * N || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_read_back_as_they_were() {
        let sets = [CacheKeys::random(), CacheKeys::random()];
        let again = decode(&encode(&sets)).unwrap();
        assert_eq!(again.len(), 2);
        assert_eq!(again[1].salt, sets[1].salt);
        assert_eq!(again[1].seal_bytes(), sets[1].seal_bytes());
        assert!(decode("").unwrap().is_empty());
    }

    #[test]
    fn damaged_keys_are_refused() {
        for bad in ["00", &"g".repeat(64), &"é".repeat(32), &"+f".repeat(32), &"0".repeat(66)] {
            assert!(unhex::<32>(bad).is_none(), "{bad}");
        }
        assert_eq!(*unhex(&"0f".repeat(32)).unwrap(), [15_u8; 32]);
        let good = encode(&[CacheKeys::random()]);
        for bad in [&good[1..], &good[..good.len() - 2], &format!("{} 00", good.trim_end())] {
            assert!(decode(bad).is_none(), "{bad}");
        }
    }
}
