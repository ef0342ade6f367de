//! The functions that plugins call. `glulam_abi` says what each does.

use std::ffi::c_void;

use glulam_abi::{self as abi, Bytes, Call, Held, ResourceType, Terms, sent};

use super::super::Env;
use super::super::isolated;
use super::super::resource::{self, Callbacks, Type};
use super::step::Stepping;
use crate::atom::Atom;
use crate::heap::number::Int;
use crate::heap::{BinaryBuffer, Build, Magic, copy, map};
use crate::process::{Parcel, Pid, reference};
use crate::sched::system;
use crate::table::{processes, route};
use crate::term::{Kind, Term, View, cmp, iolist};

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident($($parameter:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        /// Every function of the list is here, with its type.
        pub(in crate::host) static TABLE: abi::Table =
            abi::Table { size: size_of::<abi::Table>() as u32, version: abi::VERSION, $($name),* };
    };
}
glulam_abi::functions!(table);

type T = abi::Term;

fn ours(term: T) -> Term {
    Term::raw(term.0)
}

fn theirs(term: Term) -> T {
    abi::Term(term.bits())
}

unsafe fn env<'a>(call: *mut Call) -> &'a mut Env {
    Env::at(call.cast::<Env>())
}

pub(super) unsafe fn array<'a, V>(data: *const V, count: usize) -> &'a [V] {
    // SAFETY: N1: so many are there.
    if count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, count) } }
}

pub(super) unsafe fn slice<'a>(bytes: Bytes) -> &'a [u8] {
    // SAFETY: N1.
    unsafe { array(bytes.data, bytes.size) }
}

unsafe fn terms<'a>(terms: Terms) -> &'a [Term] {
    array(terms.data.cast::<Term>(), terms.count)
}

fn bytes(bytes: &[u8]) -> Bytes {
    Bytes { data: bytes.as_ptr(), size: bytes.len() }
}

/// Stores what there is: 1, else 0.
unsafe fn give<V>(value: Option<V>, to: *mut V) -> u32 {
    match value {
        Some(value) => {
            to.write(value);
            1
        }
        None => 0,
    }
}

unsafe extern "C" fn kind(_: *mut Call, term: T) -> u32 {
    match ours(term).view() {
        View::Atom(_) => abi::kind::ATOM,
        View::Bits(_) | View::MatchContext => abi::kind::BITSTRING,
        View::Float(_) => abi::kind::FLOAT,
        View::Fun(_) => abi::kind::FUN,
        View::Small(_) | View::Big(_) => abi::kind::INTEGER,
        View::Nil | View::Cons(_) => abi::kind::LIST,
        View::Map(_) => abi::kind::MAP,
        View::LocalPid | View::ExternalPid => abi::kind::PID,
        View::LocalPort | View::ExternalPort => abi::kind::PORT,
        View::Ref | View::ExternalRef => abi::kind::REFERENCE,
        View::Tuple(_) | View::Record => abi::kind::TUPLE,
        View::Internal => 0,
    }
}

unsafe extern "C" fn get_i64(_: *mut Call, term: T, to: *mut i64) -> u32 {
    give(ours(term).as_i64(), to)
}

unsafe extern "C" fn get_u64(_: *mut Call, term: T, to: *mut u64) -> u32 {
    give(ours(term).as_u64(), to)
}

unsafe extern "C" fn get_integer(call: *mut Call, term: T, negative: *mut u32, to: *mut Bytes) -> u32 {
    let term = ours(term);
    let Some(integer) = Int::of(term) else { return 0 };
    let mut magnitude: Vec<u8> = integer.limbs().iter().flat_map(|limb| limb.to_le_bytes()).collect();
    magnitude.truncate(magnitude.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1));
    *negative = match term.view() {
        View::Small(n) => (n < 0).into(),
        View::Big(big) => big.is_negative().into(),
        _ => 0,
    };
    *to = bytes(env(call).keep(magnitude));
    1
}

unsafe extern "C" fn get_f64(_: *mut Call, term: T, to: *mut f64) -> u32 {
    give(ours(term).as_float(), to)
}

unsafe extern "C" fn get_atom(_: *mut Call, term: T, to: *mut Bytes) -> u32 {
    give(ours(term).as_atom().map(|atom| bytes(atom.name().as_bytes())), to)
}

unsafe extern "C" fn get_bytes(call: *mut Call, term: T, to: *mut Bytes) -> u32 {
    let Some(bits) = ours(term).as_binary() else { return 0 };
    *to = match bits.as_bytes() {
        Some(aligned) => bytes(aligned),
        None => bytes(env(call).keep(bits.to_bytes().into_owned())),
    };
    1
}

unsafe extern "C" fn get_iodata(call: *mut Call, term: T, to: *mut Bytes) -> u32 {
    if ours(term).as_bits().is_some() {
        return get_bytes(call, term, to);
    }
    let Ok(all) = iolist::to_vec(ours(term)) else { return 0 };
    *to = bytes(env(call).keep(all));
    1
}

unsafe extern "C" fn get_cons(_: *mut Call, term: T, head: *mut T, tail: *mut T) -> u32 {
    let Some(cell) = ours(term).as_cons() else { return 0 };
    *head = theirs(cell.head());
    *tail = theirs(cell.tail());
    1
}

/// Terms that live as long as the call.
unsafe fn kept(call: *mut Call, terms: Vec<Term>) -> Terms {
    let terms = terms.into_boxed_slice();
    let view = Terms { data: terms.as_ptr().cast::<T>(), count: terms.len() };
    env(call).keep_object(Box::new(terms));
    view
}

unsafe extern "C" fn get_list(call: *mut Call, term: T, to: *mut Terms) -> u32 {
    let Some(elements) = ours(term).proper_list() else { return 0 };
    *to = kept(call, elements);
    1
}

unsafe extern "C" fn get_tuple(_: *mut Call, term: T, to: *mut Terms) -> u32 {
    let Some(tuple) = ours(term).as_tuple() else { return 0 };
    *to = Terms { data: tuple.as_slice().as_ptr().cast::<T>(), count: tuple.arity() };
    1
}

unsafe extern "C" fn get_map(call: *mut Call, term: T, keys: *mut Terms, values: *mut Terms) -> u32 {
    let Some(map) = ours(term).as_map() else { return 0 };
    let (k, v): (Vec<Term>, Vec<Term>) = map.iter().unzip();
    *keys = kept(call, k);
    *values = kept(call, v);
    1
}

unsafe extern "C" fn map_get(_: *mut Call, map: T, key: T, to: *mut T) -> u32 {
    give(ours(map).as_map().and_then(|map| map.get(ours(key))).map(theirs), to)
}

unsafe extern "C" fn compare(a: T, b: T) -> i32 {
    cmp::compare(ours(a), ours(b)) as i32
}

unsafe extern "C" fn make_i64(call: *mut Call, value: i64) -> T {
    theirs(env(call).i64(value))
}

unsafe extern "C" fn make_u64(call: *mut Call, value: u64) -> T {
    theirs(env(call).u64(value))
}

unsafe extern "C" fn make_integer(call: *mut Call, negative: u32, magnitude: Bytes) -> T {
    let limbs: Vec<u64> = slice(magnitude)
        .chunks(8)
        .map(|chunk| chunk.iter().rev().fold(0, |limb, &byte| limb << 8 | u64::from(byte)))
        .collect();
    theirs(env(call).big(negative != 0, &limbs))
}

unsafe extern "C" fn make_f64(call: *mut Call, value: f64) -> T {
    if value.is_finite() { theirs(env(call).float(value)) } else { T::NONE }
}

unsafe extern "C" fn make_atom(_: *mut Call, name: Bytes) -> T {
    let atom = std::str::from_utf8(slice(name)).ok().and_then(|name| Atom::intern(name).ok());
    atom.map_or(T::NONE, |atom| theirs(Term::from_atom(atom)))
}

unsafe extern "C" fn make_bytes(call: *mut Call, bytes: Bytes) -> T {
    theirs(env(call).binary(slice(bytes)))
}

unsafe extern "C" fn make_buffer(call: *mut Call, size: usize, to: *mut *mut u8) -> T {
    let Some(buffer) = BinaryBuffer::try_new(size) else { return T::NONE };
    // What the plugin leaves unwritten must not be what was there before.
    std::ptr::write_bytes(BinaryBuffer::data_mut(buffer), 0, size);
    (*buffer).set_used_bits(size * 8);
    *to = BinaryBuffer::data_mut(buffer);
    theirs(env(call).refc_binary(buffer, size))
}

/// Something of a plugin's, freed by it.
struct Owner {
    value: *mut c_void,
    drop: abi::Drop,
}

// SAFETY: N1: the interface says that `drop` may be called on any thread.
unsafe impl Send for Owner {}
// SAFETY: nothing looks at it before it is dropped.
unsafe impl Sync for Owner {}

impl Drop for Owner {
    fn drop(&mut self) {
        // SAFETY: N1: once.
        unsafe { (self.drop)(self.value) };
    }
}

unsafe extern "C" fn make_shared(call: *mut Call, bytes: Bytes, owner: *mut c_void, drop: abi::Drop) -> T {
    let owner = Owner { value: owner, drop };
    let data = slice(bytes);
    let buffer = BinaryBuffer::foreign(data.as_ptr(), data.len(), Box::new(owner));
    theirs(env(call).refc_binary(buffer, data.len()))
}

unsafe extern "C" fn make_part(call: *mut Call, binary: T, start: usize, size: usize) -> T {
    let whole = ours(binary);
    let fits = whole.as_binary().is_some_and(|bits| start.checked_add(size).is_some_and(|end| end <= bits.byte_size()));
    if fits { theirs(env(call).part(whole, start * 8, size * 8)) } else { T::NONE }
}

unsafe extern "C" fn make_list(call: *mut Call, elements: Terms, tail: T) -> T {
    let tail = if tail == T::NONE { Term::NIL } else { ours(tail) };
    theirs(env(call).list_with_tail(terms(elements), tail))
}

unsafe extern "C" fn make_tuple(call: *mut Call, elements: Terms) -> T {
    theirs(env(call).tuple(terms(elements)))
}

unsafe extern "C" fn make_map(call: *mut Call, keys: Terms, values: Terms) -> T {
    if keys.count != values.count {
        return T::NONE;
    }
    let pairs: Vec<map::Pair> = terms(keys).iter().copied().zip(terms(values).iter().copied()).collect();
    map::from_unique_pairs(&pairs, env(call)).map_or(T::NONE, theirs)
}

unsafe extern "C" fn make_reference(call: *mut Call) -> T {
    theirs(env(call).reference(reference::fresh()))
}

unsafe extern "C" fn copy(call: *mut Call, term: T) -> T {
    theirs(copy::copy_into(ours(term), env(call)))
}

unsafe extern "C" fn raise(call: *mut Call, reason: T) {
    env(call).raised = if reason == T::NONE { crate::am::badarg } else { ours(reason) };
}

unsafe extern "C" fn self_pid(call: *mut Call) -> T {
    env(call).caller().map_or(T::NONE, theirs)
}

unsafe extern "C" fn budget(call: *mut Call) -> u32 {
    /// Of a slice, where nobody else waits for the thread.
    const WHOLE: u32 = 4000;
    env(call).own().map_or(WHOLE, |own| own.reductions_left.max(0) as u32)
}

unsafe extern "C" fn charge(call: *mut Call, reductions: u32) {
    if let Some(own) = env(call).own() {
        own.reductions_left = own.reductions_left.saturating_sub(reductions.min(i32::MAX as u32) as i32);
    }
}

unsafe extern "C" fn again(call: *mut Call, state: *mut c_void, step: abi::Step, drop: abi::Drop) {
    env(call).set_step(Stepping::new(state, step, drop));
}

unsafe extern "C" fn open_type(call: *mut Call, name: Bytes, drop: abi::Drop) -> *mut ResourceType {
    /// A new type, or one that was there.
    const EITHER: i32 = 3;
    let env = env(call);
    let Some(module) = env.library().map(|library| library.module) else { return std::ptr::null_mut() };
    let Some(opening) = env.opening() else { return std::ptr::null_mut() };
    let callbacks = Callbacks { free: Some(drop), ..Callbacks::default() };
    match resource::open(opening, module, slice(name), callbacks, EITHER) {
        Ok((ty, _)) => ty.cast_mut().cast::<ResourceType>(),
        Err(_) => std::ptr::null_mut(),
    }
}

unsafe extern "C" fn make_resource(call: *mut Call, of: *mut ResourceType, value: *mut c_void, size: usize) -> T {
    let magic = resource::holding(of.cast_const().cast::<Type>(), value, size);
    isolated::hold(magic);
    theirs(env(call).magic_ref(magic))
}

unsafe extern "C" fn get_resource(call: *mut Call, term: T, of: *mut ResourceType, to: *mut *mut c_void) -> u32 {
    let mut term = ours(term);
    if let Some(magic) = isolated::held(term) {
        Magic::retain(magic);
        term = env(call).magic_ref(magic);
    }
    match resource::of_term(&term) {
        Some(resource) if resource.is_of(of.cast_const().cast::<Type>()) => {
            *to = resource.data();
            1
        }
        _ => 0,
    }
}

/// A count of a buffer, and the part of it that is meant.
struct Part {
    buffer: *mut BinaryBuffer,
    start: usize,
    size: usize,
}

unsafe extern "C" fn hold(_: *mut Call, term: T, to: *mut Bytes) -> *mut Held {
    let Some(bits) = ours(term).as_binary() else { return std::ptr::null_mut() };
    let part = match bits.as_bytes() {
        Some(bytes) if bits.base.header().is(Kind::RefcBinary) => {
            let buffer = bits.base.word(1) as *mut BinaryBuffer;
            BinaryBuffer::retain(buffer);
            let start = bytes.as_ptr().offset_from(BinaryBuffer::bytes_of(buffer)) as usize;
            Part { buffer, start, size: bytes.len() }
        }
        _ => {
            let bytes = bits.to_bytes();
            Part { buffer: BinaryBuffer::from_bytes(&bytes), start: 0, size: bytes.len() }
        }
    };
    *to = Bytes { data: BinaryBuffer::bytes_of(part.buffer).add(part.start), size: part.size };
    Box::into_raw(Box::new(part)).cast::<Held>()
}

unsafe extern "C" fn release(held: *mut Held) {
    let part = Box::from_raw(held.cast::<Part>());
    BinaryBuffer::release(part.buffer);
}

unsafe extern "C" fn make_held(call: *mut Call, held: *mut Held) -> T {
    let part = Box::from_raw(held.cast::<Part>());
    let env = env(call);
    let whole = env.refc_binary(part.buffer, part.start + part.size);
    theirs(env.part(whole, part.start * 8, part.size * 8))
}

unsafe extern "C" fn message_new() -> *mut Call {
    Box::into_raw(Box::new(Env::of_library(std::ptr::null()))).cast::<Call>()
}

unsafe extern "C" fn message_free(message: *mut Call) {
    drop(Box::from_raw(message.cast::<Env>()));
}

unsafe extern "C" fn get_pid(_: *mut Call, term: T, to: *mut u64) -> u32 {
    give(Some(term.0).filter(|_| ours(term).is_local_pid()), to)
}

unsafe extern "C" fn make_pid(_: *mut Call, pid: u64) -> T {
    let pid = Term::raw(pid);
    // An immediate is looked at, never an address.
    if !pid.is_pointer() && pid.is_local_pid() { theirs(pid) } else { T::NONE }
}

unsafe extern "C" fn send(to: u64, message: *mut Call, term: T, most: u32) -> u32 {
    let to = ours(make_pid(message, to));
    if let Some(forwarded) = isolated::forward(to, ours(term)) {
        message_free(message);
        return if forwarded { sent::SENT } else { sent::DEAD };
    }
    let room = Pid::of(to).and_then(|pid| processes::with(pid, |process| most == 0 || process.has_room(most)));
    if room == Some(false) {
        return sent::FULL;
    }
    let delivered = room.is_some() && route::send_parcel(to, Parcel::new(ours(term)));
    message_free(message);
    if delivered { sent::SENT } else { sent::DEAD }
}

unsafe extern "C" fn log(text: Bytes) {
    system::report(&super::text(text));
}
