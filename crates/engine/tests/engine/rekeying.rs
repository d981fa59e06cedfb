use std::time::Duration;

use lanyard_core::config::KeySource;
use lanyard_core::{Code, Passphrase};
use lanyard_engine::{Act, AuditFilter, LockReason, Rekey};

use super::fakes::{Fixture, program, secret, signed_in};

#[tokio::test]
async fn wrong_passphrases_of_a_rekey_have_to_wait_and_none_is_not_tried() {
    let fixture = signed_in();
    assert_eq!(rekey(&fixture, None).await, Err(Code::Usage));
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(rekey(&fixture, Some("wrong")).await.unwrap_err());
    }
    assert_eq!(codes, [Code::WrongKey, Code::WrongKey, Code::WrongKey, Code::Locked]);
    assert_eq!(rekey(&fixture, None).await, Err(Code::Usage), "which ends no wait");
    assert_eq!(rekey(&fixture, Some("right")).await, Err(Code::Locked));
    fixture.pass(1);
    assert_eq!(rekey(&fixture, Some("right")).await, Ok(()));
    assert_eq!(secret(&fixture.ask().await.unwrap()), "first");
    assert_eq!(
        audit(&fixture).await,
        [None, Some(Code::Locked), Some(Code::Usage), Some(Code::Locked)]
    );
}

#[tokio::test]
async fn while_locked_there_are_no_new_keys_no_backup_and_no_question() {
    let fixture = signed_in();
    let _tray = fixture.engine.watch();
    fixture.engine.lock(LockReason::Asked).await;
    assert_eq!(rekey(&fixture, Some("right")).await, Err(Code::Locked));
    let made = fixture.engine.backup(Passphrase::new("b"), &program("tool")).await;
    assert_eq!(made.unwrap_err().code, Code::Locked);
    for act in [Act::Rekey, Act::HandOver(KeySource::Keyfile), Act::Backup] {
        let asked = fixture.engine.permit_act(act, &program("tool"), Duration::ZERO).await;
        assert_eq!(asked.unwrap_err().code, Code::Locked);
    }
    assert!(fixture.engine.prompts().is_empty());
}

#[tokio::test]
async fn a_backup_is_a_new_file_each_time_and_never_without_a_passphrase() {
    let fixture = signed_in();
    let tool = program("tool");
    let backup = |passphrase| fixture.engine.backup(Passphrase::new(passphrase), &tool);
    let (first, second) = (backup("b").await.unwrap(), backup("b").await.unwrap());
    assert_ne!(first, second);
    let bytes = std::fs::read(&first).unwrap();
    assert!(bytes.starts_with(b"lanyard-backup 1\n"), "{}", first.display());
    assert_eq!(backup("").await.unwrap_err().code, Code::Usage);
    assert_eq!(audit(&fixture).await, [Some(Code::Usage), None, None]);
}

async fn rekey(fixture: &Fixture, passphrase: Option<&str>) -> Result<(), Code> {
    let change = Rekey { passphrase: passphrase.map(Passphrase::new), ..Rekey::default() };
    let done = fixture.engine.rekey(change, &program("tool")).await;
    done.map_err(|failure| failure.code)
}

/// Returns what became of the last changes, newest first.
async fn audit(fixture: &Fixture) -> Vec<Option<Code>> {
    let filter = AuditFilter { action: Some("cache".to_owned()), ..AuditFilter::newest(4) };
    let rows = fixture.engine.audit(filter).await.unwrap();
    rows.into_iter().map(|row| row.code).collect()
}
