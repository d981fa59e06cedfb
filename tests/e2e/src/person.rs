use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::project;

/// A person at the system browser: the `xdg-open` that programs find notes each page and goes
/// through it, or leaves it alone until it is told who the person is.
#[derive(Debug)]
pub struct Person {
    folder: PathBuf,
}

impl Person {
    /// Puts the browser below `folder`.
    ///
    /// # Panics
    /// If the folder is not new.
    pub fn at(folder: &Path) -> Self {
        let person = Self { folder: folder.join("person") };
        std::fs::create_dir(&person.folder).expect("the folder is new");
        let (at, browser) = (person.folder.display(), project("tests/peers/browser/sign-in.mjs"));
        let script = format!(
            "#!/bin/sh\necho \"$1\" >>'{at}/pages'\n\
             [ -e '{at}/answers' ] || exit 0\n\
             export TMPDIR='{at}'\n\
             exec node '{}' \"$1\" $(cat '{at}/answers') >>'{at}/log' 2>&1\n",
            browser.display()
        );
        let opener = person.folder.join("xdg-open");
        std::fs::write(&opener, script).expect("the folder is writable");
        std::fs::set_permissions(opener, std::fs::Permissions::from_mode(0o755))
            .expect("it is ours");
        person
    }

    /// Lets the person sign in so from now on.
    pub fn is(&self, user: &str, password: &str) {
        self.answers(&format!("--user {user} --password {password}"));
    }

    /// Lets the person refuse from now on.
    pub fn refuses(&self) {
        self.answers("--deny");
    }

    /// Returns the pages that the browser was opened with.
    pub fn pages(&self) -> Vec<String> {
        let pages = std::fs::read_to_string(self.folder.join("pages")).unwrap_or_default();
        pages.lines().map(str::to_owned).collect()
    }

    /// Returns the `PATH` of programs that find this person's browser.
    #[expect(clippy::disallowed_methods, reason = "a test's own set-up")]
    pub fn path(&self) -> OsString {
        let others = std::env::var_os("PATH").unwrap_or_default();
        [self.folder.as_os_str(), &others].join(OsStr::new(":"))
    }

    fn answers(&self, words: &str) {
        std::fs::write(self.folder.join("answers"), words).expect("the folder is writable");
    }
}
