use lanyard_core::{SealKey, SecretKey};
use lanyard_harden::keep_resident;
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
    /// Takes both keys over, and keeps them out of swap where the user may lock memory. Every set of
    /// keys of this process comes to life here.
    pub fn new(file: SecretKey, seal: SealKey, salt: Salt) -> Self {
        if ![bytes_of(&file), bytes_of(&seal)].into_iter().all(|key| keep_resident(key)) {
            tracing::debug!("the keys' memory could not be locked");
        }
        Self { file, seal, salt }
    }

    /// Returns new keys for a new file.
    pub(crate) fn random() -> Self {
        let random = |bytes: &mut [u8]| {
            getrandom::fill(bytes).expect("the system has random numbers");
        };
        let mut salt = [0; SALT];
        random(&mut salt);
        let (file, seal) =
            (SecretKey::written(|key| random(key)), SealKey::written(|key| random(key)));
        Self::new(file, seal, Salt(salt))
    }

    /// Returns them once more, for a holder and a file at the same time.
    pub(crate) fn copy(&self) -> Self {
        self.with_salt(self.salt)
    }

    /// Returns the same keys for the file with this salt.
    pub(crate) fn with_salt(&self, salt: Salt) -> Self {
        let file = SecretKey::written(|key| key.copy_from_slice(bytes_of(&self.file)));
        let seal = SealKey::written(|key| key.copy_from_slice(bytes_of(&self.seal)));
        Self::new(file, seal, salt)
    }
}

/// Returns a key's bytes, on their way into SQLCipher, a seal or a holder.
#[expect(clippy::disallowed_methods, reason = "the one way out of a key, inside this crate")]
pub(crate) fn bytes_of(key: &impl ExposeSecret<[u8; 32]>) -> &[u8; 32] {
    key.expose_secret()
}

/// Writes sets of keys as text: a line for each, of salt, file's key and grants' key.
pub(crate) fn encode(sets: &[CacheKeys]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(sets.len() * 164));
    for set in sets {
        text.push_str(&set.salt.to_string());
        for key in [bytes_of(&set.file), bytes_of(&set.seal)] {
            text.push(' ');
            text.push_str(&secret_hex(key));
        }
        text.push('\n');
    }
    text
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode(text: &str) -> Option<Vec<CacheKeys>> {
    let set = |line: &str| {
        let mut words = line.split(' ');
        let salt = parse_salt(words.next()?)?;
        let file = parse_file_key(words.next()?)?;
        let seal = parse_seal_key(words.next()?)?;
        words.next().is_none().then(|| CacheKeys::new(file, seal, salt))
    };
    text.lines().map(set).collect()
}

/// Returns hexadecimal digits, of which no copy stays behind.
pub(crate) fn secret_hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

pub(crate) fn parse_salt(text: &str) -> Option<Salt> {
    let mut salt = [0; SALT];
    unhex(text, &mut salt).then_some(Salt(salt))
}

/// Reads a file's key straight into the place where it stays.
pub(crate) fn parse_file_key(text: &str) -> Option<SecretKey> {
    let mut whole = false;
    let key = SecretKey::written(|key| whole = unhex(text, key));
    whole.then_some(key)
}

/// Reads a key of grants straight into the place where it stays.
pub(crate) fn parse_seal_key(text: &str) -> Option<SealKey> {
    let mut whole = false;
    let key = SealKey::written(|key| whole = unhex(text, key));
    whole.then_some(key)
}

/// Reads hexadecimal digits that fill `bytes`; says whether they do.
pub(crate) fn unhex(text: &str, bytes: &mut [u8]) -> bool {
    let whole = text.len() == 2 * bytes.len() && text.bytes().all(|it| it.is_ascii_hexdigit());
    for (n, byte) in bytes.iter_mut().enumerate().take_while(|_| whole) {
        *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap_or_default();
    }
    whole
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
        assert_eq!(bytes_of(&again[1].seal), bytes_of(&sets[1].seal));
        assert!(decode("").unwrap().is_empty());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn keys_are_kept_out_of_swap_also_where_they_were_moved_to() {
        let sets = vec![CacheKeys::random(), CacheKeys::random().copy()];
        for set in &sets {
            assert!(is_locked(bytes_of(&set.file)) && is_locked(bytes_of(&set.seal)));
        }
    }

    /// Returns whether the kernel keeps the mapping with these bytes in memory (proc(5), `VmFlags`).
    #[cfg(target_os = "linux")]
    fn is_locked(key: &[u8; 32]) -> bool {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let hex = |text: &str| usize::from_str_radix(text, 16).ok();
        let range = |line: &str| {
            let (start, end) = line.split(' ').next()?.split_once('-')?;
            Some(hex(start)?..hex(end)?)
        };
        let has_key = |line: &&str| range(line).is_some_and(|it| it.contains(&key.as_ptr().addr()));
        let mut rest = maps.lines().skip_while(|line| !has_key(line));
        rest.find(|line| line.starts_with("VmFlags")).unwrap().contains(" lo")
    }

    #[test]
    fn damaged_keys_are_refused() {
        for bad in ["00", &"g".repeat(64), &"é".repeat(32), &"+f".repeat(32), &"0".repeat(66)] {
            assert!(!unhex(bad, &mut [0; 32]), "{bad}");
        }
        let mut bytes = [0; 32];
        assert!(unhex(&"0f".repeat(32), &mut bytes) && bytes == [15; 32]);
        assert_eq!(*secret_hex(&bytes), "0f".repeat(32));
        let good = encode(&[CacheKeys::random()]);
        for bad in [&good[1..], &good[..good.len() - 2], &format!("{} 00", good.trim_end())] {
            assert!(decode(bad).is_none(), "{bad}");
        }
    }
}
