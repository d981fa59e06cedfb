use lanyard_api::{SignInCall, SignInPhase};
use lanyard_client::Client;
use lanyard_core::{Code, Failure};

use crate::menu::SignIn;
use crate::open_page;

/// Starts or joins a sign-in, opens the provider's page, and waits for the end.
///
/// # Errors
/// Why the person did not get signed in.
pub(super) async fn sign_in(client: &Client, whom: SignIn) -> Result<(), Failure> {
    let call = SignInCall {
        profile: Some(whom.profile),
        username: whom.username,
        ..SignInCall::default()
    };
    let mut reply = client.sign_in(&call).await?;
    let mut opened = false;
    loop {
        match reply.phase {
            SignInPhase::Visit => {
                if !opened && let Some(page) = &reply.authorization_url {
                    open_page(page).await?;
                    opened = true;
                }
            }
            SignInPhase::Device => {
                return Err(Failure::new(Code::PromptPending, "the sign-in waits for a code")
                    .action("open the window, or run `lanyard login`"));
            }
            SignInPhase::Starting | SignInPhase::Finishing => {}
            SignInPhase::Done | SignInPhase::Unknown => return Ok(()),
            SignInPhase::Failed => {
                let unsaid = || Failure::new(Code::Failed, "the sign-in failed");
                return Err(reply.problem.map_or_else(unsaid, lanyard_api::Problem::into_failure));
            }
        }
        reply = client.sign_in_next(&reply.id).await?;
    }
}
