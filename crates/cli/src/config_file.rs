//! The config file on the disk.

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use lanyard_core::config::{self, Config, KeySource, set_key_source};
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
    refuse_exposed(path)?;
    match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(unreadable(&error)),
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| {
            Failure::new(Code::ConfigInvalid, format!("{} is not UTF-8", path.display()))
                .action("save the file as UTF-8")
        }),
    }
}

/// Refuses a file that is not this user's alone, or that stands in a folder that is not: it decides
/// where grants are sent.
pub(crate) fn refuse_exposed(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let exposed: Vec<Exposed> =
        [(folder, 0o700), (path, 0o600)].into_iter().filter_map(Exposed::of).collect();
    let Some(first) = exposed.first() else { return Ok(()) };
    let message = format!("{} {}", first.path.display(), first.problem);
    let repairs: Vec<&str> = exposed.iter().map(|it| it.repair.as_str()).collect();
    let action = format!("look at what is in it, then run `{}`", repairs.join(" && "));
    Err(Failure::new(Code::ConfigInvalid, message).action(action))
}

/// A file or folder that is not this user's alone.
struct Exposed<'a> {
    path: &'a Path,
    problem: String,
    repair: String,
}

impl<'a> Exposed<'a> {
    fn of((path, mode): (&'a Path, u32)) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        let (own, shown) = (rustix::process::geteuid().as_raw(), path.display());
        if found.uid() != own {
            let problem = "belongs to another user".to_owned();
            return Some(Self { path, problem, repair: format!("sudo chown {own} '{shown}'") });
        }
        let verb = match found.mode() & 0o077 {
            0 => return None,
            wide if wide & 0o022 == 0 => "read",
            _ => "written",
        };
        let problem = format!("can be {verb} by other users (mode {:o})", found.mode() & 0o777);
        Some(Self { path, problem, repair: format!("chmod {mode:o} '{shown}'") })
    }
}

/// Reads and checks the file.
pub(crate) fn load(path: &Path, descriptors: &[&'static Descriptor]) -> Result<Config, Failure> {
    parse(path, &read(path)?, descriptors)
}

fn parse(path: &Path, text: &str, descriptors: &[&'static Descriptor]) -> Result<Config, Failure> {
    config::parse(text, descriptors).map_err(|error| error.to_failure(&path.display().to_string()))
}

/// Writes the holder of the cache's keys into the file.
pub(crate) fn note_key_source(
    path: &Path,
    to: KeySource,
    keyfile: Option<&Path>,
    descriptors: &[&'static Descriptor],
) -> Result<(), Failure> {
    let keyfile = keyfile.map(Path::to_string_lossy);
    let edited = set_key_source(&read(path)?, to, keyfile.as_deref(), descriptors);
    let edited = edited.map_err(|error| {
        Failure::new(Code::ConfigInvalid, error.to_string()).action("correct the config file first")
    })?;
    write(path, &edited)
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

/// Returns the config as the file says at each moment. The file is read again when it changed, or
/// when another mode or owner may have mended what was refused.
pub(crate) fn source(path: &Path, descriptors: &'static [&'static Descriptor]) -> ConfigSource {
    type Known = (Option<Stamp>, Result<Arc<ConfigFile>, Failure>);
    let path = path.to_owned();
    let known: Mutex<Option<Known>> = Mutex::new(None);
    Arc::new(move || {
        let stamp = Stamp::of(&path);
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

/// What differs where the file has to be read again.
#[derive(PartialEq, Eq)]
struct Stamp {
    file: (u64, i64, i64, u64),
    folder: Option<(u32, u32)>,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let file = std::fs::metadata(path).ok()?;
        let folder = path.parent().and_then(|folder| std::fs::metadata(folder).ok());
        Some(Self {
            file: (file.ino(), file.ctime(), file.ctime_nsec(), file.len()),
            folder: folder.map(|folder| (folder.mode(), folder.uid())),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_as_an_editor_makes_it_is_refused_and_the_repair_mends_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let refused = read(&path).unwrap_err();
        assert_eq!(refused.code, Code::ConfigInvalid);
        let action = refused.action.unwrap();
        assert!(action.contains(&format!("chmod 600 '{}'", path.display())), "{action}");
        let repair = action.split('`').nth(1).unwrap();
        assert!(std::process::Command::new("sh").args(["-c", repair]).status().unwrap().success());
        assert_eq!(read(&path).unwrap(), "");
    }

    #[test]
    fn a_mended_folder_counts_without_a_change_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        write(&path, "").unwrap();
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let config = source(&path, lanyard_providers::DESCRIPTORS);
        assert!(config().is_err());
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
        assert!(config().is_ok());
    }
}
