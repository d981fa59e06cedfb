use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A profile's name: 1 to 64 of letters, digits, `-`, `_` and `.`, starting with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ProfileName(String);

/// Why a text is no profile name.
#[derive(Debug, thiserror::Error)]
#[error(
    "a profile name is 1 to 64 letters, digits, '-', '_' or '.', and starts with a letter or digit"
)]
pub struct InvalidName;

impl ProfileName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ProfileName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts_well || text.len() > 64 || !text.chars().all(letters) {
            return Err(InvalidName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for ProfileName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An opaque, stable name for who signed in through which profile: 16 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId(String);

impl AccountId {
    /// Returns the id of `subject` at `issuer`, signed in through `profile`.
    pub fn derive(profile: &ProfileName, issuer: &str, subject: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [profile.as_str(), issuer, subject] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut id = crate::hex(&hash.finalize());
        id.truncate(16);
        Self(id)
    }

    /// Returns an id that was stored or typed before.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_spaces_markup_or_paths_are_refused() {
        for bad in ["", " ", "a b", "../x", "-x", "<b>", "a\u{202e}b", &"x".repeat(65)] {
            assert!(bad.parse::<ProfileName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn ids_do_not_depend_on_where_the_parts_are_cut() {
        let profile: ProfileName = "p".parse().unwrap();
        assert_ne!(AccountId::derive(&profile, "ab", "c"), AccountId::derive(&profile, "a", "bc"));
    }
}
