use lanyard_core::provider::Revocation;
use lanyard_core::{Account, AccountId, Caller, Code, Failure, Grant, ProfileName};

use crate::Engine;

/// What became of a sign-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOut {
    /// The user name that was signed out.
    pub username: String,
    /// Whether the provider ended the grant too.
    pub revoked: bool,
    /// What the person should know.
    pub message: String,
}

impl Engine {
    /// Ends an account's grant at the provider where it offers that, then forgets the account,
    /// also when the provider cannot be reached.
    ///
    /// # Errors
    /// `usage` if there is no such account; `config-invalid` while the config file has a mistake, as
    /// the provider could not be told then.
    pub async fn sign_out(&self, account: &str, caller: &Caller) -> Result<SignedOut, Failure> {
        let id = AccountId::from_text(account);
        self.config()?;
        self.find_account(&id).await?;
        let (engine, caller) = (self.clone(), caller.clone());
        let begun = self.0.tasks.spawn(async move { engine.end(id, &caller).await });
        begun.await.unwrap_or_else(|_| Err(Failure::new(Code::Failed, "the sign-out broke off")))
    }

    async fn find_account(&self, id: &AccountId) -> Result<Account, Failure> {
        let accounts = self.0.store.accounts().await?;
        let found = accounts.iter().find(|summary| summary.account.id == *id);
        found.map(|summary| summary.account.clone()).ok_or_else(|| {
            Failure::new(Code::Usage, "there is no such account").action("see `lanyard status`")
        })
    }

    /// Runs to its end, also when the caller goes away: a grant that is revoked must be forgotten.
    async fn end(&self, id: AccountId, caller: &Caller) -> Result<SignedOut, Failure> {
        let lock = self.grant_lock(&id);
        let _held = lock.lock().await;
        let account = self.find_account(&id).await?;
        let (revoked, message) = self.revoke(&account).await;
        self.0.store.change(move |cache| cache.remove_account(&id)).await?;
        self.settle_sign_in(&account.profile);
        self.release_if_unused(&account.profile).await;
        self.note(
            "sign-out",
            Some(caller),
            account.profile.as_str(),
            Some(account.id.to_string()),
            None,
            None,
        );
        self.changed();
        Ok(SignedOut { username: account.username, revoked, message })
    }

    /// Lets the profile change by itself again, once nobody is signed in through it.
    async fn release_if_unused(&self, profile: &ProfileName) {
        let Ok(accounts) = self.0.store.accounts().await else { return };
        if accounts.iter().all(|summary| summary.account.profile != *profile) {
            self.release_profile(profile.as_str());
        }
    }

    async fn last_grant(&self, account: &AccountId) -> Option<Grant> {
        if let Some(unsaved) = self.0.grants.take_unsaved(account) {
            return Some(unsaved);
        }
        let id = account.clone();
        let stored = self.0.store.run(move |cache| cache.find_grant(&id)).await.ok().flatten();
        stored.map(|(grant, _)| grant)
    }

    async fn revoke(&self, account: &Account) -> (bool, String) {
        let Some(grant) = self.last_grant(&account.id).await else {
            return (false, "forgotten here; there was no grant to end at the provider".to_owned());
        };
        let config = self.config().ok();
        let Some(profile) = config.as_ref().and_then(|config| config.profile(&account.profile))
        else {
            return (
                false,
                "forgotten here; its profile is gone, so the provider was not told".to_owned(),
            );
        };
        let Ok(provider) = self.provider(profile) else {
            return (false, "forgotten here; its provider is not known".to_owned());
        };
        match provider.revoke(profile, grant).await {
            Ok(Revocation::Revoked) => {
                (true, "ended at the provider, and forgotten here".to_owned())
            }
            Ok(Revocation::NotOffered) => {
                let name = profile.provider.label;
                (
                    false,
                    format!(
                        "forgotten here; {name} offers no way to end the grant, which ends by itself"
                    ),
                )
            }
            Err(error) => {
                (false, format!("forgotten here; the provider could not be told: {error}"))
            }
        }
    }
}
