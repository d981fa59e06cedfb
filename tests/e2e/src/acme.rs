//! A provider that exists for tests only. Its description alone yields command line values, config
//! keys, a form and a page of the guide.

use std::sync::Arc;

use async_trait::async_trait;
use lanyard_cli::Setup;
use lanyard_core::config::Profile;
use lanyard_core::descriptor::{Descriptor, Field, FieldKind, Method, Strap};
use lanyard_core::provider::{
    AcquireRequest, Acquired, Person, Provider, ProviderError, ProviderErrorKind, RedirectRule,
    Revocation, SecretSource, SignInRequest, SignedIn,
};
use lanyard_core::{AccessToken, Audience, Grant, Token};
use lanyard_providers::{DESCRIPTORS, Http};

/// Acme's description.
pub static ACME: Descriptor = Descriptor {
    id: "acme",
    label: "Acme Identity",
    summary: "A provider that exists for tests only",
    strap: Strap { light: "#5b21b6", dark: "#c4b5fd" },
    has_tenants: false,
    client_key: "badge",
    endpoints: &["gate"],
    methods: &[Method {
        id: "gatekeeper",
        label: "Gatekeeper",
        default_scopes: &["enter"],
        fields: &[
            Field {
                key: "gate",
                kind: FieldKind::Url,
                required: true,
                label: "Gate",
                help: "The gate's address",
                example: "https://gate.example",
                default: None,
            },
            Field {
                key: "badge",
                kind: FieldKind::Text,
                required: false,
                label: "Badge",
                help: "The badge's number",
                example: "7",
                default: Some("0"),
            },
        ],
    }],
};

struct Acme;

#[async_trait]
impl Provider for Acme {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    async fn sign_in(
        &self,
        profile: &Profile,
        request: SignInRequest,
        person: &dyn Person,
    ) -> Result<SignedIn, ProviderError> {
        let refused = |message: &str| ProviderError::new(ProviderErrorKind::Denied, message);
        let rule = RedirectRule { host: "localhost".into(), path: "/in".into(), ports: Vec::new() };
        let redirect = person.expect_redirect(rule).await?;
        let gate =
            profile.text("gate").unwrap_or_default().parse().map_err(|_| refused("no gate"))?;
        let answer = redirect.visit(gate, "acme-state".to_owned()).await?;
        answer.outcome.map_err(|_| refused("the gate stayed shut"))?;
        Ok(SignedIn {
            issuer: "https://gate.example".to_owned(),
            subject: "wile".to_owned(),
            username: "wile@acme.example".to_owned(),
            display_name: None,
            tenant: None,
            audience: Audience::Scopes(profile.scopes.clone()),
            token: Token {
                access_token: AccessToken::new("acme-token"),
                id_token: None,
                scopes: profile.scopes.clone(),
                id_expires_at: None,
                obtained_at: request.clock.now(),
                expires_at: request.clock.now() + std::time::Duration::from_hours(1),
            },
            grant: None,
        })
    }

    async fn acquire(&self, _: &Profile, _: AcquireRequest<'_>) -> Result<Acquired, ProviderError> {
        Err(ProviderError::new(ProviderErrorKind::SignInRequired, "the gate wants to see you"))
    }

    async fn revoke(&self, _: &Profile, _: Grant) -> Result<Revocation, ProviderError> {
        Ok(Revocation::NotOffered)
    }
}

/// Returns the set-up of a program that knows Acme beside the shipped providers.
pub fn setup() -> Setup {
    Setup { descriptors: descriptors(), ..Setup::of_process() }.with_daemon(providers)
}

/// Returns the shipped descriptions and Acme's.
pub fn descriptors() -> &'static [&'static Descriptor] {
    let all: Vec<&'static Descriptor> = DESCRIPTORS.iter().copied().chain([&ACME]).collect();
    Box::leak(all.into_boxed_slice())
}

fn providers(http: &Http, secrets: &Arc<dyn SecretSource>) -> Vec<Arc<dyn Provider>> {
    let mut all = lanyard_providers::all(http, secrets);
    all.push(Arc::new(Acme));
    all
}
