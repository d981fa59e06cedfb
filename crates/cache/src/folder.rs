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

/// Checks a file of ours, if it is there.
pub(crate) fn check_file(path: &Path) -> Result<(), CacheError> {
    if path.exists() { check(path, 0o600) } else { Ok(()) }
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
