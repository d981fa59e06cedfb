//! What the running broker does to the cache that it has open, once the person agreed.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use lanyard_api::{BackupCall, BackupReply, KeyPlace, RekeyCall, RekeyReply};
use lanyard_cache::WriterLock;
use lanyard_client::Client;
use lanyard_core::config::KeySource;
use lanyard_core::{Code, Failure, Passphrase};
use secrecy::ExposeSecret;

use super::person::Secrets;
use super::place::Place;
use super::there_already;
use crate::commands::{Context, asking, wait_for};

/// The broker that has the cache open.
pub(super) struct Running<'a> {
    context: &'a Context,
    client: Client,
    key: String,
}

impl<'a> Running<'a> {
    /// Returns the broker, where there is one that answers.
    ///
    /// # Errors
    /// `locked`.
    pub(super) fn find(place: &Place<'a>) -> Result<Option<Self>, Failure> {
        if !WriterLock::is_held(&place.home.cache) {
            return Ok(None);
        }
        let client = Client::new(place.home.clone()).without_start();
        let Ok(status) = wait_for(client.status()) else { return Ok(None) };
        if status.broker.locked {
            return Err(
                Failure::new(Code::Locked, "Lanyard is locked").action("run `lanyard unlock`")
            );
        }
        Ok(Some(Self { context: place.context, client, key: status.broker.key }))
    }

    pub(super) fn rekey(
        &self,
        to: Option<KeySource>,
        secrets: Secrets,
    ) -> Result<RekeyReply, Failure> {
        let is_wrapped = self.key == KeySource::Passphrase.as_str();
        let passphrase = is_wrapped.then(|| secrets.ask("the cache")).transpose()?;
        let wraps = to == Some(KeySource::Passphrase);
        let new_passphrase = wraps.then(|| secrets.ask_new("the cache")).transpose()?;
        let call = RekeyCall {
            to: to.map(place_of),
            passphrase: passphrase.as_ref().map(text),
            new_passphrase: new_passphrase.as_ref().map(text),
        };
        let ask = || self.client.call("POST", "/v1/cache/rekey?wait=60", Some(&call));
        wait_for(asking::until_answered(self.context, &self.client, ask))
    }

    pub(super) fn backup(&self, file: &Path, secrets: Secrets) -> Result<(), Failure> {
        if file.exists() {
            return Err(there_already(file));
        }
        let call = BackupCall { passphrase: text(&secrets.ask_new("the backup")?) };
        let ask = || self.client.call("POST", "/v1/cache/backup?wait=60", Some(&call));
        let made: BackupReply = wait_for(asking::until_answered(self.context, &self.client, ask))?;
        let moved = move_new(Path::new(&made.file), file);
        drop(std::fs::remove_file(&made.file));
        moved.map_err(|error| match error.kind() == io::ErrorKind::AlreadyExists {
            true => there_already(file),
            false => Failure::new(Code::Failed, format!("could not write {}", file.display()))
                .action("check the disk and the folder's permissions")
                .detail(error.to_string()),
        })
    }
}

/// Copies a private file to a new one.
fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    if std::fs::hard_link(from, to).is_ok() {
        return sync_folder(to);
    }
    let mut source = File::open(from)?;
    let mut options = OpenOptions::new();
    let mut target = options.write(true).create_new(true).mode(0o600).open(to)?;
    let copied = io::copy(&mut source, &mut target).and_then(|_| target.sync_all());
    if copied.is_err() {
        drop(std::fs::remove_file(to));
    }
    copied.and_then(|()| sync_folder(to))
}

fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

const fn place_of(source: KeySource) -> KeyPlace {
    match source {
        KeySource::Keyring => KeyPlace::Keyring,
        KeySource::Passphrase => KeyPlace::Passphrase,
        KeySource::Keyfile => KeyPlace::Keyfile,
    }
}

#[expect(clippy::disallowed_methods, reason = "it goes to the broker, which tries it")]
fn text(passphrase: &Passphrase) -> String {
    passphrase.expose_secret().to_owned()
}
