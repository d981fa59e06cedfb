//! What is noted of each token that was given out. It is gathered in memory and written together:
//! a cached token must not wait for a disk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use lanyard_cache::AuditRow;
use lanyard_core::config::Profile;
use lanyard_core::{Account, Caller, Code, Failure, TokenKey};

use crate::Engine;
use crate::token::{Issued, TokenRequest};

/// How long notes are gathered: what a power cut may take with it.
const GATHER: Duration = Duration::from_secs(1);

/// How many notes wait in memory while the cache is closed.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    rows: Vec<AuditRow>,
    used: BTreeMap<TokenKey, Timestamp>,
    writing: bool,
}

impl Engine {
    pub(crate) fn note_token(
        &self,
        caller: &Caller,
        profile: &Profile,
        request: &TokenRequest,
        issued: &Result<Issued, Failure>,
    ) {
        let account = issued.as_ref().ok().map(|issued| issued.account.id.to_string());
        let audience = match (&request.resource, request.scopes.is_empty()) {
            (Some(resource), _) => resource.clone(),
            (None, true) => profile.scopes.to_string(),
            (None, false) => request.scopes.join(" "),
        };
        let code = issued.as_ref().err().map(|failure| failure.code);
        self.note("token", Some(caller), profile.name.as_str(), account, Some(audience), code);
    }

    pub(crate) fn note_locked(&self, request: &TokenRequest, caller: &Caller) {
        let profile = request.profile.as_deref().unwrap_or_default();
        let profile = lanyard_core::printable(profile, 64);
        self.note("token", Some(caller), &profile, None, None, Some(Code::Locked));
    }

    pub(crate) fn note_refresh(&self, account: &Account, code: Option<Code>) {
        self.note(
            "refresh",
            None,
            account.profile.as_str(),
            Some(account.id.to_string()),
            None,
            code,
        );
    }

    pub(crate) fn note(
        &self,
        action: &'static str,
        caller: Option<&Caller>,
        profile: &str,
        account: Option<String>,
        audience: Option<String>,
        code: Option<Code>,
    ) {
        let row = AuditRow {
            profile: profile.to_owned(),
            account,
            audience,
            code,
            ..self.blank(action, caller)
        };
        self.gather(|notes| notes.rows.push(row));
    }

    /// Notes what is about no profile.
    pub(crate) fn remark(
        &self,
        action: &'static str,
        caller: Option<&Caller>,
        detail: Option<&str>,
        code: Option<Code>,
    ) {
        let detail = detail.map(str::to_owned);
        let row = AuditRow { detail, code, ..self.blank(action, caller) };
        self.gather(|notes| notes.rows.push(row));
    }

    fn blank(&self, action: &'static str, caller: Option<&Caller>) -> AuditRow {
        let path = |path: &std::path::PathBuf| path.to_string_lossy().into_owned();
        let executable = caller.and_then(|caller| caller.executable.as_ref());
        AuditRow {
            at: self.now(),
            action,
            caller: caller.map_or_else(|| "lanyard".to_owned(), Caller::name),
            executable: executable.map(|file| path(&file.path)),
            folder: caller.and_then(|caller| caller.folder.as_ref()).map(path),
            profile: String::new(),
            account: None,
            audience: None,
            code: None,
            detail: None,
        }
    }

    /// Notes that a token was given out, which keeps it refreshed.
    pub(crate) fn used(&self, key: &TokenKey) {
        let (key, now) = (key.clone(), self.now());
        self.gather(|notes| {
            notes.used.insert(key, now);
        });
        self.0.in_use.notify_one();
    }

    /// Writes what was gathered. While the cache is closed it stays in memory.
    pub(crate) async fn flush(&self) {
        let (rows, used) = {
            let mut notes = self.0.ledger.0.lock().unwrap_or_else(PoisonError::into_inner);
            notes.writing = false;
            if !self.0.store.is_open() {
                return;
            }
            (std::mem::take(&mut notes.rows), std::mem::take(&mut notes.used))
        };
        let rows = Arc::new(rows);
        let kept = Arc::clone(&rows);
        let written = self.0.store.run(move |cache| {
            let at = used.values().max().copied();
            if let Some(at) = at {
                cache.put_last_used(&used.into_keys().collect::<Vec<_>>(), at)?;
            }
            cache.append_audit(&rows)
        });
        if let Err(failure) = written.await {
            tracing::warn!(code = failure.code.as_str(), "the audit trail could not be written");
            self.put_back(Arc::unwrap_or_clone(kept));
        }
    }

    /// Keeps what the disk did not take for the next time.
    fn put_back(&self, mut rows: Vec<AuditRow>) {
        let mut notes = self.0.ledger.0.lock().unwrap_or_else(PoisonError::into_inner);
        rows.append(&mut notes.rows);
        rows.truncate(MOST);
        notes.rows = rows;
    }

    fn gather(&self, add: impl FnOnce(&mut Notes)) {
        let mut notes = self.0.ledger.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.rows.len() < MOST {
            add(&mut notes);
        }
        if std::mem::replace(&mut notes.writing, true) {
            return;
        }
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(GATHER) => engine.flush().await,
                () = engine.0.stopped.cancelled() => {}
            }
        });
    }
}
