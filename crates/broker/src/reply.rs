//! The engine's words as the socket's.

use lanyard_api::{
    AccountReply, BrokerReply, LastErrorReply, Problem, ProfileReply, PromptReply, ProviderReply,
    SignInPhase, SignInReply, StatusReply,
};
use lanyard_core::Failure;
use lanyard_core::config::Config;
use lanyard_engine::{AccountStatus, Prompt, SignInState, SignInView};

use crate::server::Desk;

/// Returns everything that people see.
pub(crate) async fn status(desk: &Desk) -> Result<StatusReply, Failure> {
    let overview = desk.engine.overview().await?;
    let (config, problem) = match overview.config {
        Ok(config) => (config, None),
        Err(failure) => (std::sync::Arc::default(), Some(Problem::of(failure))),
    };
    let sign_ins =
        desk.engine.sign_ins().into_iter().map(|view| without_page(sign_in(view, false)));
    Ok(StatusReply {
        broker: BrokerReply {
            version: desk.info.version.to_owned(),
            pid: std::process::id(),
            locked: false,
            cache: desk.info.cache.display().to_string(),
            key: desk.info.key.to_owned(),
        },
        accounts: overview.accounts.into_iter().map(account).collect(),
        profiles: profiles(&config),
        providers: desk.engine.providers().map(ProviderReply::from).collect(),
        prompts: desk.engine.prompts().into_iter().map(prompt).collect(),
        sign_ins: sign_ins.collect(),
        notify_before: u32::try_from(config.notify_before.as_secs()).unwrap_or(u32::MAX),
        config_problem: problem,
    })
}

fn account(status: AccountStatus) -> AccountReply {
    let account = status.account;
    AccountReply {
        profile: account.profile.to_string(),
        provider: account.provider,
        issuer: account.issuer,
        account: account.id.to_string(),
        username: account.username,
        display_name: account.display_name,
        tenant: status.tenant.as_ref().map(|tenant| tenant.id.clone()),
        tenant_name: status.tenant.and_then(|tenant| tenant.name),
        state: status.state,
        renews: status.renews,
        token_expires_at: status.token.map(|(_, end)| end),
        token_obtained_at: status.token.map(|(start, _)| start),
        grant_expires_at: status.grant_expires_at,
        last_refresh_at: account.last_refresh_at,
        last_error: account.last_error.map(|e| LastErrorReply { code: e.code, message: e.message }),
    }
}

fn profiles(config: &Config) -> Vec<ProfileReply> {
    let reply = |profile: &lanyard_core::config::Profile| ProfileReply {
        name: profile.name.to_string(),
        provider: profile.provider.id.to_owned(),
        method: profile.method.id.to_owned(),
        scopes: profile.scopes.iter().map(str::to_owned).collect(),
        default: config.default_profile.as_ref() == Some(&profile.name),
    };
    config.profiles.values().map(reply).collect()
}

fn prompt(prompt: Prompt) -> PromptReply {
    PromptReply {
        id: format!("sign-in:{}", prompt.profile),
        kind: "sign-in".to_owned(),
        profile: prompt.profile.to_string(),
        program: prompt.program,
        asked_at: prompt.asked_at,
    }
}

pub(crate) fn sign_in(view: SignInView, joined: bool) -> SignInReply {
    let mut reply = SignInReply {
        id: view.id,
        profile: view.profile.to_string(),
        phase: SignInPhase::Starting,
        authorization_url: None,
        redirect_uri: None,
        device: None,
        account: None,
        username: None,
        joined,
        problem: None,
    };
    match view.state {
        SignInState::Starting => {}
        SignInState::Visit { page, redirect_uri } => {
            reply.phase = SignInPhase::Visit;
            reply.authorization_url = Some(page.to_string());
            reply.redirect_uri = Some(redirect_uri.to_string());
        }
        SignInState::Enter(code) => {
            reply.phase = SignInPhase::Device;
            reply.device = Some(crate::device::reply(&code));
        }
        SignInState::Finishing => reply.phase = SignInPhase::Finishing,
        SignInState::Done { account, username } => {
            reply.phase = SignInPhase::Done;
            (reply.account, reply.username) = (Some(account), Some(username));
        }
        SignInState::Failed(failure) => {
            reply.phase = SignInPhase::Failed;
            reply.problem = Some(Problem::of(failure));
        }
    }
    reply
}

/// The page is for whoever starts or joins a sign-in, not for everyone who looks at the state.
fn without_page(reply: SignInReply) -> SignInReply {
    SignInReply { authorization_url: None, redirect_uri: None, device: None, ..reply }
}
