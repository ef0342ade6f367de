//! Directories, links, and the working directory.

use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;

use glulam_vm::base::errno;
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::Term;

use super::{Errno, int, ok_or_error, ok_with, path_of, posix_error};

/// `{ok, Name}` with the name as a binary, or `{error, Name}`.
fn name_result(cx: &mut Cx<'_>, result: Result<CString, Errno>) -> Outcome {
    match result {
        Ok(name) => {
            let name = cx.binary(name.as_bytes());
            ok_with(cx, name)
        }
        Err(e) => Ok(posix_error(cx, e.raw_os_error())),
    }
}

fn on_path(cx: &mut Cx<'_>, operation: impl FnOnce(CString) -> Result<(), Errno>) -> Outcome {
    let done = path_of(cx.arg(0)).and_then(operation);
    ok_or_error(cx, done)
}

fn on_paths(cx: &mut Cx<'_>, operation: impl FnOnce(CString, CString) -> Result<(), Errno>) -> Outcome {
    let [first, second] = cx.take();
    let done = path_of(first).and_then(|first| operation(first, path_of(second)?));
    ok_or_error(cx, done)
}

pub(super) fn read_link(cx: &mut Cx<'_>) -> Outcome {
    let target = path_of(cx.arg(0)).and_then(|path| rustix::fs::readlink(&*path, Vec::new()));
    name_result(cx, target)
}

/// Names in a directory, as binaries, the last one read first.
pub(super) fn list(cx: &mut Cx<'_>) -> Outcome {
    let path = match path_of(cx.arg(0)) {
        Ok(path) => path,
        Err(e) => return Ok(posix_error(cx, e.raw_os_error())),
    };
    let entries = match std::fs::read_dir(OsStr::from_bytes(path.as_bytes())) {
        Ok(entries) => entries,
        Err(e) => return Ok(posix_error(cx, errno::of(&e))),
    };
    let mut names = Term::NIL;
    // A name that can't be read ends the list, as an end of the directory would.
    for entry in entries.map_while(Result::ok) {
        let name = cx.binary(entry.file_name().as_bytes());
        names = cx.cons(name, names);
    }
    ok_with(cx, names)
}

pub(super) fn make_hard_link(cx: &mut Cx<'_>) -> Outcome {
    on_paths(cx, |existing, new| rustix::fs::link(&*existing, &*new))
}

pub(super) fn make_soft_link(cx: &mut Cx<'_>) -> Outcome {
    on_paths(cx, |existing, new| rustix::fs::symlink(&*existing, &*new))
}

pub(super) fn rename(cx: &mut Cx<'_>) -> Outcome {
    on_paths(cx, |from, to| {
        rustix::fs::rename(&*from, &*to).map_err(|e| match e {
            Errno::NOTEMPTY => Errno::EXIST,
            _ if from.as_bytes() == b"/" => Errno::INVAL,
            e => e,
        })
    })
}

pub(super) fn make(cx: &mut Cx<'_>) -> Outcome {
    on_path(cx, |path| rustix::fs::mkdir(&*path, rustix::fs::Mode::from_raw_mode(0o777)))
}

pub(super) fn delete_file(cx: &mut Cx<'_>) -> Outcome {
    // A directory is `eperm` in Erlang.
    on_path(cx, |path| {
        rustix::fs::unlink(&*path).map_err(|e| if e == Errno::ISDIR { Errno::PERM } else { e })
    })
}

pub(super) fn delete_dir(cx: &mut Cx<'_>) -> Outcome {
    on_path(cx, |path| {
        rustix::fs::rmdir(&*path).map_err(|e| match e {
            Errno::NOTEMPTY | Errno::EXIST if is_cwd(&path) => Errno::INVAL,
            Errno::NOTEMPTY => Errno::EXIST,
            e => e,
        })
    })
}

fn is_cwd(path: &CString) -> bool {
    let (Ok(a), Ok(b)) = (rustix::fs::stat(&**path), rustix::fs::stat(c".")) else { return false };
    a.st_ino == b.st_ino && a.st_dev == b.st_dev
}

pub(super) fn cwd(cx: &mut Cx<'_>) -> Outcome {
    let path = rustix::process::getcwd(Vec::new());
    name_result(cx, path)
}

pub(super) fn set_cwd(cx: &mut Cx<'_>) -> Outcome {
    on_path(cx, |path| rustix::process::chdir(&*path))
}

/// Working directories of drives exist on Windows only.
pub(super) fn device_cwd(cx: &mut Cx<'_>) -> Outcome {
    match int(cx.arg(0)) {
        Some(_) => ok_or_error(cx, Err(Errno::NOTSUP)),
        None => cx.badarg(),
    }
}

/// Short names exist on Windows only.
pub(super) fn short_name(cx: &mut Cx<'_>) -> Outcome {
    let refused = path_of(cx.arg(0)).and(Err(Errno::NOTSUP));
    ok_or_error(cx, refused)
}
