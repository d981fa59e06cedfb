use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use lanyard_core::config::{Config, Profile};
use lanyard_core::provider::{AcquireRequest, ProviderError, ProviderErrorKind};
use lanyard_core::{
    Account, Audience, Caller, Code, DEFAULT_MIN_VALID, Failure, Freshness, Grant, ProfileName,
    Scopes, Tenant, Token, TokenKey, freshness,
};

use crate::grants::Refreshed;
use crate::proof::{self, ProofFor};
use crate::{Engine, choose};

/// Asks for a token.
#[derive(Debug, Clone, Default)]
pub struct TokenRequest {
    /// The profile's name.
    pub profile: Option<String>,
    /// The issuer, in place of the profile's name.
    pub issuer: Option<String>,
    /// The account's id or user name.
    pub account: Option<String>,
    /// The tenant.
    pub tenant: Option<String>,
    /// The scopes, or those of the profile.
    pub scopes: Vec<String>,
    /// A resource indicator in place of scopes.
    pub resource: Option<String>,
    /// Which token of the answer.
    pub kind: Kind,
    /// How long it should be valid; `None` is the usual five minutes.
    pub min_valid: Option<Duration>,
    /// Whether to ask the provider in any case.
    pub force: bool,
    /// A claims challenge, as JSON.
    pub claims: Option<String>,
    /// How long to wait for the person, where they have to be asked.
    pub wait: Duration,
    /// The request that the token is going to be sent with, where a proof for it is wanted.
    pub proof_for: Option<ProofFor>,
}

/// Which token of a provider's answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The access token.
    #[default]
    Access,
    /// The ID token.
    Id,
}

impl Kind {
    /// Returns when this token of the answer ends.
    pub fn end(self, token: &Token) -> Timestamp {
        match self {
            Self::Access => token.expires_at,
            Self::Id => token.id_expires_at.unwrap_or(token.expires_at),
        }
    }
}

/// Where a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The cache.
    Cache,
    /// The provider, just now.
    Provider,
}

/// A token that was given out.
#[derive(Debug)]
pub struct Issued {
    /// The token.
    pub token: Token,
    /// Whose it is.
    pub account: Account,
    /// The tenant it is for.
    pub tenant: Option<String>,
    /// Where it came from.
    pub source: Source,
    /// Whether the token is bound to a key, and no bearer token.
    pub bound: bool,
    /// The proof that was asked for.
    pub proof: Option<String>,
    /// What the person should know.
    pub warning: Option<String>,
}

/// A request with everything chosen.
#[derive(Clone)]
struct Wanted {
    profile: Profile,
    account: Account,
    key: TokenKey,
    kind: Kind,
    min_valid: Duration,
    /// Whether the caller insists on `min_valid`.
    insists: bool,
    force: bool,
    claims: Option<String>,
}

impl Wanted {
    /// Returns whether this is what the profile itself asks for: a refusal of anything else says
    /// nothing of the account.
    fn is_usual(&self) -> bool {
        let tenant = self.account.tenant.as_deref().unwrap_or_default();
        self.claims.is_none()
            && self.key.tenant == tenant
            && self.key.audience == Audience::Scopes(self.profile.scopes.clone())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FlightKey {
    token: TokenKey,
    kind: Kind,
    min_valid: Duration,
    insists: bool,
    force: bool,
    claims: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Flown {
    token: Token,
    source: Source,
    warning: Option<String>,
}

impl Engine {
    /// Returns a token: the cached one while it is fresh, else a new one of the provider.
    ///
    /// # Errors
    /// `sign-in-required` or `prompt-pending` if a person has to act; `account-ambiguous` with the
    /// list; `provider-unreachable` if no valid token is at hand either.
    pub async fn token(&self, request: TokenRequest, caller: &Caller) -> Result<Issued, Failure> {
        self.check_unlocked().inspect_err(|_| self.note_locked(&request, caller))?;
        let config = self.config()?;
        let profile = choose::profile_for(&config, &request, |profile, issuer| {
            self.provider(profile).is_ok_and(|provider| provider.is_issuer(profile, issuer))
        })?;
        let profile = profile.clone();
        self.touch();
        let issued = self.issue(&config, &profile, &request, caller).await;
        let issued = match issued {
            Err(failure) if failure.code == Code::SignInRequired => {
                match self.ask_to_sign_in(&profile, caller, failure, request.wait).await {
                    Ok(()) => self.issue(&config, &profile, &request, caller).await,
                    Err(failure) => Err(failure),
                }
            }
            issued => issued,
        };
        self.note_token(caller, &profile, &request, &issued);
        issued
    }

    async fn issue(
        &self,
        config: &Config,
        profile: &Profile,
        request: &TokenRequest,
        caller: &Caller,
    ) -> Result<Issued, Failure> {
        let named = request.account.as_deref();
        let accounts = self.0.store.accounts_of(&profile.name, named).await?;
        let summary = self.pick(&accounts, profile, request, caller).await?;
        let wanted = wanted(profile, summary.account, request)?;
        proof::check(profile, request.proof_for.as_ref())?;
        self.permit(config, profile, &wanted.account, &wanted.key, caller, request.wait).await?;
        let flown = self.obtain(wanted.clone()).await?;
        self.used(&wanted.key);
        let tenant = Some(wanted.key.tenant.clone()).filter(|tenant| !tenant.is_empty());
        if request.kind == Kind::Id && flown.token.id_token.is_none() {
            return Err(Failure::new(Code::ProviderRefused, "the provider gave no ID token")
                .action("add the scope openid to the profile"));
        }
        let warning = flown
            .warning
            .or_else(|| self.short_life(wanted.kind.end(&flown.token), wanted.min_valid));
        let proof = match &request.proof_for {
            Some(proof_for) => {
                Some(self.prove(profile, &wanted.account, &flown.token, proof_for).await?)
            }
            None => None,
        };
        Ok(Issued {
            token: flown.token,
            bound: profile.binds_tokens() && request.kind == Kind::Access,
            proof,
            account: wanted.account,
            tenant,
            source: flown.source,
            warning,
        })
    }

    /// The decision: fresh, give it; else one flight for all who ask for the same.
    async fn obtain(&self, wanted: Wanted) -> Result<Flown, Failure> {
        if let Some(token) = self.fresh(&wanted).await? {
            return Ok(Flown { token, source: Source::Cache, warning: None });
        }
        let key = FlightKey {
            token: wanted.key.clone(),
            kind: wanted.kind,
            min_valid: wanted.min_valid,
            insists: wanted.insists,
            force: wanted.force,
            claims: wanted.claims.clone(),
        };
        let engine = self.clone();
        self.0.flights.join(key, async move { engine.fly(&wanted).await }).await
    }

    /// Refreshes the account while its grant is held by nobody else.
    async fn fly(&self, wanted: &Wanted) -> Result<Flown, Failure> {
        let lock = self.grant_lock(&wanted.key.account);
        let _held = lock.lock().await;
        // A lock waits for grants that are held before it, and for no others.
        self.check_unlocked()?;
        if let Err(failure) = self.settle(&wanted.key.account).await {
            return self.still_valid(wanted, failure).await;
        }
        if let Some(token) = self.fresh(wanted).await? {
            return Ok(Flown { token, source: Source::Cache, warning: None });
        }
        let refreshed = match self.0.pauses.find(&wanted.key.account, self.now()) {
            Some(failure) => Err(failure),
            None => self.refresh(wanted).await,
        };
        self.changed();
        match refreshed {
            Ok(token) => Ok(Flown { token, source: Source::Provider, warning: None }),
            Err(failure) => self.still_valid(wanted, failure).await,
        }
    }

    async fn fresh(&self, wanted: &Wanted) -> Result<Option<Token>, Failure> {
        if wanted.force || wanted.claims.is_some() {
            return Ok(None);
        }
        let found = self.0.store.find_token(&wanted.key).await?;
        let is_fresh = |token: &Token| {
            let end = wanted.kind.end(token);
            freshness(self.now(), token.obtained_at, end, wanted.min_valid) == Freshness::Fresh
        };
        Ok(found.filter(is_fresh))
    }

    /// Asks the provider, and stores its answer before anyone sees it.
    async fn refresh(&self, wanted: &Wanted) -> Result<Token, Failure> {
        let id = wanted.key.account.clone();
        let found = self.0.store.run(move |cache| cache.find_grant(&id)).await?;
        let (grant, dead) = found.ok_or_else(|| over(&wanted.profile.name))?;
        if dead {
            return Err(over(&wanted.profile.name));
        }
        let request = AcquireRequest {
            grant: &grant,
            tenant: &wanted.key.tenant,
            subject: &wanted.account.subject,
            audience: &wanted.key.audience,
            claims: wanted.claims.as_deref(),
            now: self.now(),
        };
        let acquired = self.provider(&wanted.profile)?.acquire(&wanted.profile, request).await;
        let acquired = match acquired {
            Ok(acquired) => acquired,
            Err(error) => return Err(self.refused(wanted, &error).await?),
        };
        let token = acquired.token;
        let expires_at = acquired.grant_expires_at.or(grant.expires_at);
        let binding = grant.binding;
        let rotated =
            acquired.rotated.map(|refresh_token| Grant { refresh_token, binding, expires_at });
        let key = wanted.key.clone();
        let tenant = Some(key.tenant.clone()).filter(|id| !id.is_empty());
        let tenant = tenant.map(|id| Tenant { id, name: None });
        self.save(Arc::new(Refreshed { key, token: token.clone(), rotated, tenant })).await?;
        self.note_refresh(&wanted.account, None);
        Ok(token)
    }

    /// Notes a refusal. Only a clear answer of the provider marks the grant as dead.
    async fn refused(&self, wanted: &Wanted, error: &ProviderError) -> Result<Failure, Failure> {
        let mut failure = error.to_failure();
        if failure.code == Code::SignInRequired {
            failure.action = Some(format!("run `lanyard login {}`", wanted.profile.name));
        }
        tracing::warn!(code = failure.code.as_str(), "a refresh failed");
        if let Some(pause) = error.kind.retry_after() {
            self.0.pauses.begin(&wanted.key.account, self.now(), pause, failure.clone());
        }
        let (id, noted) = (wanted.key.account.clone(), failure.clone());
        let dead = error.kind == ProviderErrorKind::GrantDead;
        if dead || wanted.is_usual() {
            let put = move |cache: &mut lanyard_cache::Cache| cache.put_refusal(&id, &noted, dead);
            self.0.store.change(put).await?;
        }
        self.note_refresh(&wanted.account, Some(failure.code));
        Ok(failure)
    }

    /// While the provider or the disk is down, a token that still works is better than none.
    async fn still_valid(&self, wanted: &Wanted, failure: Failure) -> Result<Flown, Failure> {
        let down = matches!(
            failure.code,
            Code::ProviderUnreachable | Code::TimedOut | Code::CacheUnavailable
        );
        if !down || wanted.force || wanted.claims.is_some() {
            return Err(failure);
        }
        let found = self.0.store.find_token(&wanted.key).await?;
        let Some(token) = found else { return Err(failure) };
        let asked = if wanted.insists { wanted.min_valid } else { Duration::ZERO };
        let end = wanted.kind.end(&token);
        if freshness(self.now(), token.obtained_at, end, asked) != Freshness::Fresh {
            return Err(failure);
        }
        let left = end.duration_since(self.now());
        let warning = format!("{failure}; this token is valid for {} s more", left.as_secs());
        Ok(Flown { token, source: Source::Cache, warning: Some(warning) })
    }

    /// Returns the warning for a token that the provider does not give for longer.
    fn short_life(&self, end: Timestamp, min_valid: Duration) -> Option<String> {
        let left = end.duration_since(self.now());
        let wanted = jiff::SignedDuration::try_from(min_valid).unwrap_or_default();
        (left < wanted).then(|| {
            format!("the provider gives tokens for less than the {} s asked for; this one is valid for {} s more",
                wanted.as_secs(), left.as_secs())
        })
    }

    /// Returns the present moment on the engine's clock, in whole milliseconds: what the cache keeps.
    pub fn now(&self) -> Timestamp {
        let now = self.0.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Refreshes a token that is in use, ahead of its end.
    pub(crate) async fn refresh_ahead(&self, account: Account, key: TokenKey, min_valid: Duration) {
        let Ok(config) = self.config() else { return };
        let Some(profile) = config.profile(&account.profile).cloned() else { return };
        let kind = Kind::Access;
        let (insists, force, claims) = (false, false, None);
        let wanted = Wanted { profile, account, key, kind, min_valid, insists, force, claims };
        if let Err(failure) = self.obtain(wanted).await {
            tracing::debug!(code = failure.code.as_str(), "a background refresh failed");
        }
    }
}

fn wanted(profile: &Profile, account: Account, request: &TokenRequest) -> Result<Wanted, Failure> {
    choose::check_tenant(profile, request.tenant.as_deref())?;
    let audience = audience(profile, request)?;
    let tenant = request.tenant.clone().or_else(|| account.tenant.clone()).unwrap_or_default();
    let key = TokenKey {
        account: account.id.clone(),
        tenant,
        client_id: profile.token_client(),
        audience,
    };
    Ok(Wanted {
        profile: profile.clone(),
        account,
        key,
        kind: request.kind,
        min_valid: request.min_valid.unwrap_or(DEFAULT_MIN_VALID),
        insists: request.min_valid.is_some(),
        force: request.force,
        claims: request.claims.clone(),
    })
}

fn audience(profile: &Profile, request: &TokenRequest) -> Result<Audience, Failure> {
    let usage = |message: &str, action: &str| Failure::new(Code::Usage, message).action(action);
    match (&request.resource, request.scopes.as_slice()) {
        (Some(_), [_, ..]) => {
            Err(usage("scopes and a resource exclude each other", "give --scope or --resource"))
        }
        (Some(resource), []) if Scopes::is_scope(resource) => {
            Ok(Audience::Resource(resource.clone()))
        }
        (Some(_), []) => Err(usage("this is not a resource indicator", "give an absolute URI")),
        (None, []) => Ok(Audience::Scopes(profile.scopes.clone())),
        (None, scopes) => match scopes.iter().all(|scope| Scopes::is_scope(scope)) {
            true => Ok(Audience::Scopes(scopes.iter().collect())),
            false => Err(usage("this is not a scope", "give scopes without blanks and quotes")),
        },
    }
}

/// Returns the failure for an account whose grant is over.
pub(crate) fn over(name: &ProfileName) -> Failure {
    Failure::new(Code::SignInRequired, format!("the sign-in to \"{name}\" is over"))
        .action(format!("run `lanyard login {name}`"))
}
