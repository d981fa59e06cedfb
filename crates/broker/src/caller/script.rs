//! What an interpreter runs.

use std::path::{Path, PathBuf};

use super::process::Process;

/// A program that is known by what it runs.
struct Interpreter {
    /// Its name; digits behind it are a version.
    name: &'static str,
    /// The letters of options with code as their value; they may end a cluster such as `-lc`.
    code: &'static str,
    /// Long options of that kind.
    long_code: &'static [&'static str],
    /// The letter of the option whose value is a module.
    module: Option<char>,
    /// Options whose value is the next word.
    valued: &'static [&'static str],
    /// First letters of options that hold their value themselves: `-Mstrict`.
    attached: &'static str,
    /// Words before the script.
    words: &'static [&'static str],
}

const NONE: Interpreter = Interpreter {
    name: "",
    code: "",
    long_code: &[],
    module: None,
    valued: &[],
    attached: "",
    words: &[],
};

const NODE: Interpreter = Interpreter {
    name: "node",
    code: "ep",
    long_code: &["--eval", "--print"],
    valued: &["-r", "--require", "--import", "--loader", "--experimental-loader", "-C"],
    ..NONE
};

const PYTHON: Interpreter = Interpreter {
    name: "python",
    code: "c",
    module: Some('m'),
    valued: &["-W", "-X", "--check-hash-based-pycs"],
    attached: "WX",
    ..NONE
};

const INTERPRETERS: [Interpreter; 11] = [
    PYTHON,
    Interpreter { name: "pypy", ..PYTHON },
    NODE,
    Interpreter { name: "nodejs", ..NODE },
    Interpreter { name: "bun", words: &["run"], valued: &["-r", "--preload", "--cwd"], ..NODE },
    Interpreter { name: "deno", words: &["run"], valued: &["-c", "--config"], ..NONE },
    Interpreter {
        name: "ruby",
        code: "e",
        valued: &["-I", "-r", "-E"],
        attached: "IrECKTWx",
        ..NONE
    },
    Interpreter { name: "perl", code: "eE", valued: &["-I"], attached: "MmIxdDCFV", ..NONE },
    Interpreter { name: "php", code: "rBRE", valued: &["-c", "-d", "-z"], attached: "cdz", ..NONE },
    Interpreter { name: "lua", code: "e", valued: &["-l"], ..NONE },
    Interpreter {
        name: "java",
        module: Some('m'),
        valued: &["-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules"],
        attached: "DX",
        ..NONE
    },
];

/// Shells: interpreters that people also type into.
const SHELL_NAMES: [&str; 6] = ["sh", "bash", "dash", "zsh", "fish", "ksh"];

const SHELL: Interpreter = Interpreter {
    code: "cs",
    long_code: &["--command"],
    valued: &["-o", "+o", "-O", "--rcfile", "--init-file", "-C"],
    ..NONE
};

/// What a process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Code {
    /// Its own: it is no interpreter, or a shell that somebody types into.
    Own,
    Script(PathBuf),
    Module(String),
    /// It gave itself this name, and does not show what it runs.
    Title(String),
    /// A shell's command line: `-c`, also within a cluster such as `-lc`.
    Command,
    /// From the command line or a pipe. The words are no name: they could hold a secret.
    Unseen,
}

/// Returns what the process runs. Its program's name is `name`.
pub(super) fn code(process: &Process, name: &str) -> Code {
    let is_shell = SHELL_NAMES.contains(&name);
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let listed = INTERPRETERS.iter().find(|interpreter| interpreter.name == base);
    let Some(interpreter) = listed.or(is_shell.then_some(&SHELL)) else { return Code::Own };
    let arguments = process.arguments();
    if let Some(title) = title(&arguments).filter(|title| !is_shell && !title.starts_with(base)) {
        return Code::Title(title.to_owned());
    }
    match operand(interpreter, arguments.get(1..).unwrap_or_default()) {
        Operand::None if is_shell && process.reads_a_terminal() => Code::Own,
        Operand::Code(option) if is_shell && option.ends_with(['c', 'd']) => Code::Command,
        Operand::Module(name) if is_module(name) => Code::Module(name.to_owned()),
        Operand::Script(name) => match script(process, name) {
            Some(path) => Code::Script(path),
            None if base == "java" && is_module(name) => Code::Module(name.to_owned()),
            None => Code::Unseen,
        },
        Operand::None | Operand::Code(_) | Operand::Module(_) => Code::Unseen,
    }
}

/// What stands behind the options.
#[derive(Debug, PartialEq, Eq)]
enum Operand<'a> {
    None,
    Code(&'a str),
    Module(&'a str),
    Script(&'a str),
}

fn operand<'a>(interpreter: &Interpreter, arguments: &'a [String]) -> Operand<'a> {
    let mut words = arguments.iter().map(String::as_str).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        match interpreter.kind(word) {
            Kind::Flag => {}
            Kind::Valued => drop(words.next()),
            Kind::Code => return Operand::Code(word),
            Kind::Module => return words.next().map_or(Operand::None, Operand::Module),
            Kind::End => return words.next().map_or(Operand::None, Operand::Script),
            Kind::Script => return Operand::Script(word),
        }
    }
    Operand::None
}

/// What a word of the command line is.
enum Kind {
    Flag,
    Valued,
    Code,
    Module,
    End,
    Script,
}

impl Interpreter {
    fn kind(&self, word: &str) -> Kind {
        let letters = word.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
        let first = letters.and_then(|letters| letters.chars().next());
        let last = letters.and_then(|letters| letters.chars().last());
        let is_in = |set: &str, letter: Option<char>| letter.is_some_and(|one| set.contains(one));
        match word {
            "--" => Kind::End,
            "-" => Kind::Code,
            _ if self.long_code.iter().any(|long| word.split('=').next() == Some(long)) => {
                Kind::Code
            }
            _ if self.valued.contains(&word) => Kind::Valued,
            _ if is_in(self.attached, first) => Kind::Flag,
            _ if is_in(self.code, last) => Kind::Code,
            _ if last.is_some() && last == self.module => Kind::Module,
            _ if word.starts_with(['-', '+']) || self.words.contains(&word) => Kind::Flag,
            _ => Kind::Script,
        }
    }
}

/// Returns the file that the name stands for in the process's folder.
fn script(process: &Process, name: &str) -> Option<PathBuf> {
    let folder = if name.starts_with('/') { PathBuf::new() } else { process.folder()? };
    let path = folder.join(name).canonicalize().ok()?;
    path.is_file().then_some(path)
}

fn is_module(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "._-/".contains(c))
}

/// Returns the first word by which a process was started, or that it wrote over that.
fn title(arguments: &[String]) -> Option<&str> {
    let first = arguments.first()?.split_ascii_whitespace().next()?;
    Path::new(first).file_name()?.to_str().filter(|name| is_module(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_told_from_the_script() {
        let python = &PYTHON;
        assert_eq!(of(python, "run.py --token x"), Operand::Script("run.py"));
        assert_eq!(of(python, "-X dev -u -W error run.py"), Operand::Script("run.py"));
        assert_eq!(of(python, "-um http.server -c x"), Operand::Module("http.server"));
        assert_eq!(of(&NODE, "--no-warnings --import tsx cli.js"), Operand::Script("cli.js"));
        assert_eq!(of(named("bun"), "run index.ts"), Operand::Script("index.ts"));
        assert_eq!(of(named("perl"), "-MStorable -w run.pl"), Operand::Script("run.pl"));
        assert_eq!(of(&SHELL, "-e -o pipefail run.sh"), Operand::Script("run.sh"));
        assert_eq!(of(named("java"), "-Xmx1g -cp a:b -jar app.jar"), Operand::Script("app.jar"));
        assert_eq!(of(python, "-Wc -Xdev -- run.py"), Operand::Script("run.py"));
    }

    #[test]
    fn code_on_the_command_line_and_from_a_pipe_is_no_script() {
        for (name, line) in [
            ("python", "-c pass run.py"),
            ("python", "-Ic pass"),
            ("python", "- run.py"),
            ("node", "-e 1 run.js"),
            ("node", "--eval=1 run.js"),
            ("perl", "-lane print run.pl"),
            ("ruby", "-e 1"),
        ] {
            assert!(matches!(of(named(name), line), Operand::Code(_)), "{name} {line}");
        }
        assert_eq!(of(&SHELL, "-lc ls"), Operand::Code("-lc"));
        assert_eq!(of(&SHELL, "-s run.sh"), Operand::Code("-s"));
        assert_eq!(of(&PYTHON, ""), Operand::None);
        assert_eq!(of(&PYTHON, "-m"), Operand::None);
        assert_eq!(of(&PYTHON, "-X"), Operand::None);
    }

    fn named(name: &str) -> &'static Interpreter {
        INTERPRETERS.iter().find(|interpreter| interpreter.name == name).unwrap()
    }

    fn of(interpreter: &Interpreter, line: &'static str) -> Operand<'static> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        operand(interpreter, Vec::leak(words))
    }
}
