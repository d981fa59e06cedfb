//! Metadata and public keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::oauth::device::GRANT_TYPE;
use crate::settings::Pushing;
use crate::world::World;

/// Returns the metadata document (OIDC Discovery 1.0, RFC 8414, RFC 9207).
pub(crate) async fn discovery(State(world): State<Arc<World>>) -> Json<Value> {
    let issuer = world.oidc_issuer();
    let faults = world.faults.current();
    let wrong = faults.wrong_issuer;
    let mut metadata = json!({
        "issuer": if wrong { "https://other.example" } else { &issuer },
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "authorization_response_iss_parameter_supported": true,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "grant_types_supported": ["authorization_code", "refresh_token", GRANT_TYPE],
        "token_endpoint_auth_methods_supported":
            ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "device_authorization_endpoint": format!("{issuer}/device"),
        "registration_endpoint": format!("{issuer}/register"),
    });
    if faults.secret_in_form_only {
        metadata["token_endpoint_auth_methods_supported"] = json!(["none", "client_secret_post"]);
    }
    if world.settings.pushing != Pushing::Off {
        metadata["pushed_authorization_request_endpoint"] = format!("{issuer}/par").into();
    }
    if world.settings.pushing == Pushing::Required {
        metadata["require_pushed_authorization_requests"] = true.into();
    }
    Json(metadata)
}

/// Returns the public keys.
pub(crate) async fn jwks(State(world): State<Arc<World>>) -> Json<Value> {
    Json(world.oidc_keys.current().await.jwks())
}
