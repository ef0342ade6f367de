//! Open files: handles, their owners, and what is not reading or writing.
//!
//! A handle is a reference to an `OpenFile`. The process that opened it owns it: when that ends,
//! the file closes. A handle that is only garbage keeps its file open until then.

use std::num::NonZeroU64;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, Magic};
use glulam_vm::process::exit_hook::{self, HookId};
use glulam_vm::process::Pid;
use glulam_vm::{Term, am};
use rustix::fs::{Advice, FallocateFlags, FileType, Mode, OFlags, SeekFrom};

use super::{Errno, int, ok_or_error, ok_with, path_of, position, posix_error};

/// An open file. The descriptor is there until it is closed; an operation holds the lock while it
/// uses it, so that a close waits for it.
pub(super) struct OpenFile {
    descriptor: Mutex<Option<OwnedFd>>,
    hook: OnceLock<HookId>,
}

impl OpenFile {
    fn take(&self) -> Option<OwnedFd> {
        self.descriptor.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Closes what owners left open, on a thread of its own: closing may block.
fn close_later(file: Arc<OpenFile>) {
    static CLOSER: OnceLock<mpsc::Sender<Arc<OpenFile>>> = OnceLock::new();
    let closer = CLOSER.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<Arc<OpenFile>>();
        // Without that thread files close when their handles are collected.
        let _ = std::thread::Builder::new()
            .name("close files".into())
            .spawn(move || receiver.iter().for_each(|file| drop(file.take())));
        sender
    });
    let _ = closer.send(file);
}

/// `{ok, Handle}` for a descriptor, owned by the caller.
fn new_handle(cx: &mut Cx<'_>, descriptor: OwnedFd) -> Outcome {
    let file = Arc::new(OpenFile { descriptor: Mutex::new(Some(descriptor)), hook: OnceLock::new() });
    if let Some(owner) = Pid::of(cx.self_pid()) {
        let left = file.clone();
        let _ = file.hook.set(exit_hook::add(owner, move |_| close_later(left)));
    }
    let number = crate::new_reference(cx);
    let handle = cx.magic_ref(Magic::new(number, Box::new(file)));
    ok_with(cx, handle)
}

/// Runs an operation on the file behind a handle: `badarg` if it is none, `einval` if it is closed.
pub(super) fn with(
    cx: &mut Cx<'_>,
    handle: Term,
    operation: impl FnOnce(&mut Cx<'_>, BorrowedFd<'_>) -> Outcome,
) -> Outcome {
    let Some(file) = Magic::value_of::<Arc<OpenFile>>(&handle).cloned() else { return cx.badarg() };
    let descriptor = file.descriptor.lock().unwrap_or_else(PoisonError::into_inner);
    match &*descriptor {
        Some(descriptor) => operation(cx, descriptor.as_fd()),
        None => Ok(posix_error(cx, Errno::INVAL.raw_os_error())),
    }
}

/// The descriptor of an open file once more; `None`: the handle is none.
pub(crate) fn duplicate(handle: Term) -> Option<Result<OwnedFd, i32>> {
    let file = Magic::value_of::<Arc<OpenFile>>(&handle)?;
    let descriptor = file.descriptor.lock().unwrap_or_else(PoisonError::into_inner);
    Some(match &*descriptor {
        Some(descriptor) => descriptor.try_clone().map_err(|e| glulam_vm::base::errno::of(&e)),
        None => Err(Errno::INVAL.raw_os_error()),
    })
}

/// What `open_nif/2` is asked for.
#[derive(Default)]
struct Modes {
    read: bool,
    write: bool,
    append: bool,
    exclusive: bool,
    sync: bool,
    skip_type_check: bool,
    directory: bool,
}

impl Modes {
    /// From a list of options; others are for the layers above.
    fn of(list: Term) -> Modes {
        let mut modes = Modes::default();
        for option in list.list() {
            match option {
                am::read => modes.read = true,
                am::write => modes.write = true,
                am::append_atom => modes.append = true,
                am::exclusive => modes.exclusive = true,
                am::sync => modes.sync = true,
                am::skip_type_check => modes.skip_type_check = true,
                am::directory => modes.directory = true,
                _ => {}
            }
        }
        if modes.append || modes.exclusive {
            modes.write = true;
        } else if !modes.write {
            modes.read = true;
        }
        modes
    }

    fn flags(&self) -> OFlags {
        let mut flags = match (self.read, self.write) {
            (true, true) => OFlags::RDWR | OFlags::CREATE,
            (false, true) if self.append => OFlags::WRONLY | OFlags::CREATE,
            (false, true) => OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC,
            _ => OFlags::RDONLY,
        };
        flags.set(OFlags::APPEND, self.append);
        flags.set(OFlags::EXCL, self.exclusive);
        flags.set(OFlags::SYNC, self.sync);
        flags.set(OFlags::DIRECTORY, self.directory);
        flags | OFlags::CLOEXEC
    }
}

fn open_path(path: Term, modes: &Modes) -> Result<OwnedFd, Errno> {
    let path = path_of(path)?;
    let mode = Mode::from_raw_mode(if modes.directory { 0o777 } else { 0o666 });
    let fd = rustix::io::retry_on_intr(|| rustix::fs::open(&*path, modes.flags(), mode))?;
    if !modes.skip_type_check && !modes.directory {
        let is_dir = rustix::fs::fstat(&fd)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory);
        if is_dir {
            return Err(Errno::ISDIR);
        }
    }
    Ok(fd)
}

/// Opens for reading.
pub(super) fn open_to_read(path: Term) -> Result<OwnedFd, Errno> {
    open_path(path, &Modes { read: true, ..Modes::default() })
}

pub(super) fn open(cx: &mut Cx<'_>) -> Outcome {
    let [path, modes] = cx.take();
    if !modes.is_list() {
        return cx.badarg();
    }
    match open_path(path, &Modes::of(modes)) {
        Ok(fd) => new_handle(cx, fd),
        Err(e) => Ok(posix_error(cx, e.raw_os_error())),
    }
}

pub(super) fn from_descriptor(cx: &mut Cx<'_>) -> Outcome {
    let Some(number) = int(cx.arg(0)) else { return cx.badarg() };
    match glulam_vm::base::fd::adopt(number) {
        Ok(fd) => new_handle(cx, fd),
        Err(number) => Ok(posix_error(cx, number)),
    }
}

pub(super) fn close(cx: &mut Cx<'_>) -> Outcome {
    let [handle] = cx.take();
    let Some(file) = Magic::value_of::<Arc<OpenFile>>(&handle).cloned() else { return cx.badarg() };
    match file.take() {
        Some(descriptor) => {
            file.hook.get().map(|&hook| exit_hook::remove(hook));
            // What `close` itself reports is lost here; data that had to be on disk was synced.
            drop(descriptor);
            Ok(am::ok)
        }
        None => Ok(posix_error(cx, Errno::INVAL.raw_os_error())),
    }
}

pub(super) fn delayed_close(cx: &mut Cx<'_>) -> Outcome {
    let [handle] = cx.take();
    let Some(file) = Magic::value_of::<Arc<OpenFile>>(&handle).cloned() else { return cx.badarg() };
    drop(file.take());
    Ok(am::ok)
}

/// The descriptor's number as a binary, as `sendfile` wants it.
pub(super) fn number(cx: &mut Cx<'_>) -> Outcome {
    let [handle] = cx.take();
    with(cx, handle, |cx, fd| Ok(cx.binary(&fd.as_raw_fd().to_ne_bytes())))
}

pub(super) fn seek(cx: &mut Cx<'_>) -> Outcome {
    let [handle, from, offset] = cx.take();
    with(cx, handle, |cx, fd| {
        let Some(offset) = offset.as_i64() else { return cx.badarg() };
        let to = match from {
            am::bof => match u64::try_from(offset) {
                Ok(offset) => SeekFrom::Start(offset),
                Err(_) => return Ok(posix_error(cx, Errno::INVAL.raw_os_error())),
            },
            am::cur => SeekFrom::Current(offset),
            am::eof => SeekFrom::End(offset),
            _ => return cx.badarg(),
        };
        match rustix::fs::seek(fd, to) {
            Ok(position) => {
                let position = cx.u64(position);
                ok_with(cx, position)
            }
            Err(e) => Ok(posix_error(cx, e.raw_os_error())),
        }
    })
}

pub(super) fn sync(cx: &mut Cx<'_>) -> Outcome {
    let [handle, data_only] = cx.take();
    with(cx, handle, |cx, fd| {
        let Some(data_only) = int(data_only) else { return cx.badarg() };
        let done = if data_only != 0 { rustix::fs::fdatasync(fd) } else { rustix::fs::fsync(fd) };
        ok_or_error(cx, done)
    })
}

/// Cuts the file off at the current position.
pub(super) fn truncate(cx: &mut Cx<'_>) -> Outcome {
    let [handle] = cx.take();
    with(cx, handle, |cx, fd| {
        let done = rustix::fs::tell(fd).and_then(|position| rustix::fs::ftruncate(fd, position));
        ok_or_error(cx, done)
    })
}

pub(super) fn allocate(cx: &mut Cx<'_>) -> Outcome {
    let [handle, offset, length] = cx.take();
    with(cx, handle, |cx, fd| {
        let (Ok(offset), Ok(length)) = (position(offset), position(length)) else { return cx.badarg() };
        let done = match (offset, length) {
            (Some(offset), Some(length)) => rustix::io::retry_on_intr(|| {
                rustix::fs::fallocate(fd, FallocateFlags::empty(), offset, length)
            }),
            _ => Err(Errno::INVAL),
        };
        ok_or_error(cx, done)
    })
}

pub(super) fn advise(cx: &mut Cx<'_>) -> Outcome {
    let [handle, offset, length, advice] = cx.take();
    with(cx, handle, |cx, fd| {
        let (Ok(offset), Ok(length)) = (position(offset), position(length)) else { return cx.badarg() };
        let advice = match advice {
            am::normal => Some(Advice::Normal),
            am::random => Some(Advice::Random),
            am::sequential => Some(Advice::Sequential),
            am::will_need => Some(Advice::WillNeed),
            am::dont_need => Some(Advice::DontNeed),
            am::no_reuse => Some(Advice::NoReuse),
            _ => None,
        };
        let (Some(offset), Some(length), Some(advice)) = (offset, length, advice) else {
            return ok_or_error(cx, Err(Errno::INVAL));
        };
        // Only a hint: a file that takes none is no error.
        let _ = rustix::fs::fadvise(fd, offset, NonZeroU64::new(length), advice);
        Ok(am::ok)
    })
}
