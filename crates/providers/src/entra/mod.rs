//! Microsoft Entra ID: one grant for several tenants, tokens kept for each.

mod descriptor;
mod home_account;

use async_trait::async_trait;
use lanyard_core::config::Profile;
use lanyard_core::descriptor::Descriptor;
use lanyard_core::provider::{
    AcquireRequest, Acquired, Person, Provider, ProviderError, ProviderErrorKind, RedirectRule,
    Revocation, SignInRequest, SignedIn, Way,
};
use lanyard_core::{Audience, Binding, Grant, Scopes, Tenant, WebUrl};
use openidconnect::Nonce;
use url::Url;

pub(crate) use self::descriptor::DESCRIPTOR;
use self::home_account::home_account_id;
use crate::http::Http;
use crate::oauth::{
    self, Answer, ClientAuth, CodeFlow, DeviceFlow, Discovery, Expected, Post, RefreshRequest,
};

/// Asked for beside what a profile lists: who it is, and a grant.
const OWN_SCOPES: [&str; 3] = ["openid", "profile", "offline_access"];

/// Stands in an issuer for the tenant of the token, and in a grant's endpoint for any tenant.
const TENANT_IN_ISSUER: &str = "{tenantid}";
const TENANT_IN_ENDPOINT: &str = "{tenant}";

/// Asks for who somebody is in their home tenant.
const CLIENT_INFO: [(&str, &str); 1] = [("client_info", "1")];

/// Microsoft Entra ID.
pub(crate) struct Entra {
    http: Http,
}

impl Entra {
    pub(crate) fn new(http: Http) -> Self {
        Self { http }
    }

    async fn discover(&self, authority: &str, tenant: &str) -> Result<Discovery, ProviderError> {
        let is_issuer = |found: &str| match issuer_tenant(found, authority) {
            Some(TENANT_IN_ISSUER) => !is_guid(tenant),
            Some(found) if is_guid(tenant) => found.eq_ignore_ascii_case(tenant),
            Some(found) => is_guid(found),
            None => false,
        };
        let discovery = Discovery::load(&self.http, &base(authority, tenant), is_issuer).await?;
        let expected = token_endpoint(authority, tenant)?;
        if discovery.token_endpoint.origin() != expected.origin() {
            return Err(refused(
                ProviderErrorKind::Protocol,
                "the token endpoint is on another host than the authority",
            ));
        }
        Ok(discovery)
    }

    async fn by_browser(
        &self,
        profile: &Profile,
        request: &SignInRequest,
        discovery: &Discovery,
        scopes: &Scopes,
        person: &dyn Person,
    ) -> Result<(Answer, Option<Nonce>), ProviderError> {
        let hint = match &request.username {
            Some(name) => ("login_hint", name.clone()),
            None => ("prompt", "select_account".to_owned()),
        };
        let flow = CodeFlow {
            http: &self.http,
            discovery,
            auth: &client(profile),
            key: None,
            scopes,
            parameters: &[hint, ("client_info", "1".to_owned())],
            token_parameters: &CLIENT_INFO,
            clock: &*request.clock,
        };
        let exchanged = flow.run(redirect_rule(profile), person).await?;
        Ok((exchanged.answer, Some(exchanged.nonce)))
    }

    async fn by_device(
        &self,
        profile: &Profile,
        request: &SignInRequest,
        discovery: &Discovery,
        scopes: &Scopes,
        person: &dyn Person,
    ) -> Result<Answer, ProviderError> {
        let flow = DeviceFlow {
            http: &self.http,
            discovery,
            auth: &client(profile),
            key: None,
            scopes,
            token_parameters: &CLIENT_INFO,
            clock: &*request.clock,
        };
        flow.run(person).await
    }
}

#[async_trait]
impl Provider for Entra {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn discovery_document(&self, profile: &Profile) -> Option<WebUrl> {
        let tenant = profile.text("tenant").unwrap_or("organizations");
        Discovery::address(&base(authority(profile), tenant_name(tenant).ok()?)).ok()
    }

    fn issuer<'a>(&self, profile: &'a Profile) -> Option<&'a str> {
        Some(authority(profile))
    }

    async fn sign_in(
        &self,
        profile: &Profile,
        request: SignInRequest,
        person: &dyn Person,
    ) -> Result<SignedIn, ProviderError> {
        let authority = authority(profile);
        let asked =
            request.tenant.as_deref().or_else(|| profile.text("tenant")).unwrap_or("organizations");
        let discovery = self.discover(authority, tenant_name(asked)?).await?;
        let scopes = profile.scopes.clone().with(OWN_SCOPES);
        let by_device = request.way == Way::DeviceCode || profile.method.id == "device-code";
        let (mut answer, nonce) = match by_device {
            true => (self.by_device(profile, &request, &discovery, &scopes, person).await?, None),
            false => self.by_browser(profile, &request, &discovery, &scopes, person).await?,
        };
        let missing = || refused(ProviderErrorKind::Protocol, "the provider gave no ID token");
        let id_token = answer.token.id_token.as_ref().ok_or_else(missing)?;
        let claimed = oauth::unverified(id_token).and_then(|claims| claims.tid).unwrap_or_default();
        let issuer = discovery.issuer.replace(TENANT_IN_ISSUER, &claimed);
        let keys = discovery.keys(&self.http).await?;
        let (client_id, now) = (profile.client_id(), request.clock.now());
        let expected = Expected { issuer: &issuer, client_id, nonce: nonce.as_ref(), now };
        let claims = expected.check(id_token, keys)?;
        let tid = claims.tid.clone().filter(|tid| is_guid(tid)).ok_or_else(missing)?;
        let subject = home_account_id(answer.client_info.as_deref(), &claims, &tid);
        let name = Some(asked.to_owned()).filter(|asked| asked.contains('.') && !is_guid(asked));
        let binding = binding(profile);
        Ok(SignedIn {
            issuer: authority.to_owned(),
            subject,
            username: claims.username(),
            display_name: claims.display_name(),
            tenant: Some(Tenant { id: tid, name }),
            audience: Audience::Scopes(profile.scopes.clone()),
            grant: answer.take_grant(binding),
            token: answer.token,
        })
    }

    async fn acquire(
        &self,
        profile: &Profile,
        request: AcquireRequest<'_>,
    ) -> Result<Acquired, ProviderError> {
        if request.grant.binding != binding(profile) {
            let message = "the profile names another authority or client than at the sign-in";
            return Err(refused(ProviderErrorKind::SignInRequired, message));
        }
        let endpoint = token_endpoint(authority(profile), tenant_name(request.tenant)?)?;
        let scopes = match request.audience {
            Audience::Scopes(scopes) => scopes.clone(),
            Audience::Resource(resource) => {
                [format!("{}/.default", resource.trim_end_matches('/'))]
                    .into_iter()
                    .collect::<Scopes>()
            }
        };
        let scopes = scopes.with(OWN_SCOPES);
        let mut parameters: Vec<(&'static str, &str)> = vec![("client_info", "1")];
        parameters.extend(request.claims.map(|claims| ("claims", claims)));
        let auth = client(profile);
        let post =
            Post { http: &self.http, auth: &auth, url: &endpoint, key: None, now: request.now };
        let call = RefreshRequest { scopes: &scopes, parameters: &parameters };
        let answer = oauth::refresh(post, request.grant, call).await?;
        let client_info = answer.client_info.as_deref();
        let is_other = |token| {
            let claims = oauth::unverified(token);
            claims.is_none_or(|it| {
                let tid = it.tid.as_deref().unwrap_or_default();
                home_account_id(client_info, &it, tid) != request.subject
            })
        };
        if answer.token.id_token.as_ref().is_some_and(is_other) {
            let message = "the provider answered with another person's token";
            return Err(refused(ProviderErrorKind::Protocol, message));
        }
        let oauth::Answer { token, refresh_token: rotated, grant_expires_at, .. } = answer;
        Ok(Acquired { token, rotated, grant_expires_at })
    }

    fn is_issuer(&self, profile: &Profile, issuer: &str) -> bool {
        let (authority, tenant) = (authority(profile), profile.text("tenant").unwrap_or_default());
        let of_tenant = |found: &str| !is_guid(tenant) || found.eq_ignore_ascii_case(tenant);
        issuer == authority || issuer_tenant(issuer, authority).is_some_and(of_tenant)
    }

    /// Entra has no endpoint of RFC 7009.
    async fn revoke(&self, _: &Profile, _: Grant) -> Result<Revocation, ProviderError> {
        Ok(Revocation::NotOffered)
    }
}

fn base(authority: &str, tenant: &str) -> String {
    format!("{authority}/{tenant}/v2.0")
}

fn authority(profile: &Profile) -> &str {
    let overridden = profile.endpoints.get("authority").map(WebUrl::as_str);
    overridden.or_else(|| profile.text("authority")).unwrap_or_default().trim_end_matches('/')
}

fn client(profile: &Profile) -> ClientAuth {
    ClientAuth::public(profile.client_id())
}

fn binding(profile: &Profile) -> Binding {
    let authority = authority(profile);
    Binding {
        issuer: authority.to_owned(),
        token_endpoint: format!("{authority}/{TENANT_IN_ENDPOINT}/oauth2/v2.0/token"),
        client_id: profile.client_id().to_owned(),
    }
}

fn token_endpoint(authority: &str, tenant: &str) -> Result<Url, ProviderError> {
    let text = format!("{authority}/{tenant}/oauth2/v2.0/token");
    let url = WebUrl::parse(&text).map(|url| url.url().clone());
    url.map_err(|_| refused(ProviderErrorKind::Misconfigured, "the authority is no address"))
}

/// Native apps of Entra register `http://localhost`, with any port.
fn redirect_rule(profile: &Profile) -> RedirectRule {
    RedirectRule {
        host: "localhost".to_owned(),
        path: profile.text("redirect_path").unwrap_or("/").to_owned(),
        ports: profile.ports("redirect_ports").to_vec(),
    }
}

/// Returns the tenant in an issuer of this authority: `{authority}/TENANT/v2.0`.
fn issuer_tenant<'a>(issuer: &'a str, authority: &str) -> Option<&'a str> {
    let tenant = issuer.strip_prefix(authority)?.strip_prefix('/')?.strip_suffix("/v2.0")?;
    (!tenant.contains('/')).then_some(tenant)
}

/// Checks a tenant: letters, digits, `-` and `.`, as in azure-identity.
fn tenant_name(tenant: &str) -> Result<&str, ProviderError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if tenant.is_empty() || tenant.len() > 255 || !tenant.chars().all(allowed) {
        let message = "a tenant is a domain or an id: letters, digits, '-' and '.'";
        return Err(refused(ProviderErrorKind::Misconfigured, message));
    }
    Ok(tenant)
}

fn is_guid(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

fn refused(kind: ProviderErrorKind, message: &str) -> ProviderError {
    ProviderError::new(kind, message)
}
