use std::path::{Path, PathBuf};

use lanyard_cache::{
    AuditRow, Cache, CacheError, KeyHolder, WriterLock, is_passphrase_new, keyfile_path,
    private_folder,
};
use lanyard_core::config::{Config, KeySource};
use lanyard_core::{Clock, Code, Failure, Home, SystemClock};
use serde_json::Value;

use super::Context;
use super::person::Secrets;
use crate::{config_file, output};

/// The cache that a command is about, and what the config says of it.
pub(super) struct Place<'a> {
    pub(super) context: &'a Context,
    pub(super) home: Home,
    pub(super) config: Config,
    pub(super) keyfile: PathBuf,
}

impl<'a> Place<'a> {
    pub(super) fn of(context: &'a Context) -> Result<Self, Failure> {
        let home = context.setup.home()?;
        let config = config_file::load(&home.config, context.setup.descriptors)?;
        let keyfile = config.keyfile.clone().unwrap_or_else(|| keyfile_path(&home.cache));
        Ok(Self { context, home, config, keyfile })
    }

    /// Takes the right to write the cache.
    ///
    /// # Errors
    /// A broker has it.
    pub(super) fn lock(&self) -> Result<WriterLock, Failure> {
        let folder = self.home.cache.parent().unwrap_or(Path::new("/"));
        private_folder(folder).map_err(failure)?;
        WriterLock::take(&self.home.cache).map_err(|error| {
            let CacheError::InUse { pid } = error else { return failure(error) };
            let message = format!("the broker (process {pid}) has the cache open");
            Failure::new(Code::CacheUnavailable, message)
                .action(format!("stop it with `kill {pid}`, then repeat the command"))
        })
    }

    /// Returns the holder that the config names, with the passphrase that it needs.
    pub(super) fn holder(&self, secrets: Secrets) -> Result<KeyHolder, Failure> {
        self.holder_of(self.config.key_source, secrets)
    }

    pub(super) fn holder_of(
        &self,
        source: KeySource,
        secrets: Secrets,
    ) -> Result<KeyHolder, Failure> {
        match source {
            KeySource::Keyring => Ok(KeyHolder::Keyring),
            KeySource::Keyfile => Ok(KeyHolder::Keyfile(self.keyfile.clone())),
            KeySource::Passphrase if is_passphrase_new(&self.home.cache) => {
                secrets.ask_new("the cache").map(KeyHolder::Passphrase)
            }
            KeySource::Passphrase => secrets.ask("the cache").map(KeyHolder::Passphrase),
        }
    }

    /// Opens the cache, which has to be there.
    pub(super) fn open(&self, holder: &KeyHolder) -> Result<Cache, Failure> {
        let path = &self.home.cache;
        if !path.exists() {
            let message = format!("there is no cache at {}", path.display());
            return Err(Failure::new(Code::CacheUnavailable, message)
                .action("the first sign-in makes it: run `lanyard login`"));
        }
        holder.unlock(path).and_then(|keys| Cache::open(path, keys)).map_err(failure)
    }

    pub(super) fn answer(&self, text: &str, json: &Value) {
        match self.context.json {
            true => output::answer_json(json),
            false => output::answer(text),
        }
    }
}

pub(super) fn failure(error: impl std::borrow::Borrow<CacheError>) -> Failure {
    error.borrow().to_failure()
}

/// Notes in the audit trail what was done.
pub(super) fn note(cache: &mut Cache, what: &str) -> Result<(), Failure> {
    let row = AuditRow {
        at: SystemClock.now(),
        action: "cache",
        caller: "lanyard".to_owned(),
        detail: Some(what.to_owned()),
        ..AuditRow::default()
    };
    cache.append_audit(&[row]).map_err(failure)
}
