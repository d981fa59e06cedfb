use secrecy::ExposeSecret;

use super::{account, at, fixture, grant, key, token};

#[test]
fn a_refresh_replaces_token_and_grant_together() {
    let mut cache = fixture().cache;
    cache
        .put_sign_in(&account("a"), None, Some(&grant("r1")), (&key("a"), &token("t1", 60)))
        .unwrap();
    cache.put_refresh(&key("a"), &token("t2", 120), Some(&grant("r2")), None).unwrap();
    let (found, dead) = cache.find_grant(&account("a").id).unwrap().unwrap();
    assert_eq!((found.refresh_token.expose_secret(), dead), ("r2", false));
    assert_eq!(cache.find_token(&key("a")).unwrap().unwrap().access_token.expose_secret(), "t2");
    assert_eq!(cache.longest_token(&account("a").id, "").unwrap(), Some((at(0), at(120))));
}

#[test]
fn a_token_for_an_unknown_account_is_not_stored() {
    let mut cache = fixture().cache;
    assert!(cache.put_refresh(&key("nobody"), &token("t", 60), None, None).is_err());
}

#[test]
fn a_new_sign_in_forgets_the_old_tokens() {
    let mut cache = fixture().cache;
    cache
        .put_sign_in(&account("a"), None, Some(&grant("r1")), (&key("a"), &token("t1", 60)))
        .unwrap();
    let other = lanyard_core::TokenKey { tenant: "other".to_owned(), ..key("a") };
    cache.put_refresh(&other, &token("t2", 60), None, None).unwrap();
    cache.put_sign_in(&account("a"), None, None, (&key("a"), &token("t3", 60))).unwrap();
    assert!(cache.find_token(&other).unwrap().is_none());
    assert!(cache.find_grant(&account("a").id).unwrap().is_none());
}

#[test]
fn no_secret_and_no_user_name_is_on_the_disk_in_the_clear() {
    let mut fixture = fixture();
    let secrets = ["SECRET-REFRESH-TOKEN", "SECRET-ACCESS-TOKEN", "a@example.com", "id.example"];
    let (grant, token) = (grant(secrets[0]), token(secrets[1], 60));
    fixture.cache.put_sign_in(&account("a"), None, Some(&grant), (&key("a"), &token)).unwrap();
    for file in std::fs::read_dir(fixture.dir.path().join("home")).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
}
