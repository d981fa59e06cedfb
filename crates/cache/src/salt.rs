use std::fmt;
use std::io::Read;
use std::path::Path;

use crate::CacheError;

/// Length of a file's salt in bytes.
pub(crate) const SALT: usize = 16;

/// The first bytes of a SQLCipher file, which tell it from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; SALT]);

impl Salt {
    /// Returns the salt of the file at `path`, or `None` where there is no file.
    ///
    /// # Errors
    /// `Damaged` if the file is too short to have one.
    pub(crate) fn of_file(path: &Path) -> Result<Option<Self>, CacheError> {
        let io = |source| CacheError::Io { path: path.to_owned(), source };
        let mut file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        let mut salt = [0; SALT];
        match file.read_exact(&mut salt) {
            Ok(()) => Ok(Some(Self(salt))),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(CacheError::Damaged(format!("{} is empty or cut short", path.display())))
            }
            Err(error) => Err(io(error)),
        }
    }

    /// Returns the salts of the file at `path`, and of those beside it that were moved aside.
    pub(crate) fn beside(path: &Path) -> Vec<Self> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        files
            .filter(|file| file.file_name().to_string_lossy().starts_with(&name))
            .filter_map(|file| Self::of_file(&file.path()).ok().flatten())
            .collect()
    }
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&lanyard_core::hex(&self.0))
    }
}
