//! Credentials for the Azure SDK.

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use lanyard_client::SharedTokenCacheCredential;
use time::OffsetDateTime;

/// The account that signed in through Lanyard, as a credential of the Azure SDK.
#[derive(Debug, Clone)]
pub struct LanyardCredential(SharedTokenCacheCredential);

impl LanyardCredential {
    /// Returns the credential over a choice of account.
    pub fn new(credential: SharedTokenCacheCredential) -> Self {
        Self(credential)
    }
}

#[async_trait::async_trait]
impl TokenCredential for LanyardCredential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let failed = |failure| Error::new(ErrorKind::Credential, failure);
        let reply = self.0.get_token(scopes).await.map_err(failed)?;
        let expires_on = OffsetDateTime::from_unix_timestamp(reply.expires_at.as_second());
        let expires_on = expires_on.map_err(|error| Error::new(ErrorKind::Credential, error))?;
        Ok(AccessToken::new(reply.token, expires_on))
    }
}

#[cfg(test)]
mod tests {
    use lanyard_client::Client;
    use lanyard_core::Home;

    use super::*;

    #[tokio::test]
    async fn a_failure_keeps_lanyards_words() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::within(&dir.path().join("home")).unwrap();
        let client = Client::new(home).without_start();
        let credential = LanyardCredential::new(SharedTokenCacheCredential::new(client));
        let error = credential.get_token(&["scope"], None).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Credential));
        assert!(error.to_string().contains("no broker is running"), "{error}");
    }
}
