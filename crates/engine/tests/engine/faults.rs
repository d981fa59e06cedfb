//! A disk that is full, a provider that wants peace, a profile that changed, a clock that jumps.

use std::time::Duration;

use lanyard_core::provider::ProviderErrorKind;
use lanyard_core::{AccountId, AccountState, Code};
use lanyard_engine::{AuditFilter, Source};
use secrecy::ExposeSecret;

use super::fakes::{account, disk_is_full, open, program, secret, signed_in};

#[tokio::test]
async fn a_grant_that_the_disk_did_not_take_is_used_for_the_next_refresh() {
    let fixture = signed_in();
    fixture.pass(90);
    disk_is_full(&fixture.dir, true);
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::CacheUnavailable);
    disk_is_full(&fixture.dir, false);
    fixture.pass(90);
    assert_eq!(secret(&fixture.ask().await.unwrap()), "token-2");
    assert_eq!(fixture.refreshes(), ["grant-0", "grant-1"]);
}

#[tokio::test]
async fn while_the_disk_is_full_the_provider_is_not_asked_again() {
    let fixture = signed_in();
    fixture.pass(90);
    disk_is_full(&fixture.dir, true);
    for _ in 0..5 {
        assert_eq!(fixture.ask().await.unwrap_err().code, Code::CacheUnavailable);
    }
    assert_eq!(fixture.refreshes(), ["grant-0"]);
}

#[tokio::test]
async fn a_full_disk_is_the_accounts_last_error_until_it_takes_the_grant() {
    let fixture = signed_in();
    fixture.pass(90);
    disk_is_full(&fixture.dir, true);
    fixture.ask().await.unwrap_err();
    let told = fixture.engine.overview().await.unwrap().accounts.remove(0);
    assert_eq!(told.state, AccountState::Error);
    assert!(told.account.last_error.unwrap().message.contains("kept in memory"));
    disk_is_full(&fixture.dir, false);
    fixture.engine.refresh_due().await;
    let settled = fixture.engine.overview().await.unwrap().accounts.remove(0);
    assert_eq!(settled.account.last_error, None);
    assert_eq!(secret(&fixture.ask().await.unwrap()), "token-1");
}

#[tokio::test]
async fn a_token_that_still_works_is_given_while_the_disk_is_full() {
    let fixture = signed_in();
    fixture.pass(57);
    disk_is_full(&fixture.dir, true);
    let issued = fixture.ask().await.unwrap();
    assert_eq!((secret(&issued).as_str(), issued.source), ("first", Source::Cache));
    assert!(issued.warning.unwrap().contains("could not be written"));
}

#[tokio::test]
async fn a_grant_that_waits_for_the_disk_is_written_before_the_broker_ends() {
    let fixture = signed_in();
    fixture.pass(90);
    disk_is_full(&fixture.dir, true);
    fixture.ask().await.unwrap_err();
    disk_is_full(&fixture.dir, false);
    fixture.engine.stop().await;
    let (found, _) = open(&fixture.dir).find_grant(&account().id).unwrap().unwrap();
    assert_eq!(found.refresh_token.expose_secret(), "grant-1");
}

#[tokio::test]
async fn a_sign_out_ends_the_grant_that_waits_for_the_disk() {
    let fixture = signed_in();
    fixture.pass(90);
    disk_is_full(&fixture.dir, true);
    fixture.ask().await.unwrap_err();
    fixture.engine.sign_out("a1", &program("tool")).await.unwrap();
    assert_eq!(*fixture.provider.revoked.lock().unwrap(), ["grant-1"]);
}

#[tokio::test]
async fn a_provider_that_wants_peace_is_left_alone_for_as_long_as_it_said() {
    let fixture = signed_in();
    fixture.pass(90);
    wants_peace(&fixture, Duration::from_mins(2));
    for _ in 0..5 {
        assert_eq!(fixture.ask().await.unwrap_err().code, Code::ProviderUnreachable);
    }
    assert_eq!(fixture.refreshes().len(), 1);
    fixture.pass(2);
    assert_eq!(secret(&fixture.ask().await.unwrap()), "token-2");
}

#[tokio::test]
async fn a_token_that_still_works_is_given_while_the_provider_wants_peace() {
    let fixture = signed_in();
    fixture.pass(57);
    wants_peace(&fixture, Duration::from_mins(2));
    for _ in 0..3 {
        assert_eq!(secret(&fixture.ask().await.unwrap()), "first");
    }
    assert_eq!(fixture.refreshes().len(), 1);
}

#[tokio::test]
async fn a_provider_that_wants_peace_for_a_year_gets_five_minutes() {
    let fixture = signed_in();
    fixture.pass(90);
    wants_peace(&fixture, Duration::MAX);
    fixture.ask().await.unwrap_err();
    fixture.pass(5);
    assert_eq!(secret(&fixture.ask().await.unwrap()), "token-2");
}

#[tokio::test]
async fn a_clock_that_was_turned_back_ends_the_providers_peace() {
    let fixture = signed_in();
    fixture.pass(90);
    wants_peace(&fixture, Duration::from_mins(2));
    fixture.ask().await.unwrap_err();
    fixture.clock.turn_back(Duration::from_hours(24));
    assert_eq!(secret(&fixture.ask().await.unwrap()), "token-2");
}

#[tokio::test]
async fn a_profile_with_another_issuer_gives_no_token_of_the_old_account() {
    let fixture = signed_in();
    fixture.now_has("issuer = \"https://other.example\"").await;
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::SignInRequired);
    fixture.now_has("issuer = \"https://id.example\"").await;
    assert_eq!(secret(&fixture.ask().await.unwrap()), "first");
}

#[tokio::test]
async fn a_profile_with_another_issuer_shares_no_token_of_the_old_account() {
    let fixture = signed_in();
    let direct = || open(&fixture.dir).accounts().unwrap()[0].account.direct;
    for (lines, is_shared) in [
        ("direct = true", true),
        ("direct = true\nissuer = \"https://other.example\"", false),
        ("direct = true", true),
        ("", false),
    ] {
        fixture.now_has(lines).await;
        drop(fixture.ask().await);
        for _ in 0..200 {
            if direct() == is_shared {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(direct(), is_shared, "{lines}");
    }
}

#[tokio::test]
async fn an_account_of_another_issuer_does_not_stand_in_the_way_of_the_present_one() {
    let fixture = signed_in();
    fixture.engine.stop().await;
    let mut other = account();
    other.id = AccountId::from_text("a2");
    other.issuer = "https://other.example".into();
    let mut key = super::fakes::key("read");
    key.account = other.id.clone();
    let token = super::fakes::token("other", super::fakes::start(), Duration::from_hours(1));
    open(&fixture.dir).put_sign_in(&other, None, None, (&key, &token)).unwrap();
    fixture.now_has("issuer = \"https://other.example\"").await;
    assert_eq!(secret(&fixture.ask().await.unwrap()), "other");
}

#[tokio::test]
async fn a_clock_that_jumps_to_and_fro_causes_one_refresh_for_each_jump() {
    let fixture = signed_in();
    for _ in 0..3 {
        fixture.clock.advance(Duration::from_hours(48));
        for _ in 0..5 {
            fixture.ask().await.unwrap();
        }
        fixture.clock.turn_back(Duration::from_hours(48));
        for _ in 0..5 {
            fixture.ask().await.unwrap();
        }
    }
    assert_eq!(fixture.refreshes().len(), 6);
}

#[tokio::test]
async fn a_token_of_a_clock_that_was_ahead_is_not_given_while_the_provider_is_down() {
    let fixture = signed_in();
    fixture.clock.turn_back(Duration::from_hours(24));
    fixture.will_answer(ProviderErrorKind::TRANSIENT);
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::ProviderUnreachable);
}

#[tokio::test]
async fn a_use_that_a_wrong_clock_noted_keeps_no_token_in_use_for_ever() {
    let fixture = signed_in();
    fixture.clock.advance(Duration::from_hours(24 * 365));
    fixture.ask().await.unwrap();
    fixture.engine.audit(AuditFilter::newest(1)).await.unwrap();
    fixture.clock.turn_back(Duration::from_hours(24 * 365));
    assert!(!fixture.engine.refresh_due().await);
}

fn wants_peace(fixture: &super::fakes::Fixture, length: Duration) {
    *fixture.provider.retry_after.lock().unwrap() = Some(length);
    fixture.will_answer(ProviderErrorKind::TRANSIENT);
}
