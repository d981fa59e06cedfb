use std::io::BufRead;
use std::process::ExitCode;
use std::time::Duration;

use lanyard_api::{DeviceReply, ReturnCall, SignInCall, SignInPhase, SignInReply};
use lanyard_client::Client;
use lanyard_core::{Clock, Code, Failure, SystemClock};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::{Context, device};
use crate::args::LoginArgs;
use crate::{browser, output};

/// How shells tell that a program ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

pub(crate) async fn run(context: &Context, args: LoginArgs) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    let profile = args.profile.clone().or_else(|| context.setup.profile.clone());
    let (username, tenant) = (args.username.clone(), args.tenant.clone());
    let call = SignInCall { profile, username, tenant, device: args.device };
    let begun = client.sign_in(&call).await?;
    if begun.joined {
        output::note("lanyard: a sign-in to this profile is under way; joining it");
    }
    let visited = async {
        let mut begun = begun.clone();
        while begun.phase == SignInPhase::Starting {
            begun = client.sign_in_next(&begun.id).await?;
        }
        let pasted = visit(context, &args, &begun).await;
        finish(&client, begun, pasted).await
    };
    tokio::select! {
        done = visited => told(context, done?).map(|()| ExitCode::SUCCESS),
        _ = tokio::signal::ctrl_c() => given_up(context, &client, &begun.id).await,
    }
}

async fn given_up(context: &Context, client: &Client, id: &str) -> Result<ExitCode, Failure> {
    output::progress("");
    let path = format!("/v1/sign-in/{id}");
    let ended = client.call::<SignInReply>("DELETE", &path, None::<&()>).await?;
    told(context, ended).or_else(|failure| {
        output::failure(&failure, context.json);
        Ok(())
    })?;
    Ok(ExitCode::from(INTERRUPTED))
}

/// Sends the person to the page. A browser is opened only for a person at a terminal; everybody
/// else gets the address.
async fn visit(context: &Context, args: &LoginArgs, begun: &SignInReply) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    if let Some(device) = &begun.device {
        device::show(device, context.json, has_terminal());
    }
    let Some(page) = &begun.authorization_url else { return receiver };
    let browser_wanted = !args.no_browser && has_terminal();
    if browser_wanted {
        output::note("Waiting for you in the browser… (Ctrl-C gives up)");
        let (page, browser) = (page.clone(), context.setup.browser.clone());
        let opening = spawn_blocking(move || browser::open(&page, browser.as_deref()));
        match opening.await {
            Ok(Ok(())) => return receiver,
            Ok(Err(failure)) => output::note(&format!("lanyard: {failure}")),
            Err(error) => output::note(&format!("lanyard: no browser could be opened: {error}")),
        }
    }
    if context.json {
        output::answer_json_line(
            &json!({"authorization_url": page, "redirect_uri": begun.redirect_uri}),
        );
    } else {
        output::answer(page);
    }
    output::note(
        "Open this address in a browser. If it runs on another machine, paste the address that it ends at here:",
    );
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if !line.trim().is_empty() && sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Waits until the sign-in is over, handing over what is pasted meanwhile.
async fn finish(
    client: &Client,
    mut reply: SignInReply,
    mut pasted: mpsc::Receiver<String>,
) -> Result<SignInReply, Failure> {
    let mut listening = true;
    let device = reply.device.clone();
    while !matches!(reply.phase, SignInPhase::Done | SignInPhase::Failed) {
        reply = tokio::select! {
            next = next(client, &reply.id, device.as_ref()) => next?,
            line = pasted.recv(), if listening => {
                let Some(url) = line else {
                    listening = false;
                    continue;
                };
                let path = format!("/v1/sign-in/{}/return", reply.id);
                match client.call("POST", &path, Some(&ReturnCall { url })).await {
                    Ok(next) => next,
                    Err(failure) if failure.code == Code::Usage => {
                        output::note(&format!("lanyard: {failure}"));
                        continue;
                    }
                    Err(failure) => return Err(failure),
                }
            }
        };
    }
    output::progress("");
    Ok(reply)
}

/// Waits for the next phase, counting a code's time down meanwhile.
async fn next(
    client: &Client,
    id: &str,
    device: Option<&DeviceReply>,
) -> Result<SignInReply, Failure> {
    let mut next = std::pin::pin!(client.sign_in_next(id));
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            reply = &mut next => return reply,
            _ = seconds.tick() => {
                if let Some(device) = device {
                    device::count_down(device, SystemClock.now());
                }
            }
        }
    }
}

fn told(context: &Context, done: SignInReply) -> Result<(), Failure> {
    if let Some(problem) = done.problem {
        return Err(problem.into_failure());
    }
    let username = done.username.unwrap_or_default();
    if context.json {
        output::answer_json_line(
            &json!({"profile": done.profile, "account": done.account, "username": username}),
        );
        return Ok(());
    }
    let username = lanyard_core::printable(&username, 128);
    output::note(&format!("Signed in to {} as {username}.", done.profile));
    Ok(())
}

/// Says whether a person can be at a terminal.
fn has_terminal() -> bool {
    use std::io::IsTerminal;
    std::io::stdin().is_terminal() || std::io::stderr().is_terminal()
}
