use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How long a token is valid at least, where the caller does not say: five minutes, as in MSAL.
pub const DEFAULT_MIN_VALID: Duration = Duration::from_mins(5);

/// How far in the future a token may have been got before it counts as got by a clock that has since
/// been turned back. Never further than it is kept clear of its end: it would be given out beyond it.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What may be done with a token that is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Give it out.
    Fresh,
    /// It still works, but a new one should be had first.
    Stale,
    /// It is over.
    Over,
}

/// Says whether a token that was got at `obtained_at` and ends at `expires_at` is fresh.
///
/// A token whose whole life is shorter than `min_valid` counts as fresh in its first half: asking
/// again would give one that is no better. A token from the future means that the clock was turned
/// back, so its expiry cannot be believed.
pub fn freshness(
    now: Timestamp,
    obtained_at: Timestamp,
    expires_at: Timestamp,
    min_valid: Duration,
) -> Freshness {
    let left = expires_at.duration_since(now);
    if left <= SignedDuration::ZERO {
        return Freshness::Over;
    }
    let life = expires_at.duration_since(obtained_at);
    let wanted = SignedDuration::try_from(min_valid).unwrap_or(SignedDuration::MAX);
    let margin = if life < wanted { life / 2 } else { wanted };
    if obtained_at.duration_since(now) > margin.clamp(SignedDuration::ZERO, SKEW) {
        return Freshness::Stale;
    }
    if left >= margin { Freshness::Fresh } else { Freshness::Stale }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: i64 = 60;

    #[test]
    fn a_token_is_fresh_until_the_margin_begins() {
        assert_eq!(at(0, 60 * MIN, 55 * MIN), Freshness::Fresh);
        assert_eq!(at(0, 60 * MIN, 55 * MIN + 1), Freshness::Stale);
        assert_eq!(at(0, 60 * MIN, 60 * MIN), Freshness::Over);
    }

    #[test]
    fn a_short_lived_token_is_fresh_in_its_first_half() {
        assert_eq!(at(0, 60, 30), Freshness::Fresh);
        assert_eq!(at(0, 60, 31), Freshness::Stale);
    }

    #[test]
    fn a_token_from_the_future_is_not_believed() {
        assert_eq!(at(20 * MIN, 80 * MIN, 0), Freshness::Stale);
    }

    #[test]
    fn a_clock_that_was_turned_back_makes_no_short_lived_token_last() {
        assert_eq!(at(240, 300, 0), Freshness::Stale);
    }

    fn at(obtained: i64, expires: i64, now: i64) -> Freshness {
        let time = |seconds| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        freshness(time(now), time(obtained), time(expires), DEFAULT_MIN_VALID)
    }
}
