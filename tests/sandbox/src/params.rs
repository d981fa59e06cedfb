//! Form and query parameters, with the repeated ones told apart.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

/// Parsed parameters. One without a value counts as absent (RFC 6749, 3.1).
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
}

impl Params {
    /// Parses `encoded`, a query or a form body.
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        let mut params = Self::default();
        for (name, value) in url::form_urlencoded::parse(encoded) {
            if params.values.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                params.repeated.insert(name.into_owned());
            }
        }
        params
    }

    /// Returns the value of `name`, unless it is empty.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Says whether `name` was sent at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Says whether `name` came more than once.
    pub(crate) fn is_repeated(&self, name: &str) -> bool {
        self.repeated.contains(name)
    }

    /// Returns the first name that came more than once.
    pub(crate) fn first_repeated(&self) -> Option<&str> {
        self.repeated.first().map(String::as_str)
    }

    /// Returns the names, sorted.
    pub(crate) fn into_names(self) -> Vec<String> {
        self.values.into_keys().collect()
    }
}

/// Says whether the headers announce a form body.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let Some(Ok(kind)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
