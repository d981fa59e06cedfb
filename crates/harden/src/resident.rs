#![cfg_attr(unix, expect(unsafe_code, reason = "mlock and madvise take addresses"))]

/// Keeps the memory of `secret` out of swap and core files, and returns whether it worked: the user
/// may have no memory left to lock (`RLIMIT_MEMLOCK`).
///
/// Whole pages are meant, and stay so: for keys that live as long as the process.
#[cfg(unix)]
#[must_use]
pub fn keep_resident(secret: &[u8]) -> bool {
    if secret.is_empty() {
        return true;
    }
    let size = rustix::param::page_size();
    let before = secret.as_ptr().addr() % size;
    let first = secret.as_ptr().wrapping_sub(before).cast_mut().cast();
    let length = (before + secret.len()).next_multiple_of(size);
    // SAFETY: the pages are mapped, since `secret` is in them. Locking alters none of their bytes.
    let locked = unsafe { rustix::mm::mlock(first, length) };
    locked.and_then(|()| keep_out_of_cores(first, length)).is_ok()
}

/// Returns that nothing was locked.
#[cfg(not(unix))]
#[must_use]
pub fn keep_resident(_: &[u8]) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn keep_out_of_cores(first: *mut std::ffi::c_void, length: usize) -> rustix::io::Result<()> {
    // SAFETY: as for the lock. The advice alters what a core file has, and nothing else.
    unsafe { rustix::mm::madvise(first, length, rustix::mm::Advice::LinuxDontDump) }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn keep_out_of_cores(_: *mut std::ffi::c_void, _: usize) -> rustix::io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_locked_and_left_out_of_core_files() {
        let key = vec![7_u8; 32];
        assert!(keep_resident(&key));
        let flags = flags_of(key.as_ptr().addr());
        assert!(flags.contains(" lo ") && flags.contains(" dd "), "{flags}");
    }

    #[test]
    fn nothing_is_always_kept() {
        assert!(keep_resident(&[]));
    }

    #[test]
    fn more_than_the_user_may_lock_is_said() {
        use rustix::process::{Resource, Rlimit, getuid, setrlimit};

        // Root may lock what it likes.
        let may_not = !getuid().is_root();
        let limit = Rlimit { current: Some(4096), maximum: Some(4096) };
        setrlimit(Resource::Memlock, limit).unwrap();
        assert_eq!(keep_resident(&vec![1; 64 << 10]), !may_not);
    }

    /// Returns the kernel's flags of the mapping that has this address (proc(5), `VmFlags`).
    fn flags_of(address: usize) -> String {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut inside = false;
        for line in maps.lines() {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            let hex = |text| usize::from_str_radix(text, 16).ok();
            if let Some((Some(start), Some(end))) = range.map(|(a, b)| (hex(a), hex(b))) {
                inside = (start..end).contains(&address);
            }
            if inside && line.starts_with("VmFlags") {
                return format!("{line} ");
            }
        }
        panic!("no mapping has {address:x}");
    }
}
