use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::Problem;

/// Starts a sign-in, or joins the one that is under way for the profile.
#[derive(Debug, Default, Clone, Serialize, Deserialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct SignInCall {
    /// The profile; without it the default one is meant.
    #[serde(default)]
    pub profile: Option<String>,
    /// Whom the provider's page should suggest.
    #[serde(default)]
    pub username: Option<String>,
    /// The tenant, where it is not the profile's.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Whether the person wants a code to enter on another device, whatever the profile's method.
    #[serde(default)]
    pub device: bool,
}

/// Hands over the address that the browser came back to.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnCall {
    /// The whole address, with its query. It carries a one-time code.
    pub url: String,
}

/// How far a sign-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum SignInPhase {
    /// The provider is being asked where to go.
    Starting,
    /// The person is to visit `authorization_url`.
    Visit,
    /// The person is to enter the code in `device`, in a browser on any machine.
    Device,
    /// The person is back, and the provider is asked for the tokens.
    Finishing,
    /// It worked: `account` says who.
    Done,
    /// It did not: `problem` says why.
    Failed,
    /// A phase of a newer broker.
    #[serde(other)]
    Unknown,
}

/// A sign-in under way, or just ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct SignInReply {
    /// What to ask about it with.
    pub id: String,
    /// The profile.
    pub profile: String,
    /// How far it is.
    pub phase: SignInPhase,
    /// The provider's page, to be opened in the system browser.
    pub authorization_url: Option<String>,
    /// Where the provider sends the browser back to.
    pub redirect_uri: Option<String>,
    /// The code to enter.
    pub device: Option<DeviceReply>,
    /// Who signed in.
    pub account: Option<String>,
    /// Their user name.
    pub username: Option<String>,
    /// Whether this call joined a sign-in that was under way.
    pub joined: bool,
    /// Why it failed.
    pub problem: Option<Problem>,
}

/// A code that the person enters on the provider's page (RFC 8628).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct DeviceReply {
    /// The code.
    pub user_code: String,
    /// The page to enter it on.
    pub verification_uri: String,
    /// The page with the code in it already.
    pub verification_uri_complete: Option<String>,
    /// When the code ends.
    #[schema(value_type = String, format = DateTime)]
    #[ts(type = "string")]
    pub expires_at: Timestamp,
    /// The page as a QR code: a line for each row, `#` for a dark square; empty where the address is
    /// too long for one.
    pub qr: Vec<String>,
}
