//! The list of functions. New ones go to its end.

use core::ffi::c_void;

use super::{Bytes, Call, Drop, Held, ResourceType, Step, Term, Terms};

/// One function as text, for the header and the documentation.
pub struct Function {
    pub name: &'static str,
    /// Lines of its description.
    pub docs: &'static [&'static str],
    /// Name and type of each parameter, as Rust writes them.
    pub parameters: &'static [(&'static str, &'static str)],
    pub result: &'static str,
}

/// Expands `$what` to the list.
#[macro_export]
macro_rules! functions {
    ($what:ident) => {
        $what! {
            /// What sort of term it is: one of `kind`; 0 for what has no sort.
            kind(call: *mut Call, term: Term) -> u32;
            /// An integer that fits; 1 if it does.
            get_i64(call: *mut Call, term: Term, to: *mut i64) -> u32;
            get_u64(call: *mut Call, term: Term, to: *mut u64) -> u32;
            /// Any integer: the magnitude, least byte first, and 1 in `negative` if it is below 0. The bytes
            /// live as long as the call.
            get_integer(call: *mut Call, term: Term, negative: *mut u32, to: *mut Bytes) -> u32;
            /// A float; integers are none.
            get_f64(call: *mut Call, term: Term, to: *mut f64) -> u32;
            /// The name of an atom, which lives for ever.
            get_atom(call: *mut Call, term: Term, to: *mut Bytes) -> u32;
            /// The bytes of a binary where they lie. They live as long as the call.
            get_bytes(call: *mut Call, term: Term, to: *mut Bytes) -> u32;
            /// The same of any iodata; what is a list is copied.
            get_iodata(call: *mut Call, term: Term, to: *mut Bytes) -> u32;
            /// Head and tail of a list that is not empty.
            get_cons(call: *mut Call, term: Term, head: *mut Term, tail: *mut Term) -> u32;
            /// The elements of a proper list. They live as long as the call.
            get_list(call: *mut Call, term: Term, to: *mut Terms) -> u32;
            /// The elements of a tuple where they lie.
            get_tuple(call: *mut Call, term: Term, to: *mut Terms) -> u32;
            /// The keys of a map, and in the same order its values. They live as long as the call.
            get_map(call: *mut Call, term: Term, keys: *mut Terms, values: *mut Terms) -> u32;
            /// The value of a key; 0 if there is none.
            map_get(call: *mut Call, map: Term, key: Term, to: *mut Term) -> u32;
            /// The order of terms: less than 0, 0 or more.
            compare(a: Term, b: Term) -> i32;
            make_i64(call: *mut Call, value: i64) -> Term;
            make_u64(call: *mut Call, value: u64) -> Term;
            /// The reverse of `get_integer`.
            make_integer(call: *mut Call, negative: u32, magnitude: Bytes) -> Term;
            /// `NONE` if it is not finite.
            make_f64(call: *mut Call, value: f64) -> Term;
            /// `NONE` if the name is no UTF-8 or longer than 255 characters, or no more atoms can be made.
            make_atom(call: *mut Call, name: Bytes) -> Term;
            /// A binary: a copy.
            make_bytes(call: *mut Call, bytes: Bytes) -> Term;
            /// A binary whose bytes the plugin writes before the call ends; `NONE` if there is no memory.
            make_buffer(call: *mut Call, size: usize, to: *mut *mut u8) -> Term;
            /// A binary of bytes that are the plugin's; `drop` is called with `owner` once no term needs them.
            make_shared(call: *mut Call, bytes: Bytes, owner: *mut c_void, drop: Drop) -> Term;
            /// A part of a binary, sharing its bytes; `NONE` if it has no such part.
            make_part(call: *mut Call, binary: Term, start: usize, size: usize) -> Term;
            /// A list; `NONE` as the tail stands for the empty list.
            make_list(call: *mut Call, elements: Terms, tail: Term) -> Term;
            make_tuple(call: *mut Call, elements: Terms) -> Term;
            /// A map; `NONE` if a key is there twice or the counts differ.
            make_map(call: *mut Call, keys: Terms, values: Terms) -> Term;
            /// A new reference.
            make_reference(call: *mut Call) -> Term;
            /// A copy of any term that is valid now.
            copy(call: *mut Call, term: Term) -> Term;
            /// The call raises `error:Reason`; what the native gives does not count then. In `load`: why not.
            raise(call: *mut Call, reason: Term);
            /// The process that calls; `NONE` in a message.
            self_pid(call: *mut Call) -> Term;
            /// Reductions left in this time slice: a step that has used up what it found should end.
            budget(call: *mut Call) -> u32;
            /// Charges reductions: some 4 are a microsecond of work.
            charge(call: *mut Call, reductions: u32);
            /// The native is not done: `step` is called in a later time slice, in place of what it gives now, and
            /// `drop` with the state once the last step is done or the process has ended.
            again(call: *mut Call, state: *mut c_void, step: Step, drop: Drop);
            /// A type of resources, by name; in `load` only. One that the plugin before had is taken over, with
            /// its resources. Null if that is not possible.
            open_type(call: *mut Call, name: Bytes, drop: Drop) -> *mut ResourceType;
            /// A resource: `value`, which `drop` of its type frees, until no term refers to it, `size` bytes of memory for the account of whoever
            /// holds it.
            make_resource(call: *mut Call, of: *mut ResourceType, value: *mut c_void, size: usize) -> Term;
            /// The value of a resource of this type.
            get_resource(call: *mut Call, term: Term, of: *mut ResourceType, to: *mut *mut c_void) -> u32;
            /// The bytes of a binary beyond the call, until `release` is called; null if it is none.
            hold(call: *mut Call, term: Term, to: *mut Bytes) -> *mut Held;
            release(held: *mut Held);
            /// A binary of bytes that are held; takes over `held`.
            make_held(call: *mut Call, held: *mut Held) -> Term;
            /// A place to build a message in, on any thread; ends with `send` or `message_free`.
            message_new() -> *mut Call;
            message_free(message: *mut Call);
            /// The process of this node that a term names: a number that is good on any thread, for ever.
            get_pid(call: *mut Call, term: Term, to: *mut u64) -> u32;
            /// The reverse.
            make_pid(call: *mut Call, pid: u64) -> Term;
            /// Sends, and ends the message unless the process is full: one of `sent`. With `most` not 0 it is full
            /// when so many messages wait in its queue.
            send(to: u64, message: *mut Call, term: Term, most: u32) -> u32;
            /// Tells the logger.
            log(text: Bytes);
        }
    };
}

macro_rules! table {
    ($($(#[doc = $doc:literal])* $name:ident($($parameter:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions, behind their size in bytes and the version of the interface.
        #[repr(C)]
        pub struct Table {
            pub size: u32,
            pub version: u32,
            $($(#[doc = $doc])* pub $name: unsafe extern "C" fn($($parameter: $type),*) $(-> $result)?,)*
        }

        /// The same as text.
        pub const FUNCTIONS: &[Function] = &[$(Function {
            name: stringify!($name),
            docs: &[$($doc),*],
            parameters: &[$((stringify!($parameter), stringify!($type))),*],
            result: concat!($(stringify!($result))?),
        }),*];
    };
}
functions!(table);
