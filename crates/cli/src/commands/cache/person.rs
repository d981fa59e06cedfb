//! What is asked of the person: passphrases, and a word that says that a thing is meant.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};

use lanyard_core::{Code, Failure, Passphrase};
use zeroize::Zeroizing;

use super::args::SecretArgs;

/// Longest line that is read, in bytes.
const LONGEST: u64 = 4096;

/// Where passphrases come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Secrets {
    /// The terminal, without echo.
    Terminal,
    /// Standard input, a line for each.
    Stdin,
}

impl From<&SecretArgs> for Secrets {
    fn from(args: &SecretArgs) -> Self {
        if args.passphrase_stdin { Self::Stdin } else { Self::Terminal }
    }
}

impl Secrets {
    /// Asks for a passphrase that is in use.
    pub(super) fn ask(self, whose: &str) -> Result<Passphrase, Failure> {
        let text = match self {
            Self::Stdin => line_of_stdin()?,
            Self::Terminal => hidden(&format!("Passphrase of {whose}: "))?,
        };
        Ok(Passphrase::new(text.as_str()))
    }

    /// Asks for a new passphrase, on the terminal twice.
    pub(super) fn ask_new(self, whose: &str) -> Result<Passphrase, Failure> {
        let text = match self {
            Self::Stdin => line_of_stdin()?,
            Self::Terminal => {
                let first = hidden(&format!("New passphrase of {whose}: "))?;
                if *hidden("The same once more: ")? != *first {
                    return Err(Failure::new(Code::Usage, "the two passphrases differ")
                        .action("try again; nothing was changed"));
                }
                first
            }
        };
        if text.is_empty() {
            return Err(Failure::new(Code::Usage, "the passphrase is empty").action("give one"));
        }
        Ok(Passphrase::new(text.as_str()))
    }
}

/// Has the person type `word` on the terminal, after saying what it does.
///
/// # Errors
/// `refused` where another word is typed, and where there is no terminal.
pub(super) fn confirm(what: &str, word: &str) -> Result<(), Failure> {
    let refused = |message: &str| {
        Failure::new(Code::Refused, message).action("run it yourself, at a terminal")
    };
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty");
    let mut terminal = terminal.map_err(|_| refused("there is nobody to confirm it"))?;
    let asked = write!(terminal, "{what}\nType \"{word}\" to go on: ");
    asked.map_err(|error| refused("the terminal cannot be used").detail(error.to_string()))?;
    let mut line = String::new();
    let read = BufReader::new(terminal.take(LONGEST)).read_line(&mut line);
    if read.is_ok() && line.trim() == word {
        return Ok(());
    }
    Err(Failure::new(Code::Refused, "it was not confirmed").action("nothing was changed"))
}

fn hidden(question: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(question).map(Zeroizing::new).map_err(|error| {
        Failure::new(Code::Refused, "there is nobody to ask for the passphrase")
            .action("run it at a terminal, or give it with --passphrase-stdin")
            .detail(error.to_string())
    })
}

fn line_of_stdin() -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(256));
    let read = std::io::stdin().lock().take(LONGEST).read_line(&mut text);
    read.map_err(|error| {
        Failure::new(Code::Usage, "the passphrase could not be read").detail(error.to_string())
    })?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}
