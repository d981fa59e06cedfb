//! The config file on the disk.

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use lanyard_core::config::{self, Config};
use lanyard_core::descriptor::Descriptor;
use lanyard_core::{Code, Failure};
use lanyard_engine::{ConfigFile, ConfigSource};

/// Returns the file's text; empty where there is no file.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |error: &std::io::Error| {
        Failure::new(Code::ConfigInvalid, format!("could not read {}", path.display()))
            .action("check the file's permissions")
            .detail(error.to_string())
    };
    refuse_foreign(path)?;
    match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(unreadable(&error)),
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| {
            Failure::new(Code::ConfigInvalid, format!("{} is not UTF-8", path.display()))
                .action("save the file as UTF-8")
        }),
    }
}

/// Refuses a file that another user could have written: it decides where grants are sent.
fn refuse_foreign(path: &Path) -> Result<(), Failure> {
    let Ok(found) = std::fs::metadata(path) else { return Ok(()) };
    let own = rustix::process::geteuid().as_raw();
    if found.uid() == own && found.mode() & 0o022 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(Failure::new(Code::ConfigInvalid, format!("{shown} can be written by other users"))
        .action(format!("look at what is in it, then run `chmod 600 '{shown}'`")))
}

/// Reads and checks the file.
pub(crate) fn load(path: &Path, descriptors: &[&'static Descriptor]) -> Result<Config, Failure> {
    parse(path, &read(path)?, descriptors)
}

fn parse(path: &Path, text: &str, descriptors: &[&'static Descriptor]) -> Result<Config, Failure> {
    config::parse(text, descriptors).map_err(|error| error.to_failure(&path.display().to_string()))
}

/// Replaces the file in one step: it is whole at any moment.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| {
        Failure::new(Code::Failed, format!("could not write {}", path.display()))
            .action("check the folder's permissions; the file is as it was")
            .detail(error.to_string())
    };
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("/"));
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| failed(&error))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all());
    written.map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// Returns the config as the file says at each moment. The file is read again when it changed.
pub(crate) fn source(path: &Path, descriptors: &'static [&'static Descriptor]) -> ConfigSource {
    type Stamp = Option<(u64, i64, i64, u64)>;
    type Known = (Stamp, Result<Arc<ConfigFile>, Failure>);
    let path = path.to_owned();
    let known: Mutex<Option<Known>> = Mutex::new(None);
    Arc::new(move || {
        let stamp: Stamp = std::fs::metadata(&path)
            .ok()
            .map(|file| (file.ino(), file.ctime(), file.ctime_nsec(), file.len()));
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((seen, config)) if *seen == stamp => config.clone(),
            Some(_) | None => {
                let config = read(&path).and_then(|text| {
                    let config = Arc::new(parse(&path, &text, descriptors)?);
                    Ok(Arc::new(ConfigFile { text, config }))
                });
                *known = Some((stamp, config.clone()));
                config
            }
        }
    })
}
