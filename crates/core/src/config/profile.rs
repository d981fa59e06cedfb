use std::collections::BTreeMap;

use crate::descriptor::{Descriptor, Method};
use crate::{ProfileName, Scopes, WebUrl};

/// How to sign in. Holds no secret.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// Its provider.
    pub provider: &'static Descriptor,
    /// Its method.
    pub method: &'static Method,
    /// What tokens are for where a caller does not say.
    pub scopes: Scopes,
    /// Whether programs may read valid access tokens of its accounts from the file.
    pub direct: bool,
    /// Hosts that are used in place of the provider's own, by endpoint key.
    pub endpoints: BTreeMap<&'static str, WebUrl>,
    /// The values of the descriptor's fields.
    pub values: BTreeMap<&'static str, Value>,
}

/// A field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One line of text.
    Text(String),
    /// An address.
    Url(WebUrl),
    /// True or false.
    Flag(bool),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of ports.
    Ports(Vec<u16>),
    /// Where a secret is kept.
    Secret(SecretRef),
}

/// Where a secret is kept; never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// In the OS keyring, under `lanyard secret set NAME`.
    Keyring(String),
    /// In this variable of the caller's environment.
    Env(String),
    /// In this file.
    File(String),
}

impl Profile {
    /// Returns the text under `key`, or its default.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key) {
            Some(Value::Text(text)) => Some(text),
            Some(Value::Url(url)) => Some(url.as_str()),
            Some(Value::Flag(_) | Value::Texts(_) | Value::Ports(_) | Value::Secret(_)) | None => {
                self.method.field(key).and_then(|field| field.default)
            }
        }
    }

    /// Returns the client's id at the provider; empty where it has none.
    pub fn client_id(&self) -> &str {
        self.text(self.provider.client_key).unwrap_or_default()
    }

    /// Returns the client under which tokens are kept: those that are bound to a key are of no use to
    /// who wants bearer tokens, and are kept apart from them.
    pub fn token_client(&self) -> String {
        let bound = if self.binds_tokens() { " dpop" } else { "" };
        format!("{}{bound}", self.client_id())
    }

    /// Returns whether tokens are bound to a key (RFC 9449).
    pub fn binds_tokens(&self) -> bool {
        self.flag("dpop")
    }

    /// Returns whether `key` is switched on.
    pub fn flag(&self, key: &str) -> bool {
        self.values.get(key) == Some(&Value::Flag(true))
    }

    /// Returns the ports under `key`.
    pub fn ports(&self, key: &str) -> &[u16] {
        match self.values.get(key) {
            Some(Value::Ports(ports)) => ports,
            _ => &[],
        }
    }

    /// Returns the reference to a secret under `key`.
    pub fn secret(&self, key: &str) -> Option<&SecretRef> {
        match self.values.get(key) {
            Some(Value::Secret(reference)) => Some(reference),
            _ => None,
        }
    }
}
