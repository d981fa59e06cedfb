//! Folders and files: whose they are, and what they stand on.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{statfs, statvfs};
use tokio::task::spawn_blocking;

use super::finding::Finding;
use super::scene::Scene;

/// Below this a write may fail at any moment.
const FULL: u64 = 16 << 20;

/// Below this it is time to tidy up.
const TIGHT: u64 = 200 << 20;

/// File systems of other machines, by the magic number of `statfs(2)`: their locks and shared memory
/// are not what the cache's write-ahead log needs.
const REMOTE: [(u32, &str); 8] = [
    (0x6969, "NFS"),
    (0x0102_1997, "9p"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0bd0_0bd0, "Lustre"),
];

/// Drivers in user space: SSHFS and others, of which many have no locks.
const FUSE: u32 = 0x6573_5546;

pub(super) async fn check(scene: Arc<Scene>) -> Vec<Finding> {
    spawn_blocking(move || findings(&scene)).await.unwrap_or_default()
}

fn findings(scene: &Scene) -> Vec<Finding> {
    let home = &scene.home;
    let folder = |path: &Path| path.parent().unwrap_or(Path::new("/")).to_owned();
    let socket = folder(&home.socket);
    let mut folders =
        vec![folder(&home.config), folder(&home.cache), socket.clone(), home.logs.clone()];
    folders.dedup();
    let beside = |ending: &str| home.cache.with_extension(ending);
    let files = [
        home.cache.clone(),
        beside("db-wal"),
        beside("db-shm"),
        beside("db.lock"),
        home.socket.clone(),
        home.logs.join("broker.log"),
    ];
    let mut wrong: Vec<Finding> =
        folders.iter().filter_map(|path| wrong("folder", path, 0o700, *path == socket)).collect();
    wrong.extend(files.iter().filter_map(|path| self::wrong("file", path, 0o600, false)));
    if wrong.is_empty() {
        wrong.push(Finding::ok("access", "folders and files are this user's alone"));
    }
    let store = existing(&folder(&home.cache)).to_owned();
    wrong.extend([space(&store), kind(&store)].into_iter().flatten());
    wrong
}

/// Says what is wrong with a folder or file, if it is there. Programs refuse a socket's folder that
/// is a link; elsewhere a link gives one cache two names, and with them two locks.
fn wrong(name: &str, path: &Path, mode: u32, refuses_links: bool) -> Option<Finding> {
    let (link, shown) = (std::fs::symlink_metadata(path).ok()?, path.display());
    if link.is_symlink() {
        let what = format!("{shown} is a symbolic link");
        let repair =
            "name the real place by LANYARD_HOME or the XDG variables, and remove the link";
        let finding =
            if refuses_links { Finding::fail(name, what) } else { Finding::warn(name, what) };
        return Some(finding.repair(repair));
    }
    if link.uid() != rustix::process::geteuid().as_raw() {
        let what = format!("{shown} belongs to another user (uid {})", link.uid());
        return Some(
            Finding::fail(name, what).repair(format!("sudo chown -R \"$USER\" '{shown}'")),
        );
    }
    if link.mode() & 0o077 != 0 {
        let what =
            format!("{shown} can be reached by other users (mode {:o})", link.mode() & 0o777);
        return Some(Finding::fail(name, what).repair(format!("chmod {mode:o} '{shown}'")));
    }
    None
}

/// Returns the nearest folder that is there.
fn existing(folder: &Path) -> &Path {
    folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"))
}

fn space(folder: &Path) -> Option<Finding> {
    let found = statvfs(folder).ok()?;
    Some(judge_space(folder, found.f_bavail.saturating_mul(found.f_frsize)))
}

fn judge_space(folder: &Path, free: u64) -> Finding {
    let shown = folder.display();
    let what = format!("{} MiB free at {shown}", free >> 20);
    let repair = format!("make room there: `df -h '{shown}'` shows the file system");
    match free {
        free if free < FULL => Finding::fail("disk space", what).repair(repair),
        free if free < TIGHT => Finding::warn("disk space", what).repair(repair),
        _ => Finding::ok("disk space", what),
    }
}

fn kind(folder: &Path) -> Option<Finding> {
    let magic = u32::try_from(statfs(folder).ok()?.f_type.cast_unsigned() & 0xffff_ffff).ok()?;
    Some(judge_kind(folder, magic))
}

fn judge_kind(folder: &Path, magic: u32) -> Finding {
    let shown = folder.display();
    let repair =
        "put the cache on a local disk: set XDG_DATA_HOME or LANYARD_HOME to a folder there";
    if let Some((_, name)) = REMOTE.iter().find(|(known, _)| *known == magic) {
        let what =
            format!("{shown} is on {name}, where locks and SQLite's log cannot be relied on");
        return Finding::fail("file system", what).repair(repair);
    }
    if magic == FUSE {
        let what = format!("{shown} is on a FUSE file system, which may have no locks");
        return Finding::warn("file system", what).repair(repair);
    }
    Finding::ok("file system", format!("{shown} is on a local one"))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_full_disk_fails_and_a_tight_one_warns() {
        let state = |free| judge_space(Path::new("/x"), free).state;
        assert_eq!(state(1 << 20), State::Fail);
        assert_eq!(state(100 << 20), State::Warn);
        assert_eq!(state(1 << 40), State::Ok);
    }

    #[test]
    fn a_file_system_of_another_machine_is_unfit() {
        let finding = judge_kind(Path::new("/x"), 0x6969);
        assert_eq!(finding.state, State::Fail);
        assert!(finding.what.contains("NFS"), "{}", finding.what);
        assert_eq!(judge_kind(Path::new("/x"), FUSE).state, State::Warn);
        assert_eq!(judge_kind(Path::new("/x"), 0xef53).state, State::Ok);
    }

    #[test]
    fn the_space_and_kind_of_a_real_folder_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("not/yet");
        assert_eq!(existing(&deep), dir.path());
        assert!(space(dir.path()).is_some() && kind(dir.path()).is_some());
    }

    #[test]
    fn wide_modes_and_links_are_found_with_their_repair() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("cache.db"), dir.path().join("link"));
        std::fs::write(&file, "").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let wide = wrong("file", &file, 0o600, false).unwrap();
        assert_eq!(wide.repair.unwrap(), format!("chmod 600 '{}'", file.display()));
        assert_eq!(wrong("file", &link, 0o600, false).unwrap().state, State::Warn);
        assert_eq!(wrong("folder", &link, 0o700, true).unwrap().state, State::Fail);
        assert!(wrong("file", &dir.path().join("none"), 0o600, false).is_none());
    }
}
