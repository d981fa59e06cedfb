use std::path::Path;

/// Folders whose entries are packages, each in a folder of its own name.
const PACKAGE_FOLDERS: [&str; 5] =
    ["node_modules", "site-packages", "dist-packages", "venvs", "tools"];

/// The folder in which some programs keep their versions beside each other.
const VERSIONS: &str = "versions";

/// Returns the program's name: the file's, or where that is a version, such as
/// `claude/versions/2.1.0`, the name of the folder that it is a version of.
pub fn program_name(path: &Path) -> String {
    let path = path.to_string_lossy();
    let mut parts = path.rsplit('/').skip_while(|part| is_version(part) || *part == VERSIONS);
    let name = parts.find(|part| !part.is_empty());
    name.or_else(|| path.rsplit('/').next()).unwrap_or_default().to_owned()
}

/// Returns the innermost package that a path lies in: `@scope/name` below `node_modules`, `name`
/// below `site-packages` and the folders of pipx and uv, or what it is a version of.
pub(super) fn package_of(path: &Path) -> Option<String> {
    let path = path.to_string_lossy();
    let parts: Vec<&str> = path.split('/').collect();
    let at = |index: usize| parts.get(index).copied().filter(|part| !part.is_empty());
    (0..parts.len()).rev().find_map(|index| match at(index)? {
        VERSIONS => at(index.checked_sub(1)?).map(str::to_owned),
        folder if PACKAGE_FOLDERS.contains(&folder) => {
            // The last part is the file itself.
            let package = at(index + 1).filter(|_| index + 2 < parts.len())?;
            match at(index + 2) {
                Some(name) if package.starts_with('@') => Some(format!("{package}/{name}")),
                _ => Some(package.to_owned()),
            }
        }
        _ => None,
    })
}

fn is_version(name: &str) -> bool {
    let number = name.split(['-', '+']).next().unwrap_or_default();
    number.contains('.')
        && number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_digit() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_no_name() {
        let name = |path: &str| program_name(Path::new(path));
        assert_eq!(name("/usr/bin/git"), "git");
        assert_eq!(name("/usr/bin/7z"), "7z");
        assert_eq!(name("/usr/bin/python3.11"), "python3.11");
        assert_eq!(name("/home/maria/.local/share/claude/versions/2.1.0"), "claude");
        assert_eq!(name("/opt/tool/1.0.0-beta.2"), "tool");
        assert_eq!(name("1.2"), "1.2");
        assert_eq!(name(""), "");
    }

    #[test]
    fn the_innermost_package_counts() {
        let package = |path: &str| package_of(Path::new(path));
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(package("/usr/lib/node_modules/@scope/tool/dist/cli.js"), some("@scope/tool"));
        assert_eq!(package("/a/node_modules/outer/node_modules/inner/x.js"), some("inner"));
        assert_eq!(package("/v/lib/python3.11/site-packages/aider/main.py"), some("aider"));
        assert_eq!(package("/home/m/.local/pipx/venvs/aider-chat/bin/aider"), some("aider-chat"));
        assert_eq!(package("/home/m/.local/share/uv/tools/kimi-cli/bin/kimi"), some("kimi-cli"));
        assert_eq!(package("/s/cursor-agent/versions/2025.09.18/index.js"), some("cursor-agent"));
        assert_eq!(package("/home/maria/deploy.sh"), None);
        assert_eq!(package("/home/maria/tools/deploy.sh"), None);
        assert_eq!(package("/a/node_modules"), None);
        assert_eq!(package(""), None);
    }
}
