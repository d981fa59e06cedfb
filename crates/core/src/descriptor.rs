//! What a provider says of itself: its name, its methods, and the config keys of each. The CLI's
//! values, the sign-in form, the config file's checks and the docs table are all made from this.

/// A provider, described.
#[derive(Debug)]
pub struct Descriptor {
    /// The value of `provider` in the config file.
    pub id: &'static str,
    /// The name that people know it by.
    pub label: &'static str,
    /// One sentence on what it is for.
    pub summary: &'static str,
    /// The colour of its badges.
    pub strap: Strap,
    /// Whether accounts get tokens in tenants.
    pub has_tenants: bool,
    /// The key of a profile that names the client at the provider.
    pub client_key: &'static str,
    /// How one can sign in; the first is used where a profile names none.
    pub methods: &'static [Method],
    /// The hosts that can be overridden under `endpoints`.
    pub endpoints: &'static [&'static str],
}

/// A badge's colour in both themes, as `#rrggbb`.
#[derive(Debug, Clone, Copy)]
pub struct Strap {
    /// On a light surface.
    pub light: &'static str,
    /// On a dark surface.
    pub dark: &'static str,
}

/// One way to sign in.
#[derive(Debug)]
pub struct Method {
    /// The value of `method` in the config file.
    pub id: &'static str,
    /// Its name in words.
    pub label: &'static str,
    /// The keys that a profile with this method may have, in the order of the form.
    pub fields: &'static [Field],
    /// The scopes of a profile that lists none.
    pub default_scopes: &'static [&'static str],
}

/// One key of a profile.
#[derive(Debug)]
pub struct Field {
    /// The key in the config file.
    pub key: &'static str,
    /// What its value is.
    pub kind: FieldKind,
    /// Whether a profile without it is refused.
    pub required: bool,
    /// Its name in a form.
    pub label: &'static str,
    /// One sentence of help.
    pub help: &'static str,
    /// A value to show as an example.
    pub example: &'static str,
    /// The value that counts where there is none.
    pub default: Option<&'static str>,
}

/// What a key's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// An address: https, or http on loopback.
    Url,
    /// True or false.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of TCP ports.
    Ports,
    /// Where a secret is kept: `{ keyring = "…" }`, `{ env = "…" }` or `{ file = "…" }`.
    SecretRef,
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl FieldKind {
    /// Returns what an error says was expected.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Choice(_) => {
                "one of the words that `lanyard profile show PROVIDER --schema` lists"
            }
            Self::Text => "a line of text in quotes",
            Self::Url => "an https URL in quotes (http only on loopback)",
            Self::Flag => "true or false",
            Self::Texts => "a list of texts, such as [\"openid\"]",
            Self::Ports => "a list of ports from 1 to 65535, such as [8400]",
            Self::SecretRef => {
                "a reference: { keyring = \"NAME\" }, { env = \"NAME\" } or { file = \"PATH\" }"
            }
        }
    }
}

impl Descriptor {
    /// Returns the method with this id, or the first where `id` is `None`.
    pub fn method(&self, id: Option<&str>) -> Option<&'static Method> {
        match id {
            None => self.methods.first(),
            Some(id) => self.methods.iter().find(|method| method.id == id),
        }
    }
}

impl Method {
    /// Returns the field with this key.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}
