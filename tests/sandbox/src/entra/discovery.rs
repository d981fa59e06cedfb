//! Metadata and public keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::entra::directory::{find_tenant, is_shared};
use crate::entra::error::EntraError;
use crate::world::World;

/// Returns the metadata of a tenant. For `common` and `organizations` the issuer has a placeholder.
pub(crate) async fn discovery(
    State(world): State<Arc<World>>,
    Path(segment): Path<String>,
) -> Response {
    let authority = world.entra_authority();
    let (place, issuer) = match find_tenant(&segment) {
        Some(tenant) => (tenant.id, issuer(&authority, tenant.id)),
        None if is_shared(&segment) => (segment.as_str(), issuer(&authority, "{tenantid}")),
        None => return EntraError::unknown_tenant(&segment).into_response(world.clock.now()),
    };
    let wrong = world.faults.current().wrong_issuer;
    let issuer = if wrong { "https://other.example" } else { &issuer };
    Json(metadata(&format!("{authority}/{place}"), issuer)).into_response()
}

/// Returns the public keys, which all tenants share.
pub(crate) async fn keys(State(world): State<Arc<World>>) -> Json<Value> {
    Json(world.entra_keys.current().await.jwks())
}

/// Returns the issuer of a tenant's tokens.
pub(crate) fn issuer(authority: &str, tenant_id: &str) -> String {
    format!("{authority}/{tenant_id}/v2.0")
}

fn metadata(base: &str, issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "tenant_region_scope": "EU",
    })
}
