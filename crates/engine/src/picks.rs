//! Which account a program means, where several match.

use lanyard_cache::AccountSummary;
use lanyard_core::config::Profile;
use lanyard_core::{AccountId, Caller, Code, Failure};

use crate::prompts::approval_key;
use crate::question::{Answer, Choice, Prompt, Question};
use crate::token::TokenRequest;
use crate::{Engine, choose};

impl Engine {
    /// Returns the account that is meant: the named one, the only one, the one that the person chose
    /// for this program and folder, or the one that they choose now.
    ///
    /// # Errors
    /// `account-ambiguous` with the list where nobody can be asked, `prompt-pending` where the person
    /// has been.
    pub(crate) async fn pick(
        &self,
        accounts: &[AccountSummary],
        profile: &Profile,
        request: &TokenRequest,
        caller: &Caller,
    ) -> Result<AccountSummary, Failure> {
        let provider = self.provider(profile)?;
        let (issuer, named) = (provider.issuer(profile), request.account.as_deref());
        let ambiguous = match choose::account(accounts, profile, issuer, named) {
            Err(failure) if failure.code == Code::AccountAmbiguous => failure,
            settled => return settled,
        };
        let of_issuer: Vec<&AccountSummary> = accounts
            .iter()
            .filter(|summary| issuer.is_none_or(|issuer| summary.account.issuer == issuer))
            .collect();
        let found =
            |id: &AccountId| of_issuer.iter().find(|s| s.account.id == *id).copied().cloned();
        if let Some(chosen) = self.chosen(profile, caller).await?.as_ref().and_then(found) {
            return Ok(chosen);
        }
        if !self.shows() {
            return Err(ambiguous);
        }
        let question = Question::PickAccount {
            profile: profile.name.clone(),
            choices: choices(&of_issuer, profile),
        };
        match self.ask(question, caller, self.agent(caller), request.wait).await {
            Ok(Answer::Account(id)) => found(&id).ok_or(ambiguous),
            Ok(Answer::Allow | Answer::Refuse) => Err(ambiguous),
            Err(failure) => Err(failure),
        }
    }

    async fn chosen(
        &self,
        profile: &Profile,
        caller: &Caller,
    ) -> Result<Option<AccountId>, Failure> {
        let Some(program) = approval_key(caller, None) else { return Ok(None) };
        let profile = profile.name.clone();
        let found = self.0.store.run(move |cache| cache.find_choice(&program, &profile)).await?;
        Ok(found.map(|choice| choice.account))
    }

    /// Keeps the person's choice for the program and its folder.
    pub(crate) async fn choose(&self, prompt: &Prompt, answer: &Answer) -> Result<(), Failure> {
        let (Question::PickAccount { profile, .. }, Answer::Account(account)) =
            (&prompt.question, answer)
        else {
            return Ok(());
        };
        let Some(program) = approval_key(&prompt.caller, None) else { return Ok(()) };
        let (profile, account) = (profile.clone(), account.clone());
        let choice = lanyard_cache::Choice { account, tenant: None };
        self.0.store.run(move |cache| cache.put_choice(&program, &profile, &choice)).await
    }
}

fn choices(accounts: &[&AccountSummary], profile: &Profile) -> Vec<Choice> {
    let of_profile = accounts.iter().filter(|summary| summary.account.profile == profile.name);
    of_profile
        .map(|summary| Choice {
            account: summary.account.id.clone(),
            username: summary.account.username.clone(),
            tenant: summary.account.tenant.clone(),
        })
        .collect()
}
