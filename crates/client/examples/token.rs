//! Prints when the token of the signed-in account ends: `token SCOPE…`.

use lanyard_client::{Client, SharedTokenCacheCredential};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example answers on standard output")]
async fn main() -> Result<(), lanyard_core::Failure> {
    let scopes: Vec<String> = std::env::args().skip(1).collect();
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let credential = SharedTokenCacheCredential::new(Client::from_env()?);
    let token = credential.get_token(&scopes).await?;
    println!("{} characters, for {}, until {}", token.token.len(), token.account, token.expires_at);
    Ok(())
}
