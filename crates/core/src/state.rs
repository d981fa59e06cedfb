use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountState {
    /// The grant is usable.
    Ok,
    /// The grant (or, without one, the token) ends soon.
    Expiring,
    /// There is no grant and the token is over.
    Expired,
    /// The provider said that a person has to sign in.
    SignInRequired,
    /// The refresh failed and no token is valid.
    Error,
    /// Lanyard is locked.
    Locked,
    /// A state of a newer broker.
    #[serde(other)]
    Unknown,
}

/// What is known of an account.
#[derive(Debug, Clone, Copy)]
pub struct StateInput {
    /// Whether there is a grant that the provider has not refused.
    pub has_grant: bool,
    /// Whether the provider refused the grant.
    pub grant_dead: bool,
    /// When the grant ends, as far as known.
    pub grant_expires_at: Option<Timestamp>,
    /// When the longest token ends.
    pub token_expires_at: Option<Timestamp>,
    /// Whether the last attempt to get a token failed.
    pub failing: bool,
}

/// Says how an account stands at `now`, where `before` is how early an end is announced.
pub fn account_state(input: StateInput, now: Timestamp, before: Duration) -> AccountState {
    if input.grant_dead {
        return AccountState::SignInRequired;
    }
    let over = |end: Option<Timestamp>| end.is_none_or(|end| end <= now);
    let grant_over = input.grant_expires_at.is_some_and(|end| end <= now);
    if !input.has_grant || grant_over {
        let Some(end) = input.token_expires_at.filter(|end| *end > now) else {
            return AccountState::Expired;
        };
        return if end <= now + before { AccountState::Expiring } else { AccountState::Ok };
    }
    if input.failing && over(input.token_expires_at) {
        return AccountState::Error;
    }
    if input.grant_expires_at.is_some_and(|end| end <= now + before) {
        return AccountState::Expiring;
    }
    AccountState::Ok
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER: Duration = Duration::from_mins(15);

    #[test]
    fn a_usable_grant_is_ok_even_when_the_token_is_over() {
        assert_eq!(state(StateInput { token_expires_at: at(-5), ..grant() }), AccountState::Ok);
    }

    #[test]
    fn a_refused_grant_asks_for_a_sign_in() {
        assert_eq!(state(StateInput { grant_dead: true, ..grant() }), AccountState::SignInRequired);
    }

    #[test]
    fn a_grant_that_ends_soon_is_announced() {
        assert_eq!(
            state(StateInput { grant_expires_at: at(600), ..grant() }),
            AccountState::Expiring
        );
    }

    #[test]
    fn without_a_grant_the_token_decides() {
        let none = StateInput { has_grant: false, ..grant() };
        assert_eq!(state(StateInput { token_expires_at: at(3600), ..none }), AccountState::Ok);
        assert_eq!(state(StateInput { token_expires_at: at(60), ..none }), AccountState::Expiring);
        assert_eq!(state(StateInput { token_expires_at: at(-1), ..none }), AccountState::Expired);
    }

    #[test]
    fn a_failed_refresh_is_an_error_once_no_token_is_valid() {
        let failing = StateInput { failing: true, ..grant() };
        assert_eq!(state(StateInput { token_expires_at: at(60), ..failing }), AccountState::Ok);
        assert_eq!(state(StateInput { token_expires_at: at(-1), ..failing }), AccountState::Error);
    }

    fn grant() -> StateInput {
        StateInput {
            has_grant: true,
            grant_dead: false,
            grant_expires_at: None,
            token_expires_at: None,
            failing: false,
        }
    }

    fn at(seconds: i64) -> Option<Timestamp> {
        Timestamp::from_second(1_800_000_000 + seconds).ok()
    }

    fn state(input: StateInput) -> AccountState {
        account_state(input, at(0).unwrap(), QUARTER)
    }
}
