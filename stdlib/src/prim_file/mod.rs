//! `prim_file`: raw files and the file system, as the `file` module's lowest layer calls them.
//!
//! Paths arrive as binaries that `internal_name2native/1` made: encoded, with a NUL at the end.
//! What the operating system refuses comes back as `{error, enoent}` and its like; arguments of the
//! wrong type raise `badarg`.

mod dir;
mod handle;
mod info;
mod names;
mod transfer;

use std::ffi::CString;

use glulam_vm::base::errno;
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::{Atom, Term, am};

glulam_vm::bifs! {
    prim_file:open_nif/2                DirtyIo nif => handle::open;
    prim_file:close_nif/1               DirtyIo nif => handle::close;
    prim_file:delayed_close_nif/1       DirtyIo nif => handle::delayed_close;
    prim_file:file_desc_to_ref_nif/1    DirtyIo nif => handle::from_descriptor;
    prim_file:get_handle_nif/1          Normal nif  => handle::number;
    prim_file:seek_nif/3                DirtyIo nif => handle::seek;
    prim_file:sync_nif/2                DirtyIo nif => handle::sync;
    prim_file:truncate_nif/1            DirtyIo nif => handle::truncate;
    prim_file:allocate_nif/3            DirtyIo nif => handle::allocate;
    prim_file:advise_nif/4              DirtyIo nif => handle::advise;
    prim_file:read_nif/2                DirtyIo nif => transfer::read;
    prim_file:pread_nif/3               DirtyIo nif => transfer::pread;
    prim_file:write_nif/2               DirtyIo nif => transfer::write;
    prim_file:pwrite_nif/3              DirtyIo nif => transfer::pwrite;
    /// Reads a size and a position (32 bits each), then the block they describe.
    prim_file:ipread_s32bu_p32bu_nif/3  DirtyIo nif => transfer::indirect_read;
    prim_file:read_file_nif/1           DirtyIo nif => transfer::read_file;
    prim_file:read_handle_info_nif/1    DirtyIo nif => info::of_handle;
    prim_file:read_info_nif/2           DirtyIo nif => info::of_path;
    prim_file:set_permissions_nif/2     DirtyIo nif => info::set_permissions;
    prim_file:set_owner_nif/3           DirtyIo nif => info::set_owner;
    prim_file:set_time_nif/4            DirtyIo nif => info::set_time;
    prim_file:read_link_nif/1           DirtyIo nif => dir::read_link;
    prim_file:list_dir_nif/1            DirtyIo nif => dir::list;
    prim_file:make_hard_link_nif/2      DirtyIo nif => dir::make_hard_link;
    prim_file:make_soft_link_nif/2      DirtyIo nif => dir::make_soft_link;
    prim_file:rename_nif/2              DirtyIo nif => dir::rename;
    prim_file:make_dir_nif/1            DirtyIo nif => dir::make;
    prim_file:del_file_nif/1            DirtyIo nif => dir::delete_file;
    prim_file:del_dir_nif/1             DirtyIo nif => dir::delete_dir;
    prim_file:get_device_cwd_nif/1      DirtyIo nif => dir::device_cwd;
    prim_file:get_cwd_nif/0             DirtyIo nif => dir::cwd;
    prim_file:set_cwd_nif/1             DirtyIo nif => dir::set_cwd;
    prim_file:altname_nif/1             DirtyIo nif => dir::short_name;
    prim_file:internal_name2native/1    Normal      => names::to_native;
    prim_file:internal_native2name/1    Normal      => names::from_native;
    prim_file:internal_normalize_utf8/1 Normal      => names::normalize;
    prim_file:is_translatable/1         Normal      => names::is_translatable;
    file:native_name_encoding/0         Normal      => names::encoding;
}

pub(crate) use handle::duplicate;
pub(crate) use names::encode as encode_name;
pub(crate) use transfer::vector_of;

/// An error number of the operating system.
type Errno = rustix::io::Errno;

/// `{error, Name}` of an error number.
pub(crate) fn posix_error(cx: &mut Cx<'_>, number: i32) -> Term {
    let name = Term::from_atom(Atom::known(errno::name(number)));
    cx.tuple(&[am::error, name])
}

/// `ok`, or `{error, Name}`.
fn ok_or_error(cx: &mut Cx<'_>, result: Result<(), Errno>) -> Outcome {
    Ok(match result {
        Ok(()) => am::ok,
        Err(e) => posix_error(cx, e.raw_os_error()),
    })
}

/// `{ok, Value}`
fn ok_with(cx: &mut Cx<'_>, value: Term) -> Outcome {
    Ok(cx.tuple(&[am::ok, value]))
}

/// The path in a binary: NULs only at its end, and at least one.
fn path_of(term: Term) -> Result<CString, Errno> {
    let bits = term.as_binary().ok_or(Errno::INVAL)?;
    let bytes = bits.to_bytes();
    let end = bytes.iter().position(|&b| b == 0).ok_or(Errno::INVAL)?;
    if bytes[end..].iter().any(|&b| b != 0) {
        return Err(Errno::INVAL);
    }
    CString::new(&bytes[..end]).map_err(|_| Errno::INVAL)
}

/// An `int` argument, as C knows it.
fn int(term: Term) -> Option<i32> {
    term.as_small().and_then(|n| i32::try_from(n).ok())
}

/// A size or position: `Err` for what is no number, `None` for one that can't be.
fn position(term: Term) -> Result<Option<u64>, NotANumber> {
    if !term.is_number() {
        return Err(NotANumber);
    }
    Ok(term.as_i64().and_then(|n| u64::try_from(n).ok()))
}

/// An argument that had to be a number is none.
struct NotANumber;
