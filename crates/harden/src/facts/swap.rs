use std::path::{Path, PathBuf};

use serde::Serialize;

/// A place that memory is swapped to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Swap {
    /// The device or file.
    pub place: PathBuf,
    /// Whether what is written there is encrypted or stays in memory. `None` where that cannot be
    /// told, as of files.
    pub encrypted: Option<bool>,
}

/// How many devices may stand on each other: partition, RAID, LUKS, LVM, with room.
const DEPTH: usize = 8;

pub(super) fn all(swaps: &Path, sys: &Path) -> Vec<Swap> {
    let list = super::read(swaps).unwrap_or_default();
    list.lines().skip(1).filter_map(|line| parse(line, sys)).collect()
}

/// Reads a line of `/proc/swaps`. Blanks in a name stand there as `\040`.
fn parse(line: &str, sys: &Path) -> Option<Swap> {
    let mut fields = line.split_ascii_whitespace();
    let place = PathBuf::from(fields.next()?.replace("\\040", " "));
    let encrypted = match fields.next()? {
        "partition" => is_encrypted(&place, sys),
        _ => None,
    };
    Some(Swap { place, encrypted })
}

fn is_encrypted(device: &Path, sys: &Path) -> Option<bool> {
    let device = device.canonicalize().unwrap_or_else(|_| device.to_owned());
    let name = device.file_name()?.to_str()?;
    if name.starts_with("zram") {
        return Some(true);
    }
    let found = sys.join("class/block").join(name);
    found.exists().then(|| stands_on_crypt(&found, DEPTH))
}

/// Says whether this device, or all that it stands on, is one of dm-crypt.
fn stands_on_crypt(device: &Path, depth: usize) -> bool {
    if super::read(&device.join("dm/uuid")).is_some_and(|uuid| uuid.starts_with("CRYPT-")) {
        return true;
    }
    let below = std::fs::read_dir(device.join("slaves")).into_iter().flatten().flatten();
    let mut below = below.map(|entry| entry.path()).peekable();
    depth > 0 && below.peek().is_some() && below.all(|it| stands_on_crypt(&it, depth - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Filename\tType\tSize\tUsed\tPriority\n";

    #[test]
    fn a_volume_on_an_encrypted_device_is_encrypted() {
        let sys = tempfile::tempdir().unwrap();
        device(sys.path(), "dm-1", Some("LVM-abc"), &["dm-0"]);
        mapped(sys.path(), "class/block/dm-1/slaves/dm-0", "CRYPT-LUKS2-abc");
        assert_eq!(told(sys.path(), "/dev/dm-1 partition 1 0 -2"), [Some(true)]);
    }

    #[test]
    fn a_plain_partition_is_not() {
        let sys = tempfile::tempdir().unwrap();
        device(sys.path(), "sda2", None, &[]);
        assert_eq!(told(sys.path(), "/dev/sda2 partition 1 0 -2"), [Some(false)]);
    }

    #[test]
    fn a_raid_of_which_one_half_is_plain_is_not() {
        let sys = tempfile::tempdir().unwrap();
        device(sys.path(), "md0", None, &["dm-0", "sdb1"]);
        mapped(sys.path(), "class/block/md0/slaves/dm-0", "CRYPT-PLAIN-x");
        assert_eq!(told(sys.path(), "/dev/md0 partition 1 0 -2"), [Some(false)]);
    }

    #[test]
    fn of_a_file_and_of_an_unknown_device_it_cannot_be_told() {
        let sys = tempfile::tempdir().unwrap();
        let list = "/swap\\040file file 1 0 -2\n/dev/none partition 1 0 -3";
        assert_eq!(told(sys.path(), list), [None, None]);
    }

    #[test]
    fn compressed_memory_is_no_disk() {
        let sys = tempfile::tempdir().unwrap();
        assert_eq!(told(sys.path(), "/dev/zram0 partition 1 0 100"), [Some(true)]);
    }

    #[test]
    fn no_list_and_broken_lines_are_no_swap() {
        let sys = tempfile::tempdir().unwrap();
        assert_eq!(all(Path::new("/none"), sys.path()), []);
        assert_eq!(told(sys.path(), "\n/dev/sda2\n"), []);
    }

    fn told(sys: &Path, lines: &str) -> Vec<Option<bool>> {
        let list = sys.join("swaps");
        std::fs::write(&list, format!("{HEAD}{lines}\n")).unwrap();
        all(&list, sys).into_iter().map(|swap| swap.encrypted).collect()
    }

    fn device(sys: &Path, name: &str, uuid: Option<&str>, below: &[&str]) {
        let folder = sys.join("class/block").join(name);
        std::fs::create_dir_all(folder.join("slaves")).unwrap();
        for name in below {
            std::fs::create_dir_all(folder.join("slaves").join(name)).unwrap();
        }
        if let Some(uuid) = uuid {
            mapped(sys, &format!("class/block/{name}"), uuid);
        }
    }

    fn mapped(sys: &Path, device: &str, uuid: &str) {
        std::fs::create_dir_all(sys.join(device).join("dm")).unwrap();
        std::fs::write(sys.join(device).join("dm/uuid"), uuid).unwrap();
    }
}
