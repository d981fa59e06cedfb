use std::path::Path;

use lanyard_sandbox::{Sandbox, Settings};
use tokio::runtime::Runtime;

use crate::{Lanyard, Person};

/// The programs, their person, and the providers that they sign in to.
#[derive(Debug)]
pub struct Day {
    /// The programs.
    pub lanyard: Lanyard,
    /// Who sits at the browser.
    pub person: Person,
    /// The providers of the profiles `company` and `contoso`.
    pub sandbox: Sandbox,
    _runtime: Runtime,
}

impl Day {
    /// Starts the providers, and makes a home with a profile for each.
    ///
    /// # Panics
    /// If they do not come up.
    pub fn begin(folder: &Path) -> Self {
        Self::begin_with(folder, "")
    }

    /// Does so with more in the config file.
    ///
    /// # Panics
    /// If they do not come up.
    pub fn begin_with(folder: &Path, more: &str) -> Self {
        let runtime = Runtime::new().expect("threads can be started");
        let sandbox =
            runtime.block_on(Sandbox::start(Settings::default())).expect("a port is free");
        let config = format!("{}{more}", lanyard_sandbox::config::demo(&sandbox));
        let person = Person::at(folder);
        let lanyard = Lanyard::at(folder, &config).used_by(&person);
        Self { lanyard, person, sandbox, _runtime: runtime }
    }

    /// Returns it with the window installed too.
    #[must_use]
    pub fn with_window(self) -> Self {
        Self { lanyard: self.lanyard.with_window(), ..self }
    }

    /// Returns it with the programs as they are shipped: nobody else can play the person.
    #[must_use]
    pub fn as_shipped(self) -> Self {
        Self { lanyard: self.lanyard.running("lanyard"), ..self }
    }

    /// Signs maria in to `company`.
    ///
    /// # Panics
    /// If that fails.
    pub fn sign_in_to_company(&self) {
        self.lanyard.sign_in("company", "maria", "correct-horse").ok();
    }

    /// Signs Maria Klein in to `contoso`.
    ///
    /// # Panics
    /// If that fails.
    pub fn sign_in_to_contoso(&self) {
        self.lanyard.sign_in("contoso", "maria.klein@contoso.com", "correct-horse").ok();
    }
}
