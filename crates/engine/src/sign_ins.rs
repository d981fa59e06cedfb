use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lanyard_core::provider::UserCode;
use lanyard_core::{Code, Failure, ProfileName, RedirectAnswer, check_redirect};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::Engine;
use crate::sign_in::unknown_sign_in;

/// How far a sign-in is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInState {
    /// The provider is being asked where to go.
    Starting,
    /// The person is to visit the page.
    Visit {
        /// The provider's page.
        page: Url,
        /// Where it sends the browser back to.
        redirect_uri: Url,
    },
    /// The person is to enter a code, in a browser on any machine.
    Enter(UserCode),
    /// The person is back.
    Finishing,
    /// It worked.
    Done {
        /// Who signed in.
        account: String,
        /// Their user name.
        username: String,
    },
    /// It did not.
    Failed(Failure),
}

impl SignInState {
    /// Returns whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Failed(_))
    }
}

/// A sign-in, seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInView {
    /// What to ask about it with.
    pub id: String,
    /// The profile.
    pub profile: ProfileName,
    /// How far it is.
    pub state: SignInState,
}

/// The newest sign-in of each profile.
#[derive(Debug, Default)]
pub(crate) struct SignIns(Mutex<BTreeMap<ProfileName, Arc<SignIn>>>);

#[derive(Debug)]
pub(crate) struct SignIn {
    id: String,
    profile: ProfileName,
    state: watch::Sender<SignInState>,
    expected: Mutex<Option<Expected>>,
    cancelled: CancellationToken,
}

/// What a pasted return URL is checked against.
#[derive(Debug)]
struct Expected {
    redirect_uri: Url,
    state: String,
    answer: oneshot::Sender<RedirectAnswer>,
}

impl SignIns {
    /// Returns the profile's sign-in under way, or a new one; says which.
    pub(crate) fn join(&self, profile: &ProfileName) -> (Arc<SignIn>, bool) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(profile).filter(|known| !known.state.borrow().is_over()) {
            return (Arc::clone(known), true);
        }
        let new = Arc::new(SignIn {
            id: random_id(),
            profile: profile.clone(),
            state: watch::Sender::new(SignInState::Starting),
            expected: Mutex::default(),
            cancelled: CancellationToken::new(),
        });
        all.insert(profile.clone(), Arc::clone(&new));
        (new, false)
    }

    /// Gives up those that wait for the person.
    pub(crate) fn give_up(&self) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().for_each(|sign_in| sign_in.cancelled.cancel());
    }

    fn find(&self, id: &str) -> Option<Arc<SignIn>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().find(|sign_in| sign_in.id == id).cloned()
    }

    fn all(&self) -> Vec<SignInView> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().map(|sign_in| sign_in.view()).collect()
    }
}

impl SignIn {
    pub(crate) fn view(&self) -> SignInView {
        let state = self.state.borrow().clone();
        SignInView { id: self.id.clone(), profile: self.profile.clone(), state }
    }

    pub(crate) fn states(&self) -> watch::Receiver<SignInState> {
        self.state.subscribe()
    }

    pub(crate) fn set(&self, state: SignInState) {
        self.state.send_replace(state);
    }

    pub(crate) fn visit(
        &self,
        page: Url,
        redirect_uri: Url,
        state: String,
        answer: oneshot::Sender<RedirectAnswer>,
    ) {
        let expected = Expected { redirect_uri: redirect_uri.clone(), state, answer };
        *self.expected.lock().unwrap_or_else(PoisonError::into_inner) = Some(expected);
        self.set(SignInState::Visit { page, redirect_uri });
    }

    pub(crate) async fn given_up(&self) {
        self.cancelled.cancelled().await;
    }

    /// Hands over a pasted return URL, once.
    fn paste(&self, url: &str) -> Result<(), Failure> {
        let refused = |message: String| {
            Failure::new(Code::Usage, message)
                .action("paste the whole address that the browser shows")
        };
        let url =
            Url::parse(url.trim()).map_err(|_| refused("this is not an address".to_owned()))?;
        let mut slot = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let expected =
            slot.as_ref().ok_or_else(|| refused("no sign-in waits for this".to_owned()))?;
        let answer = check_redirect(&url, &expected.redirect_uri, &expected.state);
        let answer = answer.map_err(|error| refused(error.to_string()))?;
        if let Some(expected) = slot.take() {
            drop(expected.answer.send(answer));
        }
        Ok(())
    }
}

impl Engine {
    /// Returns the newest sign-in of each profile.
    pub fn sign_ins(&self) -> Vec<SignInView> {
        self.0.sign_ins.all()
    }

    /// Returns a sign-in once the person can act on it or it is over, or after `limit` as it is.
    ///
    /// # Errors
    /// `usage` if there is no such sign-in.
    pub async fn sign_in_begun(&self, id: &str, limit: Duration) -> Result<SignInView, Failure> {
        let begun = |state: &SignInState| *state != SignInState::Starting;
        self.wait_for(id, limit, begun).await
    }

    /// Returns a sign-in once the person can act on it, if it has not come so far, else once it is
    /// over; or after `limit` as it is.
    ///
    /// # Errors
    /// `usage` if there is no such sign-in.
    pub async fn sign_in_next(&self, id: &str, limit: Duration) -> Result<SignInView, Failure> {
        let sign_in = self.0.sign_ins.find(id).ok_or_else(unknown_sign_in)?;
        if sign_in.view().state == SignInState::Starting {
            return self.sign_in_begun(id, limit).await;
        }
        self.sign_in_over(id, limit).await
    }

    /// Returns a sign-in once it is over, or after `limit` as it is.
    ///
    /// # Errors
    /// `usage` if there is no such sign-in.
    pub async fn sign_in_over(&self, id: &str, limit: Duration) -> Result<SignInView, Failure> {
        self.wait_for(id, limit, SignInState::is_over).await
    }

    async fn wait_for(
        &self,
        id: &str,
        limit: Duration,
        reached: impl Fn(&SignInState) -> bool,
    ) -> Result<SignInView, Failure> {
        let sign_in = self.0.sign_ins.find(id).ok_or_else(unknown_sign_in)?;
        let mut states = sign_in.state.subscribe();
        drop(tokio::time::timeout(limit, states.wait_for(reached)).await);
        Ok(sign_in.view())
    }

    /// Hands over the address that the person pasted.
    ///
    /// # Errors
    /// `usage` says why it is not taken; the sign-in goes on.
    pub fn sign_in_return(&self, id: &str, url: &str) -> Result<(), Failure> {
        self.0.sign_ins.find(id).ok_or_else(unknown_sign_in)?.paste(url)
    }

    /// Gives a sign-in up.
    ///
    /// # Errors
    /// `usage` if there is no such sign-in.
    pub async fn sign_in_cancel(&self, id: &str) -> Result<SignInView, Failure> {
        let sign_in = self.0.sign_ins.find(id).ok_or_else(unknown_sign_in)?;
        sign_in.cancelled.cancel();
        let mut states = sign_in.state.subscribe();
        drop(states.wait_for(SignInState::is_over).await);
        Ok(sign_in.view())
    }
}

pub(crate) fn random_id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    lanyard_core::hex(&bytes)
}
