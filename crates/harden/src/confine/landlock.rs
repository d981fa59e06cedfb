use std::path::{Path, PathBuf};

use landlock::{
    ABI, AccessFs, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus,
    path_beneath_rules,
};

use crate::Measure;

/// The newest rules that are known here (Linux 6.10). An older kernel keeps those that it knows.
const KNOWN: ABI = ABI::V5;

/// Lets this thread, and those that it starts, execute nothing and write in `writable` only.
pub(super) fn restrict(writable: &[PathBuf]) -> Measure {
    let why = match enforce(writable) {
        Ok(RulesetStatus::FullyEnforced) => {
            return Measure::of("landlock", Ok::<_, RulesetError>(()));
        }
        Ok(RulesetStatus::PartiallyEnforced) => {
            let why = Some("in part: this kernel is older than 6.10".to_owned());
            return Measure { name: "landlock", holds: true, why };
        }
        Ok(RulesetStatus::NotEnforced) => "this kernel has no Landlock, or it is off".to_owned(),
        Err(error) => error.to_string(),
    };
    Measure { name: "landlock", holds: false, why: Some(why) }
}

fn enforce(writable: &[PathBuf]) -> Result<RulesetStatus, RulesetError> {
    let null = [Path::new("/dev/null")];
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_write(KNOWN) | AccessFs::Execute)?
        .create()?
        .add_rules(path_beneath_rules(writable, in_own_folder()))?
        .add_rules(path_beneath_rules(null, AccessFs::WriteFile))?;
    Ok(rules.restrict_self()?.ruleset)
}

/// Files, folders and sockets: neither devices nor links that could lead out.
fn in_own_folder() -> BitFlags<AccessFs> {
    use AccessFs::{MakeDir, MakeReg, MakeSock, Refer, RemoveDir, RemoveFile, Truncate, WriteFile};

    WriteFile | Truncate | Refer | MakeReg | MakeDir | MakeSock | RemoveFile | RemoveDir
}
