//! The secrets that profiles refer to.

use async_trait::async_trait;
use lanyard_cache::StoredSecret;
use lanyard_core::ClientSecret;
use lanyard_core::config::SecretRef;
use lanyard_core::provider::{ProviderError, ProviderErrorKind, SecretSource};

/// Reads secrets from the OS keyring and from files.
#[derive(Debug)]
pub(crate) struct Secrets;

#[async_trait]
impl SecretSource for Secrets {
    async fn read(&self, reference: &SecretRef) -> Result<ClientSecret, ProviderError> {
        let reference = reference.clone();
        let read = tokio::task::spawn_blocking(move || read(&reference)).await;
        read.map_err(|_| misconfigured("the secret could not be read".to_owned()))?
    }
}

fn read(reference: &SecretRef) -> Result<ClientSecret, ProviderError> {
    match reference {
        SecretRef::Keyring(name) => {
            let secret = StoredSecret::of_config(name).read();
            let secret = secret.map_err(|problem| {
                let message = format!("the keyring cannot be used: {problem}");
                ProviderError::new(ProviderErrorKind::TRANSIENT, message)
            })?;
            let missing = || {
                misconfigured(format!("the keyring holds no secret \"{name}\""))
                    .action(format!("run `lanyard secret set {name}`"))
            };
            secret.map(|text| ClientSecret::new(text.as_str())).ok_or_else(missing)
        }
        SecretRef::File(path) => {
            let text = std::fs::read_to_string(path).map(zeroize::Zeroizing::new);
            let text = text.map_err(|error| {
                misconfigured(format!("could not read {path}: {}", error.kind()))
                    .action("put the client secret into that file, mode 600")
            })?;
            Ok(ClientSecret::new(text.trim()))
        }
        SecretRef::Env(name) => Err(misconfigured(format!(
            "the secret stands in the variable {name} of the calling program, which the broker does not see"
        ))
        .action("use { keyring = \"NAME\" } and `lanyard secret set NAME`, or { file = \"PATH\" }")),
    }
}

fn misconfigured(message: String) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Misconfigured, message)
}
