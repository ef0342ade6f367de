//! What is known about files: the `#file_info{}` record, permissions, owners, times.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::{Term, am};
use rustix::fs::{Access, AtFlags, CWD, FileType, Gid, Mode, Stat, Timespec, Timestamps, Uid};

use super::handle::with;
use super::{Errno, int, ok_or_error, path_of, posix_error};

/// The earliest time reported: 1902-01-01, which calendar functions above can still convert.
const EARLIEST: i64 = -2_145_916_800;

fn file_type(stat: &Stat) -> Term {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::CharacterDevice | FileType::BlockDevice => am::device,
        FileType::Directory => am::directory,
        FileType::RegularFile => am::regular,
        FileType::Symlink => am::symlink,
        _ => am::other,
    }
}

fn access_atom(read: bool, write: bool) -> Term {
    match (read, write) {
        (true, false) => am::read,
        (false, true) => am::write,
        (true, true) => am::read_write,
        (false, false) => am::none,
    }
}

/// `#file_info{}` with times in seconds since 1970. Numbers of 32 bits, as the record has them.
fn record(cx: &mut Cx<'_>, stat: &Stat, access: Term) -> Term {
    let time = |seconds: i64| Term::small(seconds.max(EARLIEST));
    let word = |number: u64| Term::small((number & 0xffff_ffff) as i64);
    let size = cx.i64(stat.st_size as i64);
    cx.tuple(&[
        am::file_info,
        size,
        file_type(stat),
        access,
        time(stat.st_atime as i64),
        time(stat.st_mtime as i64),
        time(stat.st_ctime as i64),
        word(stat.st_mode as u64),
        word(stat.st_nlink as u64),
        word(stat.st_dev as u64),
        word(stat.st_rdev as u64),
        word(stat.st_ino as u64),
        word(stat.st_uid as u64),
        word(stat.st_gid as u64),
    ])
}

pub(super) fn of_path(cx: &mut Cx<'_>) -> Outcome {
    let [path, follow] = cx.take();
    let Some(follow) = int(follow) else { return cx.badarg() };
    let found = path_of(path).and_then(|path| {
        let stat = if follow != 0 { rustix::fs::stat(&*path) } else { rustix::fs::lstat(&*path) }?;
        let may = |access| rustix::fs::access(&*path, access).is_ok();
        Ok((stat, access_atom(may(Access::READ_OK), may(Access::WRITE_OK))))
    });
    Ok(match found {
        Ok((stat, access)) => record(cx, &stat, access),
        Err(e) => posix_error(cx, e.raw_os_error()),
    })
}

pub(super) fn of_handle(cx: &mut Cx<'_>) -> Outcome {
    let [handle] = cx.take();
    with(cx, handle, |cx, fd| {
        let stat = match rustix::fs::fstat(fd) {
            Ok(stat) => stat,
            Err(e) => return Ok(posix_error(cx, e.raw_os_error())),
        };
        // The class of permissions that applies to us decides alone.
        let shift = if stat.st_uid == rustix::process::geteuid().as_raw() {
            6
        } else if stat.st_gid == rustix::process::getegid().as_raw() {
            3
        } else {
            0
        };
        let mode = stat.st_mode >> shift;
        let access = access_atom(mode & 4 != 0, mode & 2 != 0);
        Ok(record(cx, &stat, access))
    })
}

pub(super) fn set_permissions(cx: &mut Cx<'_>) -> Outcome {
    let [path, permissions] = cx.take();
    let Some(permissions) = permissions.as_u64().and_then(|n| u32::try_from(n).ok()) else { return cx.badarg() };
    let done = path_of(path).and_then(|path| {
        let set = |bits| rustix::fs::chmod(&*path, Mode::from_raw_mode(bits));
        // Setuid and setgid are dropped where they are refused.
        set(permissions & 0o6777).or_else(|_| set(permissions & 0o777))
    });
    ok_or_error(cx, done)
}

pub(super) fn set_owner(cx: &mut Cx<'_>) -> Outcome {
    let [path, owner, group] = cx.take();
    let (Some(owner), Some(group)) = (int(owner), int(group)) else { return cx.badarg() };
    // -1 leaves it as it is.
    let number = |n: i32| (n != -1).then_some(n as u32);
    let done = path_of(path).and_then(|path| {
        rustix::fs::chown(&*path, number(owner).map(Uid::from_raw), number(group).map(Gid::from_raw))
    });
    ok_or_error(cx, done)
}

pub(super) fn set_time(cx: &mut Cx<'_>) -> Outcome {
    let [path, accessed, modified, created] = cx.take();
    let (Some(accessed), Some(modified), Some(_)) = (accessed.as_i64(), modified.as_i64(), created.as_i64()) else {
        return cx.badarg();
    };
    let at = |seconds| Timespec { tv_sec: seconds, tv_nsec: 0 };
    let times = Timestamps { last_access: at(accessed), last_modification: at(modified) };
    let done: Result<(), Errno> =
        path_of(path).and_then(|path| rustix::fs::utimensat(CWD, &*path, &times, AtFlags::empty()));
    ok_or_error(cx, done)
}
