use async_trait::async_trait;
use lanyard_core::config::Profile;
use lanyard_core::provider::{
    Person, ProviderError, ProviderErrorKind, Redirect, RedirectRule, SignInRequest, SignedIn,
};
use lanyard_core::{Account, AccountId, Caller, Code, Failure, RedirectAnswer, TokenKey};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use url::Url;

use crate::sign_ins::{SignIn, SignInState, SignInView};
use crate::{Engine, choose};

/// How long the person may take in the browser.
const PATIENCE: Duration = Duration::from_mins(10);

/// Where redirects arrive; the far end of a sign-in.
#[async_trait]
pub trait Callbacks: Send + Sync {
    /// Starts to listen by the rule. The page that the person comes back to waits for `outcome`, and
    /// says it.
    async fn listen(
        &self,
        rule: RedirectRule,
        outcome: watch::Receiver<SignInState>,
    ) -> Result<Box<dyn Listener>, ProviderError>;
}

/// A listener for one redirect, until it is dropped.
#[async_trait]
pub trait Listener: Send {
    /// Returns the redirect URI.
    fn uri(&self) -> &Url;

    /// Waits for the one answer that carries `state`; turns every other away.
    async fn wait(self: Box<Self>, state: String) -> Result<RedirectAnswer, ProviderError>;
}

impl Engine {
    /// Starts a sign-in, or joins the one that is under way for the profile. Says which.
    ///
    /// # Errors
    /// `usage` if there is no such profile.
    pub fn sign_in(
        &self,
        profile: Option<&str>,
        username: Option<String>,
        tenant: Option<String>,
        caller: &Caller,
    ) -> Result<(SignInView, bool), Failure> {
        self.check_unlocked()?;
        let config = self.config()?;
        let profile = choose::profile(&config, profile)?.clone();
        choose::check_tenant(&profile, tenant.as_deref())?;
        let provider = self.provider(&profile)?;
        let (sign_in, joined) = self.0.sign_ins.join(&profile.name);
        if joined {
            return Ok((sign_in.view(), true));
        }
        let request = SignInRequest { username, tenant, clock: Arc::clone(&self.0.clock) };
        let (engine, running, caller) = (self.clone(), Arc::clone(&sign_in), caller.clone());
        self.0.tasks.spawn(async move {
            let visitor = Visitor { engine: engine.clone(), sign_in: Arc::clone(&running) };
            let attempt = timeout(PATIENCE, provider.sign_in(&profile, request, &visitor));
            let outcome = tokio::select! {
                outcome = attempt => outcome.unwrap_or_else(|_| Err(too_late())),
                () = running.given_up() => Err(given_up()),
                () = engine.0.stopped.cancelled() => Err(given_up()),
            };
            engine.finish(&profile, &caller, &running, outcome).await;
        });
        Ok((sign_in.view(), false))
    }

    async fn finish(
        &self,
        profile: &Profile,
        caller: &Caller,
        sign_in: &SignIn,
        outcome: Result<SignedIn, ProviderError>,
    ) {
        let stored = match outcome {
            Ok(signed_in) => self.keep(profile, signed_in).await,
            Err(error) => Err(error.to_failure()),
        };
        let (state, account, code) = match stored {
            Ok(account) => {
                self.settle_sign_in(&profile.name);
                self.hold_profile(profile.name.as_str());
                let id = account.id.to_string();
                (
                    SignInState::Done { account: id.clone(), username: account.username },
                    Some(id),
                    None,
                )
            }
            Err(failure) => {
                let code = failure.code;
                (SignInState::Failed(failure), None, Some(code))
            }
        };
        self.note("sign-in", Some(caller), profile.name.as_str(), account, None, code);
        sign_in.set(state);
        self.changed();
    }

    /// Stores what a sign-in gave. While it does, nobody uses the account's older grant.
    async fn keep(&self, profile: &Profile, signed_in: SignedIn) -> Result<Account, Failure> {
        let SignedIn { issuer, subject, username, display_name, tenant, audience, token, grant } =
            signed_in;
        let id = AccountId::derive(&profile.name, &issuer, &subject);
        let account = Account {
            id: id.clone(),
            profile: profile.name.clone(),
            provider: profile.provider.id.to_owned(),
            issuer,
            subject,
            username,
            display_name,
            tenant: tenant.as_ref().map(|tenant| tenant.id.clone()),
            direct: profile.direct,
            signed_in_at: token.obtained_at,
            last_refresh_at: Some(token.obtained_at),
            last_error: None,
        };
        let key = TokenKey {
            account: id.clone(),
            tenant: account.tenant.clone().unwrap_or_default(),
            client_id: profile.client_id().to_owned(),
            audience,
        };
        let lock = self.grant_lock(&id);
        let _held = lock.lock().await;
        let stored = account.clone();
        let put = move |cache: &mut lanyard_cache::Cache| {
            cache.put_sign_in(&stored, tenant.as_ref(), grant.as_ref(), (&key, &token))
        };
        self.0.store.change(put).await?;
        drop(self.0.grants.take_unsaved(&id));
        Ok(account)
    }
}

/// The person, as far as this sign-in meets them.
struct Visitor {
    engine: Engine,
    sign_in: Arc<SignIn>,
}

#[async_trait]
impl Person for Visitor {
    async fn expect_redirect(
        &self,
        rule: RedirectRule,
    ) -> Result<Box<dyn Redirect>, ProviderError> {
        let listener = self.engine.0.callbacks.listen(rule, self.sign_in.states()).await?;
        let (engine, sign_in) = (self.engine.clone(), Arc::clone(&self.sign_in));
        Ok(Box::new(Visit { engine, sign_in, listener }))
    }
}

struct Visit {
    engine: Engine,
    sign_in: Arc<SignIn>,
    listener: Box<dyn Listener>,
}

#[async_trait]
impl Redirect for Visit {
    fn uri(&self) -> &Url {
        self.listener.uri()
    }

    async fn visit(
        self: Box<Self>,
        page: Url,
        state: String,
    ) -> Result<RedirectAnswer, ProviderError> {
        let (sender, pasted) = oneshot::channel();
        self.sign_in.visit(page, self.listener.uri().clone(), state.clone(), sender);
        self.engine.changed();
        let answer = tokio::select! {
            answer = self.listener.wait(state) => answer,
            answer = pasted => answer.map_err(|_| given_up()),
        };
        self.sign_in.set(SignInState::Finishing);
        self.engine.changed();
        answer
    }
}

fn given_up() -> ProviderError {
    ProviderError::new(ProviderErrorKind::Denied, "the sign-in was given up")
}

fn too_late() -> ProviderError {
    ProviderError::new(
        ProviderErrorKind::TimedOut,
        "nobody finished the sign-in within ten minutes",
    )
}

/// Returns the failure for a sign-in that is not known.
pub(crate) fn unknown_sign_in() -> Failure {
    Failure::new(Code::Usage, "there is no such sign-in").action("start it again")
}
