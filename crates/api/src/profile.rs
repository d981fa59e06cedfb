use lanyard_core::descriptor::{Descriptor, FieldKind};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A profile of the config file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct ProfileReply {
    /// Its name.
    pub name: String,
    /// The provider's id.
    pub provider: String,
    /// The method's id.
    pub method: String,
    /// What tokens are for where a caller does not say.
    pub scopes: Vec<String>,
    /// Whether it is meant where none is named.
    pub default: bool,
}

/// A provider, described for forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct ProviderReply {
    /// The value of `provider` in the config file.
    pub id: String,
    /// The name that people know it by.
    pub label: String,
    /// One sentence on what it is for.
    pub summary: String,
    /// The colour of its badges.
    pub strap: StrapReply,
    /// How one can sign in.
    pub methods: Vec<MethodReply>,
}

/// A badge's colour in both themes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct StrapReply {
    /// On a light surface, as `#rrggbb`.
    pub light: String,
    /// On a dark surface.
    pub dark: String,
}

/// One way to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct MethodReply {
    /// The value of `method` in the config file.
    pub id: String,
    /// Its name in words.
    pub label: String,
    /// The form's fields in order.
    pub fields: Vec<FieldReply>,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct FieldReply {
    /// The key in the config file.
    pub key: String,
    /// `text`, `url`, `flag`, `texts`, `ports` or `secret-ref`.
    pub kind: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// Its name.
    pub label: String,
    /// One sentence of help.
    pub help: String,
    /// A value to show as an example.
    pub example: String,
    /// The value that counts where there is none.
    pub default: Option<String>,
}

impl From<&Descriptor> for ProviderReply {
    fn from(descriptor: &Descriptor) -> Self {
        let method = |method: &lanyard_core::descriptor::Method| MethodReply {
            id: method.id.to_owned(),
            label: method.label.to_owned(),
            fields: method.fields.iter().map(FieldReply::from).collect(),
        };
        let strap = descriptor.strap;
        Self {
            id: descriptor.id.to_owned(),
            label: descriptor.label.to_owned(),
            summary: descriptor.summary.to_owned(),
            strap: StrapReply { light: strap.light.to_owned(), dark: strap.dark.to_owned() },
            methods: descriptor.methods.iter().map(method).collect(),
        }
    }
}

impl From<&lanyard_core::descriptor::Field> for FieldReply {
    fn from(field: &lanyard_core::descriptor::Field) -> Self {
        let kind = match field.kind {
            FieldKind::Text | FieldKind::Choice(_) => "text",
            FieldKind::Url => "url",
            FieldKind::Flag => "flag",
            FieldKind::Texts => "texts",
            FieldKind::Ports => "ports",
            FieldKind::SecretRef => "secret-ref",
        };
        Self {
            key: field.key.to_owned(),
            kind: kind.to_owned(),
            required: field.required,
            label: field.label.to_owned(),
            help: field.help.to_owned(),
            example: field.example.to_owned(),
            default: field.default.map(str::to_owned),
        }
    }
}
