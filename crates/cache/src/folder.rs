use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use crate::CacheError;

/// Makes `folder` with mode 0700, or checks that it is a folder of this user that nobody else can
/// enter.
///
/// # Errors
/// `Exposed` names the command that repairs a mode that is too wide.
pub fn private_folder(folder: &Path) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { path: folder.to_owned(), source };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
    check(folder, 0o700)
}

/// Checks a file of ours, if it is there: a plain file of this user that nobody else can reach.
pub(crate) fn check_file(path: &Path) -> Result<(), CacheError> {
    let found = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(CacheError::Io { path: path.to_owned(), source }),
        Ok(found) => found.file_type(),
    };
    let shown = path.display();
    let (problem, repair) = match found {
        kind if kind.is_file() => return check(path, 0o600),
        kind if kind.is_symlink() => {
            ("is a symbolic link", format!("mv --backup \"$(readlink -f '{shown}')\" '{shown}'"))
        }
        kind if kind.is_dir() => ("is a folder", format!("mv '{shown}' '{shown}.aside'")),
        _ => ("is no plain file", format!("mv '{shown}' '{shown}.aside'")),
    };
    Err(CacheError::Exposed { path: path.to_owned(), problem, repair })
}

/// Checks that nobody else can put another file in the place of the one at `path`.
pub(crate) fn check_keeper(path: &Path) -> Result<(), CacheError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let io = |source| CacheError::Io { path: folder.to_owned(), source };
    let found = std::fs::metadata(folder).map_err(io)?;
    let ours = [0, rustix::process::geteuid().as_raw()].contains(&found.uid());
    if ours && found.mode() & 0o022 == 0 {
        return Ok(());
    }
    let (problem, repair) =
        ("can be written by other users", format!("chmod go-w '{}'", folder.display()));
    Err(CacheError::Exposed { path: folder.to_owned(), problem, repair })
}

fn check(path: &Path, mode: u32) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { path: path.to_owned(), source };
    let found = std::fs::metadata(path).map_err(io)?;
    let shown = path.display();
    if found.uid() != rustix::process::geteuid().as_raw() {
        let (problem, repair) =
            ("belongs to another user", format!("sudo chown -R \"$USER\" '{shown}'"));
        return Err(CacheError::Exposed { path: path.to_owned(), problem, repair });
    }
    if found.mode() & 0o077 != 0 {
        let (problem, repair) =
            ("can be reached by other users", format!("chmod {mode:o} '{shown}'"));
        return Err(CacheError::Exposed { path: path.to_owned(), problem, repair });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_new_folder_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b");
        private_folder(&folder).unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_wide_folder_is_refused_with_the_repair() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = private_folder(dir.path()).unwrap_err();
        assert!(
            matches!(&error, CacheError::Exposed { repair, .. } if repair.starts_with("chmod 700"))
        );
    }
}
