use async_trait::async_trait;
use lanyard_core::config::Profile;
use lanyard_core::provider::{
    Person, ProviderError, ProviderErrorKind, Redirect, RedirectRule, SignInRequest, SignedIn,
    UserCode, Way,
};
use lanyard_core::{Account, AccountId, Binding, Caller, Code, Failure, RedirectAnswer, TokenKey};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use url::Url;

use crate::sign_ins::{SignIn, SignInState, SignInView};
use crate::{Engine, choose};

/// How long the person may take in the browser.
const PATIENCE: Duration = Duration::from_mins(10);

/// Longest sign-in: a device code is good for half an hour at most, and what comes before and after
/// it takes seconds.
const LONGEST: Duration = Duration::from_mins(35);

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
        way: Way,
        caller: &Caller,
    ) -> Result<(SignInView, bool), Failure> {
        self.check_unlocked()?;
        self.touch();
        let config = self.config()?;
        let profile = choose::profile(&config, profile)?.clone();
        choose::check_tenant(&profile, tenant.as_deref())?;
        choose::check_way(&profile, way)?;
        let provider = self.provider(&profile)?;
        let (sign_in, joined) = self.0.sign_ins.join(&profile.name);
        if joined {
            return Ok((sign_in.view(), true));
        }
        let clock = Arc::clone(&self.0.clock);
        let (engine, running, caller) = (self.clone(), Arc::clone(&sign_in), caller.clone());
        self.0.tasks.spawn(async move {
            let visitor = Visitor { engine: engine.clone(), sign_in: Arc::clone(&running) };
            let attempt = async {
                let registered = engine.registered(&profile).await;
                let request = SignInRequest { username, tenant, way, registered, clock };
                provider.sign_in(&profile, request, &visitor).await
            };
            let attempt = timeout(LONGEST, attempt);
            let outcome = tokio::select! {
                outcome = attempt => outcome.unwrap_or_else(|_| Err(too_late())),
                () = running.given_up() => Err(given_up()),
                () = engine.0.stopped.cancelled() => Err(given_up()),
            };
            engine.finish(&profile, &caller, &running, outcome).await;
        });
        Ok((sign_in.view(), false))
    }

    /// Returns the client that the profile's newest grant is bound to, where the profile names none.
    async fn registered(&self, profile: &Profile) -> Option<Binding> {
        if !profile.client_id().is_empty() {
            return None;
        }
        let mut accounts = self.0.store.accounts().await.ok()?.to_vec();
        accounts.retain(|summary| summary.account.profile == profile.name);
        accounts.sort_by_key(|summary| std::cmp::Reverse(summary.account.signed_in_at));
        let ids = accounts.into_iter().map(|summary| summary.account.id);
        let newest = |cache: &mut lanyard_cache::Cache, ids: Vec<AccountId>| {
            for id in ids {
                if let Some((grant, _)) = cache.find_grant(&id)? {
                    return Ok(Some(grant.binding));
                }
            }
            Ok(None)
        };
        let ids: Vec<AccountId> = ids.collect();
        self.0.store.run(move |cache| newest(cache, ids)).await.ok().flatten()
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
            client_id: profile.token_client(),
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

    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError> {
        self.sign_in.set(SignInState::Enter(code));
        self.engine.changed();
        Ok(())
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
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
            () = tokio::time::sleep(PATIENCE) => Err(too_late()),
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
