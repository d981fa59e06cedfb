//! The demo's Lanyard configuration.

use crate::entra::{CLIENT_ID, TENANT};
use crate::server::Sandbox;

/// Returns a `config.toml` with a profile for each provider of `sandbox`.
pub fn demo(sandbox: &Sandbox) -> String {
    let issuer = sandbox.oidc_issuer();
    let authority = sandbox.entra_authority();
    format!(
        r#"default_profile = "company"

[profile.company]
provider = "oidc"
issuer = "{issuer}"
client_id = "lanyard"
scopes = ["openid", "profile", "offline_access"]

[profile.contoso]
provider = "entra"
method = "authorization-code"
authority = "{authority}"
tenant = "{TENANT}"
client_id = "{CLIENT_ID}"
scopes = ["https://management.azure.com/.default"]
"#
    )
}
