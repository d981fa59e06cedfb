//! One type for each kind of secret. They print as `[redacted]`, cannot be serialised, hashed or
//! compared, and are wiped when dropped.

use std::fmt;

use secrecy::{ExposeSecret, SecretBox, SecretString};
use zeroize::Zeroizing;

/// Makes a secret type over text.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(SecretString);

        impl $name {
            /// Takes the text over; the caller keeps no copy.
            pub fn new(text: impl Into<String>) -> Self {
                Self(SecretString::from(text.into()))
            }
        }

        impl ExposeSecret<str> for $name {
            #[expect(clippy::disallowed_methods, reason = "forwards to the wrapped secret")]
            fn expose_secret(&self) -> &str {
                self.0.expose_secret()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

secret! {
    /// What a program sends to a resource (RFC 6749, section 1.4).
    ///
    /// No secret can be serialised, and so none can reach a view or a log by itself:
    ///
    /// ```compile_fail
    /// fn serialise(_: impl serde::Serialize) {}
    /// serialise(lanyard_core::AccessToken::new("secret"));
    /// ```
    AccessToken
}
secret! {
    /// Who signed in, said by the provider (OpenID Connect Core, section 2).
    IdToken
}
secret! {
    /// A confidential client's secret (RFC 6749, section 2.3.1).
    ClientSecret
}
secret! {
    /// What a browser brings back from a sign-in (RFC 6749, section 1.3.1). Used once: not `Clone`.
    AuthorizationCode
}
secret! {
    /// The secret half of a PKCE pair (RFC 7636). Used once: not `Clone`.
    PkceVerifier
}
secret! {
    /// What the person types to open the keys of the cache, or of a backup.
    Passphrase
}

impl Clone for AccessToken {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Clone for IdToken {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Makes a 256-bit key type.
macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(SecretBox<[u8; 32]>);

        impl $name {
            /// Takes the key over; the caller keeps no copy.
            pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
                Self::written(|key| key.copy_from_slice(&*bytes))
            }

            /// Returns the key that `write` puts where it stays until it is wiped.
            pub fn written(write: impl FnOnce(&mut [u8; 32])) -> Self {
                Self(SecretBox::init_with_mut(write))
            }
        }

        impl ExposeSecret<[u8; 32]> for $name {
            #[expect(clippy::disallowed_methods, reason = "forwards to the wrapped secret")]
            fn expose_secret(&self) -> &[u8; 32] {
                self.0.expose_secret()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

/// What gets new access tokens (RFC 6749, section 1.5), with the key that it is bound to, where it is
/// (RFC 9449). Used once, then replaced: not `Clone`.
#[derive(Debug)]
pub struct RefreshToken {
    text: SecretString,
    key: Option<ProofKey>,
}

impl RefreshToken {
    /// Takes the text over; the caller keeps no copy.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: SecretString::from(text.into()), key: None }
    }

    /// Returns it with the key that it is bound to.
    #[must_use]
    pub fn bound_to(mut self, key: Option<ProofKey>) -> Self {
        self.key = key;
        self
    }

    /// Returns the key that it is bound to.
    pub fn key(&self) -> Option<&ProofKey> {
        self.key.as_ref()
    }
}

impl ExposeSecret<str> for RefreshToken {
    #[expect(clippy::disallowed_methods, reason = "forwards to the wrapped secret")]
    fn expose_secret(&self) -> &str {
        self.text.expose_secret()
    }
}

impl Clone for ProofKey {
    #[expect(clippy::disallowed_methods, reason = "the copy is as secret as the original")]
    fn clone(&self) -> Self {
        Self::new(Zeroizing::new(*self.expose_secret()))
    }
}

key! {
    /// Signs the proofs that a token's holder is the one it was given to (RFC 9449).
    ProofKey
}
key! {
    /// Opens the cache file.
    SecretKey
}
key! {
    /// Opens the grants inside the cache file.
    SealKey
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_its_text() {
        let token = AccessToken::new("hunter2");
        assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
    }
}
