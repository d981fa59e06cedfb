use lanyard_api::{LockReply, UnlockCall};
use lanyard_core::{Code, Failure};

use super::{Context, asking};
use crate::args::UnlockArgs;
use crate::output;

pub(crate) async fn lock(context: &Context) -> Result<(), Failure> {
    let reply: LockReply = context.client()?.call("POST", "/v1/lock", None::<&()>).await?;
    said(context, &reply);
    Ok(())
}

/// Ends the lock: by the passphrase where the keys are wrapped by one, else by asking the person.
pub(crate) async fn unlock(context: &Context, args: &UnlockArgs) -> Result<(), Failure> {
    let client = context.client()?;
    let broker = client.status().await?.broker;
    if !broker.locked {
        said(context, &LockReply { locked: false });
        return Ok(());
    }
    let call = match broker.key.as_str() {
        "passphrase" => UnlockCall { passphrase: Some(passphrase(args)?) },
        _ => UnlockCall::default(),
    };
    let path = if call.passphrase.is_some() { "/v1/unlock" } else { "/v1/unlock?wait=60" };
    let ask = || client.call("POST", path, Some(&call));
    let reply: LockReply = asking::until_answered(context, &client, ask).await?;
    said(context, &reply);
    Ok(())
}

fn passphrase(args: &UnlockArgs) -> Result<String, Failure> {
    let unread = |error: std::io::Error| {
        Failure::new(Code::Usage, "no passphrase was given")
            .action("type it in a terminal, or give --passphrase-stdin")
            .detail(error.to_string())
    };
    if args.passphrase_stdin {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map_err(unread)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    rpassword::prompt_password("Passphrase: ").map_err(unread)
}

fn said(context: &Context, reply: &LockReply) {
    match (context.json, reply.locked) {
        (true, _) => output::answer_json(reply),
        (false, true) => output::answer("Locked."),
        (false, false) => output::answer("Unlocked."),
    }
}
