//! What an account's state means for the person.

use jiff::Timestamp;
use lanyard_api::AccountReply;
use lanyard_core::{AccountState, Code};

/// Who or what an account waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: programs get tokens.
    Nothing,
    /// The provider or the network: it passes without the person.
    Time,
    /// The person, who has to sign in.
    Person,
}

/// What is ahead of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// Who or what it waits for.
    pub need: Need,
    /// Whether Lanyard gets the next token without the person.
    pub renews: bool,
    /// When the person is asked next, as far as known.
    pub asks_at: Option<Timestamp>,
    /// The end that is shown: the token's, or that of the sign-in if it comes first.
    pub ends_at: Option<Timestamp>,
}

/// Returns what is ahead of an account.
pub fn outlook(account: &AccountReply) -> Outlook {
    let need = need(account);
    let asks_at = if account.renews { account.grant_expires_at } else { account.token_expires_at };
    let outlasts_token =
        asks_at.is_none_or(|asks| account.token_expires_at.is_some_and(|token| asks > token));
    let renews = account.renews && need != Need::Person && outlasts_token;
    let ends_at = if renews || need == Need::Person {
        account.token_expires_at.or(account.grant_expires_at)
    } else {
        asks_at
    };
    Outlook { need, renews, asks_at: asks_at.filter(|_| need != Need::Person), ends_at }
}

fn need(account: &AccountReply) -> Need {
    match account.state {
        AccountState::Ok
        | AccountState::Expiring
        | AccountState::Locked
        | AccountState::Unknown => Need::Nothing,
        AccountState::Expired | AccountState::SignInRequired => Need::Person,
        AccountState::Error => match account.last_error.as_ref().map(|error| error.code) {
            Some(Code::ProviderUnreachable | Code::TimedOut) => Need::Time,
            Some(_) | None => Need::Person,
        },
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use lanyard_api::{
        BrokerReply, EvidenceReply, LastErrorReply, ProfileReply, PromptKind, PromptReply,
        StatusReply,
    };

    use super::*;

    #[test]
    fn a_grant_without_a_known_end_renews_itself() {
        let outlook = outlook(&account("maria", 41));
        assert_eq!((outlook.need, outlook.renews, outlook.asks_at), (Need::Nothing, true, None));
        assert_eq!(outlook.ends_at, Some(at(41)));
    }

    #[test]
    fn a_grant_that_ends_before_the_token_asks_the_person() {
        let outlook =
            outlook(&AccountReply { grant_expires_at: Some(at(12)), ..account("maria", 41) });
        assert_eq!(
            (outlook.renews, outlook.asks_at, outlook.ends_at),
            (false, Some(at(12)), Some(at(12)))
        );
    }

    #[test]
    fn a_token_without_a_grant_asks_the_person_at_its_end() {
        let outlook = outlook(&token_only(41));
        assert_eq!((outlook.need, outlook.renews), (Need::Nothing, false));
        assert_eq!((outlook.asks_at, outlook.ends_at), (Some(at(41)), Some(at(41))));
    }

    #[test]
    fn only_an_unreachable_provider_is_waited_for() {
        assert_eq!(outlook(&failing(Code::ProviderUnreachable)).need, Need::Time);
        assert_eq!(outlook(&failing(Code::ProviderRefused)).need, Need::Person);
    }

    fn failing(code: Code) -> AccountReply {
        let last_error = Some(LastErrorReply { code, message: "it failed".to_owned() });
        AccountReply { state: AccountState::Error, last_error, ..account("maria", -5) }
    }

    /// The moment so many minutes after the tests' present.
    pub(crate) fn at(minutes: i64) -> Timestamp {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        now + jiff::SignedDuration::from_mins(minutes)
    }

    /// An account whose provider gave no grant.
    pub(crate) fn token_only(token_minutes: i64) -> AccountReply {
        AccountReply { renews: false, ..account("maria", token_minutes) }
    }

    pub(crate) fn account(username: &str, token_minutes: i64) -> AccountReply {
        AccountReply {
            profile: "work".to_owned(),
            provider: "entra".to_owned(),
            issuer: "https://id.example.com".to_owned(),
            account: format!("id-{username}"),
            username: username.to_owned(),
            display_name: None,
            tenant: Some("t".to_owned()),
            tenant_name: Some("Contoso".to_owned()),
            state: AccountState::Ok,
            renews: true,
            token_expires_at: Some(at(token_minutes)),
            token_obtained_at: None,
            grant_expires_at: None,
            last_refresh_at: None,
            last_error: None,
        }
    }

    pub(crate) fn profile(name: &str) -> ProfileReply {
        ProfileReply {
            name: name.to_owned(),
            provider: "entra".to_owned(),
            method: "browser".to_owned(),
            scopes: Vec::new(),
            default: false,
        }
    }

    /// Asks the person, for `make`, to sign in to the profile.
    pub(crate) fn prompt(profile: &str) -> PromptReply {
        PromptReply {
            id: format!("sign-in:{profile}"),
            kind: PromptKind::SignIn,
            profile: Some(profile.to_owned()),
            program: "make".to_owned(),
            evidence: EvidenceReply::default(),
            account: None,
            username: None,
            audience: None,
            why: None,
            choices: Vec::new(),
            changes: Vec::new(),
            act: None,
            asked_at: at(0),
            ends_at: None,
        }
    }

    pub(crate) fn status(accounts: Vec<AccountReply>) -> StatusReply {
        StatusReply {
            broker: BrokerReply {
                version: "0.1.0".to_owned(),
                pid: 1,
                locked: false,
                cache: "/c".to_owned(),
                key: "keyring".to_owned(),
            },
            accounts,
            profiles: Vec::new(),
            providers: Vec::new(),
            prompts: Vec::new(),
            sign_ins: Vec::new(),
            notify_before: 900,
            config_problem: None,
        }
    }
}
