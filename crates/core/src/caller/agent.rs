use std::path::Path;

use super::agents::AGENTS;
use super::program::package_of;

/// What a build for one platform has behind its name: `codex-x86_64-unknown-linux-musl`.
const PLATFORMS: [&str; 6] = ["-linux", "-darwin", "-x86", "-x64", "-aarch64", "-arm64"];

/// What gives a process away.
pub(super) struct Clues<'a> {
    /// The name of its program.
    pub(super) name: &'a str,
    /// The path of its executable.
    pub(super) path: Option<&'a Path>,
    /// The script's path or the module's name.
    pub(super) script: Option<&'a str>,
}

/// Returns the agent's name, if a clue is one of the words of the shipped list or of `more`.
pub(super) fn find(clues: &Clues, more: &[String]) -> Option<String> {
    let words = words(clues);
    let listed = AGENTS.iter().find(|(_, known)| words.iter().any(|word| known.contains(&&**word)));
    let added = || more.iter().find(|added| words.contains(&plain(added)));
    listed.map(|(agent, _)| (*agent).to_owned()).or_else(|| added().cloned())
}

/// Returns the names that the clues hold: of program, script, module and packages.
fn words(clues: &Clues) -> Vec<String> {
    let script = clues.script.unwrap_or_default();
    let file = script.rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let names = [clues.name, file, stem].map(plain);
    let packages = [package_of(script.as_ref()), clues.path.and_then(package_of)];
    let packages = packages.into_iter().flatten().map(|package| plain(&package));
    names.into_iter().chain(packages).filter(|word| !word.is_empty()).collect()
}

/// Python writes `_` in a module's name where the package has `-`.
fn plain(name: &str) -> String {
    let name = name.to_lowercase().replace('_', "-");
    let end = PLATFORMS.iter().filter_map(|platform| name.find(platform)).min();
    name.get(..end.unwrap_or(name.len())).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::{Ancestor, Caller, Executable};

    #[test]
    fn an_agent_is_seen_among_the_ancestors() {
        let caller = caller("/usr/bin/git", None, &[("bash", None), ("claude", None)]);
        assert_eq!(caller.agent(&[]).unwrap(), "claude (process 41)");
    }

    #[test]
    fn an_agent_is_seen_by_its_package() {
        let script = "/usr/lib/node_modules/@openai/codex/bin/start.js";
        assert_eq!(agent_of("/usr/bin/node", Some(script)).unwrap(), "codex (process 7)");
        let script = "/home/m/.local/share/cursor-agent/versions/2025.09.18-7ae6800/index.js";
        assert_eq!(agent_of("/usr/bin/node", Some(script)).unwrap(), "cursor (process 7)");
    }

    #[test]
    fn an_agent_is_seen_by_its_script_and_its_module() {
        let script = Some("/home/m/.venv/bin/aider");
        assert_eq!(agent_of("/usr/bin/python3", script).unwrap(), "aider (process 7)");
        let module = Some("kimi_cli.main");
        assert_eq!(agent_of("/usr/bin/python3", module).unwrap(), "kimi (process 7)");
    }

    #[test]
    fn an_agent_is_seen_by_a_build_for_one_platform() {
        let path = "/opt/codex-x86_64-unknown-linux-musl";
        assert_eq!(agent_of(path, None).unwrap(), "codex (process 7)");
        let path = "/home/m/.local/share/claude/versions/2.1.0";
        assert_eq!(agent_of(path, None).unwrap(), "claude (process 7)");
    }

    #[test]
    fn the_list_can_be_extended() {
        let caller = caller("/usr/bin/git", None, &[("My_Agent", None)]);
        assert_eq!(caller.agent(&[]), None);
        assert_eq!(caller.agent(&["my-agent".into()]).unwrap(), "my-agent (process 40)");
        assert_eq!(caller.agent(&[String::new()]), None);
    }

    #[test]
    fn folders_that_are_called_like_an_agent_are_none() {
        assert_eq!(agent_of("/home/claude/bin/deploy", None), None);
        assert_eq!(agent_of("/usr/bin/python3", Some("/home/m/src/codex/run.py")), None);
        assert_eq!(agent_of("/usr/bin/claudette", None), None);
        assert_eq!(Caller::default().agent(&[]), None);
    }

    #[test]
    fn a_name_only_ever_adds_a_label() {
        let plain = caller("/usr/bin/git", None, &[]);
        let named = caller("/tmp/claude", None, &[]);
        assert!(plain.agent(&[]).is_none() && named.agent(&[]).is_some());
        assert_eq!((plain.is_known(), named.is_known()), (true, true));
    }

    #[test]
    fn words_are_listed_once_and_as_they_are_looked_up() {
        let mut seen = std::collections::BTreeSet::new();
        for (_, words) in super::AGENTS {
            for word in *words {
                assert_eq!(&super::plain(word), word);
                assert!(seen.insert(word), "{word} is listed twice");
            }
        }
    }

    fn agent_of(path: &str, script: Option<&str>) -> Option<String> {
        caller(path, script, &[]).agent(&[])
    }

    fn caller(path: &str, script: Option<&str>, ancestors: &[(&str, Option<&str>)]) -> Caller {
        let executable = Executable { path: path.into(), device: 1, inode: 1, digest: "d".into() };
        let ancestors = (40..).zip(ancestors).map(|(pid, (name, script))| Ancestor {
            pid,
            name: (*name).to_owned(),
            script: script.map(str::to_owned),
        });
        Caller {
            pid: Some(7),
            executable: Some(executable),
            script: script.map(str::to_owned),
            ancestors: ancestors.collect(),
            ..Caller::default()
        }
    }
}
