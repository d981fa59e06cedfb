use lanyard_core::Code;
use lanyard_core::provider::ProviderErrorKind;

use super::fakes::{open, program, signed_in};

#[tokio::test]
async fn the_grant_is_ended_at_the_provider_and_forgotten() {
    let fixture = signed_in();
    let done = fixture.engine.sign_out("a1", &program("tool")).await.unwrap();
    assert!(done.revoked);
    assert_eq!(*fixture.provider.revoked.lock().unwrap(), ["grant-0"]);
    assert!(open(&fixture.dir).accounts().unwrap().is_empty());
    assert_eq!(fixture.ask().await.unwrap_err().code, Code::SignInRequired);
}

#[tokio::test]
async fn an_account_is_forgotten_although_the_provider_is_down() {
    let fixture = signed_in();
    fixture.will_answer(ProviderErrorKind::TRANSIENT);
    let done = fixture.engine.sign_out("a1", &program("tool")).await.unwrap();
    assert!(!done.revoked);
    assert!(done.message.contains("could not be told"));
    assert!(open(&fixture.dir).accounts().unwrap().is_empty());
}

#[tokio::test]
async fn somebody_unknown_cannot_be_signed_out() {
    let fixture = signed_in();
    let failure = fixture.engine.sign_out("nobody", &program("tool")).await.unwrap_err();
    assert_eq!(failure.code, Code::Usage);
    assert_eq!(open(&fixture.dir).accounts().unwrap().len(), 1);
}
