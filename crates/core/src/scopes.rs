use std::collections::BTreeSet;
use std::fmt;

/// A set of OAuth scopes: sorted, without repeats (RFC 6749, section 3.3).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Returns the scopes of a blank-separated list.
    pub fn parse(text: &str) -> Self {
        text.split_ascii_whitespace().collect()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether `scope` is one of them.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// Returns the scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Returns these scopes and `more`.
    #[must_use]
    pub fn with<'a>(mut self, more: impl IntoIterator<Item = &'a str>) -> Self {
        self.0.extend(more.into_iter().map(str::to_owned));
        self
    }

    /// Returns whether `scope` is made of the characters that RFC 6749 allows.
    pub fn is_scope(scope: &str) -> bool {
        let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        !scope.is_empty() && scope.len() <= 1024 && scope.bytes().all(allowed)
    }
}

impl<S: AsRef<str>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        Self(scopes.into_iter().map(|scope| scope.as_ref().to_owned()).collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, scope) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

/// What a token is for: scopes, or one resource (RFC 8707).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// A set of scopes.
    Scopes(Scopes),
    /// A resource indicator.
    Resource(String),
}

impl Audience {
    /// Returns the text that keys a token in the cache.
    pub fn key(&self) -> String {
        match self {
            Self::Scopes(scopes) => format!("scopes:{scopes}"),
            Self::Resource(resource) => format!("resource:{resource}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repeats_do_not_matter() {
        assert_eq!(Scopes::parse("b a  b"), ["a", "b"].into_iter().collect());
    }

    #[test]
    fn blanks_quotes_and_other_alphabets_are_no_scope() {
        for bad in ["", "a b", "a\"", "a\\", "é", "a\n"] {
            assert!(!Scopes::is_scope(bad), "{bad:?}");
        }
        assert!(Scopes::is_scope("https://management.azure.com/.default"));
    }
}
