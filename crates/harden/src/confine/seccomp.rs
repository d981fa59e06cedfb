use std::collections::BTreeMap;

use libc::{
    SYS_add_key, SYS_bpf, SYS_chroot, SYS_clone, SYS_clone3, SYS_delete_module, SYS_execve,
    SYS_execveat, SYS_finit_module, SYS_fsconfig, SYS_fsmount, SYS_fsopen, SYS_fspick,
    SYS_init_module, SYS_io_uring_setup, SYS_ioctl, SYS_kcmp, SYS_kexec_load, SYS_keyctl,
    SYS_mount, SYS_mount_setattr, SYS_move_mount, SYS_open_by_handle_at, SYS_open_tree,
    SYS_perf_event_open, SYS_pidfd_getfd, SYS_pivot_root, SYS_process_madvise,
    SYS_process_vm_readv, SYS_process_vm_writev, SYS_ptrace, SYS_reboot, SYS_request_key,
    SYS_setns, SYS_swapoff, SYS_swapon, SYS_umount2, SYS_unshare, SYS_userfaultfd,
};
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter_all_threads,
};

/// Calls that the broker has no use for, and whoever got into it has.
const REFUSED: &[i64] = &[
    // To become another program.
    SYS_execve,
    SYS_execveat,
    // To reach into other processes.
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_pidfd_getfd,
    SYS_kcmp,
    // Large interfaces of the kernel. io_uring would also pass by this filter.
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    // To make itself another view of the system.
    SYS_unshare,
    SYS_setns,
    SYS_chroot,
    SYS_pivot_root,
    SYS_mount,
    SYS_umount2,
    SYS_move_mount,
    SYS_mount_setattr,
    SYS_open_tree,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_open_by_handle_at,
    // To alter the system.
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_kexec_file_load,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
];

/// New namespaces by way of `clone`, as `unshare` makes them.
const NAMESPACES: [libc::c_int; 7] = [
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
];

/// Refuses those calls to all threads, for ever.
pub(super) fn restrict() -> Result<(), Error> {
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> =
        REFUSED.iter().flat_map(|&call| with_x32(call)).map(|call| (call, Vec::new())).collect();
    let namespaces: Result<_, _> = NAMESPACES.iter().map(|&it| namespace(it)).collect();
    refused.insert(SYS_clone, namespaces?);
    refused.insert(SYS_ioctl, vec![typing()?]);
    apply(refused, libc::EPERM)?;
    // What `clone3` is asked for stands in memory, where no filter can look. Libraries that are told
    // that it does not exist use `clone`.
    apply(BTreeMap::from([(SYS_clone3, Vec::new())]), libc::ENOSYS)
}

fn apply(refused: BTreeMap<i64, Vec<SeccompRule>>, error: libc::c_int) -> Result<(), Error> {
    let action = SeccompAction::Errno(error.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(refused, SeccompAction::Allow, action, arch)?;
    let program: BpfProgram = filter.try_into()?;
    apply_filter_all_threads(&program)
}

fn namespace(flag: libc::c_int) -> Result<SeccompRule, Error> {
    let flag = u64::from(flag.unsigned_abs());
    let operator = SeccompCmpOp::MaskedEq(flag);
    let condition = SeccompCondition::new(0, SeccompCmpArgLen::Qword, operator, flag)?;
    Ok(SeccompRule::new(vec![condition])?)
}

/// Typing on the terminal that the broker was started on, as if the person did.
fn typing() -> Result<SeccompRule, Error> {
    let operator = SeccompCmpOp::Eq;
    let condition = SeccompCondition::new(1, SeccompCmpArgLen::Dword, operator, libc::TIOCSTI)?;
    Ok(SeccompRule::new(vec![condition])?)
}

/// Returns a call's numbers: on x86-64 a kernel may know it by a second one, of the x32 interface
/// (`arch/x86/entry/syscalls/syscall_64.tbl`).
#[cfg(target_arch = "x86_64")]
fn with_x32(call: i64) -> [i64; 2] {
    const X32: i64 = 0x4000_0000;
    const OTHERS: [(i64, i64); 6] = [
        (SYS_execve, 520),
        (SYS_ptrace, 521),
        (SYS_kexec_load, 528),
        (SYS_process_vm_readv, 539),
        (SYS_process_vm_writev, 540),
        (SYS_execveat, 545),
    ];
    let other = OTHERS.iter().find(|(usual, _)| *usual == call);
    [call, X32 | other.map_or(call, |(_, other)| *other)]
}

#[cfg(not(target_arch = "x86_64"))]
fn with_x32(call: i64) -> [i64; 1] {
    [call]
}
