//! The engine's words as the socket's.

use lanyard_api::{
    AccountReply, ApprovalReply, AuditCheckReply, AuditReply, BrokerReply, ChangeReply,
    ChoiceReply, EvidenceReply, LastErrorReply, Problem, ProfileReply, PromptKind, PromptReply,
    ProviderReply, SignInPhase, SignInReply, StatusReply,
};
use lanyard_core::config::{Config, Loosening};
use lanyard_core::{Ancestor, Caller, Failure};
use lanyard_engine::{
    AccountStatus, Approval, AuditCheck, AuditRow, Choice, Prompt, Question, SignInState,
    SignInView,
};

use crate::server::Desk;
use crate::socket::Peer;

/// Returns everything that people see.
pub(crate) async fn status(desk: &Desk, peer: &Peer) -> Result<StatusReply, Failure> {
    let overview = desk.engine.overview().await?;
    let (config, problem) = match overview.config {
        Ok(config) => (config, None),
        Err(failure) => (std::sync::Arc::default(), Some(Problem::of(failure))),
    };
    let shown = |view| match peer.is_person() {
        true => without_page(sign_in(view, false)),
        false => SignInReply { id: String::new(), ..without_page(sign_in(view, false)) },
    };
    let sign_ins = desk.engine.sign_ins().into_iter().map(shown);
    Ok(StatusReply {
        broker: BrokerReply {
            version: desk.info.version.to_owned(),
            pid: std::process::id(),
            locked: desk.engine.is_locked(),
            cache: desk.info.cache.display().to_string(),
            key: desk.engine.key_source().as_str().to_owned(),
        },
        accounts: overview.accounts.into_iter().map(account).collect(),
        profiles: profiles(&config),
        providers: desk.engine.providers().map(ProviderReply::from).collect(),
        prompts: prompts(desk, peer).await,
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

/// Returns the questions that wait: the person sees all, a program its own.
pub(crate) async fn prompts(desk: &Desk, peer: &Peer) -> Vec<PromptReply> {
    let prompts = match peer.is_person() {
        true => desk.engine.prompts(),
        false => desk.engine.prompts_of(peer.caller().await),
    };
    prompts.into_iter().map(prompt).collect()
}

fn prompt(prompt: Prompt) -> PromptReply {
    let mut reply = PromptReply {
        id: prompt.id,
        kind: PromptKind::Unknown,
        profile: prompt.question.profile().map(ToString::to_string),
        program: prompt.caller.name(),
        evidence: evidence(prompt.caller, prompt.agent),
        account: None,
        username: None,
        audience: None,
        why: None,
        choices: Vec::new(),
        changes: Vec::new(),
        act: None,
        asked_at: prompt.asked_at,
        ends_at: Some(prompt.ends_at),
    };
    match prompt.question {
        Question::SignIn { .. } => reply.kind = PromptKind::SignIn,
        Question::PickAccount { choices, .. } => {
            reply.kind = PromptKind::PickAccount;
            reply.choices = choices.into_iter().map(choice).collect();
        }
        Question::Approve { account, username, audience, why, .. } => {
            reply.kind = PromptKind::Approve;
            (reply.account, reply.username) = (Some(account.to_string()), Some(username));
            (reply.audience, reply.why) = (Some(audience), Some(why.to_owned()));
        }
        Question::Loosen { changes } => {
            reply.kind = PromptKind::ConfirmConfig;
            reply.changes = changes.into_iter().map(change).collect();
        }
        Question::Act { act } => {
            reply.kind = PromptKind::Act;
            reply.act = Some(act.as_str().to_owned());
        }
    }
    reply
}

fn evidence(caller: Caller, agent: Option<String>) -> EvidenceReply {
    let path = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
    EvidenceReply {
        pid: caller.pid,
        executable: caller.executable.map(|executable| path(executable.path)),
        script: caller.script,
        folder: caller.folder.map(path),
        ancestors: caller.ancestors.into_iter().map(ancestor).collect(),
        terminal: caller.terminal.is_some(),
        agent,
        unknown: caller.unknown.map(str::to_owned),
    }
}

fn ancestor(ancestor: Ancestor) -> String {
    match ancestor.script {
        Some(script) => format!("{} {script}", ancestor.name),
        None => ancestor.name,
    }
}

fn choice(choice: Choice) -> ChoiceReply {
    let Choice { account, username, tenant } = choice;
    ChoiceReply { account: account.to_string(), username, tenant }
}

fn change(change: Loosening) -> ChangeReply {
    let Loosening { place, was, becomes } = change;
    ChangeReply { place, was, becomes }
}

pub(crate) fn audit(row: AuditRow) -> AuditReply {
    AuditReply {
        at: row.at,
        action: row.action.to_owned(),
        caller: row.caller,
        executable: row.executable,
        folder: row.folder,
        profile: row.profile,
        account: row.account,
        audience: row.audience,
        code: row.code,
        detail: row.detail,
    }
}

pub(crate) fn audit_check(check: AuditCheck) -> AuditCheckReply {
    AuditCheckReply {
        whole: check.broken_at.is_none(),
        entries: check.entries,
        first: check.first,
        last: check.last,
        broken_at: check.broken_at,
        unchained_until: check.adopted,
    }
}

/// Returns the remembered answers, with the names of the accounts that they are about.
pub(crate) async fn approvals(desk: &Desk) -> Result<Vec<ApprovalReply>, Failure> {
    let known = desk.engine.overview().await?.accounts;
    let approvals = desk.engine.approvals().await?.into_iter();
    let reply = |(id, approval): (i64, Approval)| {
        let found = known.iter().find(|known| known.account.id == approval.account)?;
        Some(ApprovalReply {
            id: id.to_string(),
            program: approval.caller_name,
            executable: approval.executable,
            folder: approval.folder,
            account: approval.account.to_string(),
            username: found.account.username.clone(),
            profile: found.account.profile.to_string(),
            audience: approval.audience,
            allowed: approval.allowed,
            created_at: approval.created_at,
            expires_at: approval.expires_at,
        })
    };
    Ok(approvals.filter_map(reply).collect())
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
