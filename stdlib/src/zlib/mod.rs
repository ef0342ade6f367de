//! `zlib`: streams that compress and decompress, for OTP's zlib module.
//!
//! Input is queued with `enqueue_nif/2` and worked off chunk by chunk by `deflate_nif/4` and
//! `inflate_nif/4`. A stream belongs to one process, its controller.

mod codec;
mod stream;

use glulam_vm::base::zstream::{self, ZStream, code};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, Stored};
use glulam_vm::term::iolist;
use glulam_vm::{Term, am};

use crate::prim_file::vector_of;
use stream::{AtEnd, State, Stream, with};

glulam_vm::bifs! {
    zlib:open_nif/0                 Normal nif => stream::open;
    zlib:close_nif/1                Normal nif => close;
    zlib:set_controller_nif/2       Normal nif => set_controller;
    zlib:deflateInit_nif/6          Normal nif => deflate_init;
    zlib:deflateSetDictionary_nif/2 Normal nif => deflate_set_dictionary;
    zlib:deflateReset_nif/1         Normal nif => deflate_reset;
    zlib:deflateEnd_nif/1           Normal nif => deflate_end;
    zlib:deflateParams_nif/3        Normal nif => deflate_params;
    zlib:deflate_nif/4              Normal nif => codec::deflate;
    zlib:inflateInit_nif/3          Normal nif => inflate_init;
    zlib:inflateSetDictionary_nif/2 Normal nif => inflate_set_dictionary;
    zlib:inflateGetDictionary_nif/1 Normal nif => inflate_get_dictionary;
    zlib:inflateReset_nif/1         Normal nif => inflate_reset;
    zlib:inflateEnd_nif/1           Normal nif => inflate_end;
    zlib:inflate_nif/4              Normal nif => codec::inflate;
    zlib:crc32_nif/1                Normal nif => crc32;
    /// One term kept between calls.
    zlib:getStash_nif/1             Normal nif => get_stash;
    zlib:clearStash_nif/1           Normal nif => clear_stash;
    zlib:setStash_nif/2             Normal nif => set_stash;
    zlib:getBufSize_nif/1           Normal nif => get_buffer_size;
    zlib:setBufSize_nif/2           Normal nif => set_buffer_size;
    zlib:enqueue_nif/2              Normal nif => enqueue;
}

/// Binaries taken from a list in one call.
const VECTOR: usize = 256;

/// An `int` argument, as C knows it.
fn int(term: Term) -> Option<i32> {
    term.as_small().and_then(|n| i32::try_from(n).ok())
}

/// All arguments behind the stream, as `int`s.
fn ints<const N: usize>(cx: &Cx<'_>) -> Option<[i32; N]> {
    let mut out = [0; N];
    for (slot, &arg) in out.iter_mut().zip(&cx.args()[1..]) {
        *slot = int(arg)?;
    }
    Some(out)
}

/// What a call of zlib's that gave `code` gives in Erlang.
fn outcome(cx: &mut Cx<'_>, code: i32) -> Outcome {
    Ok(match code {
        code::OK => am::ok,
        code::STREAM_END => am::stream_end,
        code::STREAM_ERROR => return cx.error(am::stream_error),
        code::DATA_ERROR => return cx.error(am::data_error),
        code::MEM_ERROR => am::mem_error,
        code::BUF_ERROR => am::buf_error,
        code::VERSION_ERROR => am::version_error,
        _ => am::unknown_error,
    })
}

fn close(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, stream| {
        if matches!(stream.state, State::Closed) {
            return cx.error(am::not_initialized);
        }
        stream.state = State::Closed;
        stream.stash = None;
        Ok(am::ok)
    })
}

fn set_controller(cx: &mut Cx<'_>) -> Outcome {
    if !cx.arg(1).is_local_pid() {
        return cx.badarg();
    }
    with(cx, |cx, stream| {
        stream.controller = cx.arg(1).as_pid_number();
        Ok(am::ok)
    })
}

/// Starts a stream that had none, as `begin` makes it.
fn init(cx: &mut Cx<'_>, begin: impl FnOnce(&mut Stream) -> Result<ZStream, i32>) -> Outcome {
    with(cx, |cx, stream| {
        if !matches!(stream.state, State::New) {
            return cx.error(am::already_initialized);
        }
        match begin(stream) {
            Ok(z) => {
                stream.state = State::Running(z);
                stream.crc = 0;
                stream.end_seen = false;
                Ok(am::ok)
            }
            Err(code) => outcome(cx, code),
        }
    })
}

fn deflate_init(cx: &mut Cx<'_>) -> Outcome {
    let Some([level, method, window_bits, mem_level, strategy]) = ints(cx) else { return cx.badarg() };
    init(cx, |stream| {
        stream.is_raw = window_bits < 0;
        ZStream::deflate(level, method, window_bits, mem_level, strategy)
    })
}

fn inflate_init(cx: &mut Cx<'_>) -> Outcome {
    let Some([window_bits, at_end]) = ints(cx) else { return cx.badarg() };
    init(cx, |stream| {
        stream.is_raw = window_bits < 0;
        stream.at_end = AtEnd::of(at_end);
        ZStream::inflate(window_bits)
    })
}

/// Runs an operation on a stream that deflates (or inflates); `not_initialized` if it doesn't.
fn running(
    cx: &mut Cx<'_>,
    deflates: bool,
    operation: impl FnOnce(&mut Cx<'_>, &mut Stream, &mut ZStream) -> Outcome,
) -> Outcome {
    with(cx, |cx, stream| {
        match std::mem::replace(&mut stream.state, State::New) {
            State::Running(mut z) if z.deflates() == deflates => {
                let result = operation(cx, stream, &mut z);
                stream.state = State::Running(z);
                result
            }
            state => {
                stream.state = state;
                cx.error(am::not_initialized)
            }
        }
    })
}

fn set_dictionary(cx: &mut Cx<'_>, deflates: bool) -> Outcome {
    let Ok(dictionary) = iolist::to_vec(cx.arg(1)) else { return cx.badarg() };
    running(cx, deflates, |cx, stream, z| match z.set_dictionary(&dictionary) {
        code::OK if deflates => {
            // Raw streams keep no checksum of their own.
            let sum = if stream.is_raw { zstream::adler32(0, &dictionary) } else { z.checksum() };
            Ok(Term::small((sum as i32).into()))
        }
        code => outcome(cx, code),
    })
}

fn deflate_set_dictionary(cx: &mut Cx<'_>) -> Outcome {
    set_dictionary(cx, true)
}

fn inflate_set_dictionary(cx: &mut Cx<'_>) -> Outcome {
    set_dictionary(cx, false)
}

fn inflate_get_dictionary(cx: &mut Cx<'_>) -> Outcome {
    running(cx, false, |cx, _, z| match z.dictionary() {
        Ok(bytes) => Ok(cx.binary_from(bytes)),
        Err(code) => outcome(cx, code),
    })
}

fn reset(cx: &mut Cx<'_>, deflates: bool) -> Outcome {
    running(cx, deflates, |cx, stream, z| {
        let code = z.reset();
        stream.crc = 0;
        stream.end_seen = false;
        stream.forget_input();
        outcome(cx, code)
    })
}

fn deflate_reset(cx: &mut Cx<'_>) -> Outcome {
    reset(cx, true)
}

fn inflate_reset(cx: &mut Cx<'_>) -> Outcome {
    reset(cx, false)
}

fn end(cx: &mut Cx<'_>, deflates: bool) -> Outcome {
    with(cx, |cx, stream| {
        let z = match std::mem::replace(&mut stream.state, State::New) {
            State::Running(z) if z.deflates() == deflates => z,
            state => {
                stream.state = state;
                return cx.error(am::not_initialized);
            }
        };
        let mut code = z.end();
        let early = !stream.input.is_empty() || (!deflates && !stream.end_seen);
        if code == code::OK && early {
            code = code::DATA_ERROR;
        }
        stream.forget_input();
        outcome(cx, code)
    })
}

fn deflate_end(cx: &mut Cx<'_>) -> Outcome {
    end(cx, true)
}

fn inflate_end(cx: &mut Cx<'_>) -> Outcome {
    end(cx, false)
}

fn deflate_params(cx: &mut Cx<'_>) -> Outcome {
    let Some([level, strategy]) = ints(cx) else { return cx.badarg() };
    running(cx, true, |cx, _, z| {
        let code = z.set_params(level, strategy);
        outcome(cx, code)
    })
}

fn crc32(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, stream| match stream.state {
        State::Running(_) => Ok(Term::small(stream.crc.into())),
        _ => cx.error(am::not_initialized),
    })
}

fn get_stash(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, stream| {
        let Some(stash) = &stream.stash else { return Ok(am::empty_atom) };
        let term = stash.load(cx);
        Ok(cx.tuple(&[am::ok, term]))
    })
}

fn clear_stash(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, stream| match stream.stash.take() {
        Some(_) => Ok(am::ok),
        None => cx.error(am::error),
    })
}

fn set_stash(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, stream| {
        if stream.stash.is_some() {
            return cx.error(am::error);
        }
        stream.stash = Some(Stored::new(cx.arg(1)));
        Ok(am::ok)
    })
}

fn get_buffer_size(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |_, stream| Ok(Term::small(stream.buffer_size.into())))
}

fn set_buffer_size(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, stream| match int(cx.arg(1)) {
        Some(size) => {
            stream.buffer_size = size;
            Ok(am::ok)
        }
        None => cx.badarg(),
    })
}

fn enqueue(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, stream| {
        if !matches!(stream.state, State::Running(_)) {
            return cx.error(am::not_initialized);
        }
        let Some((parts, rest)) = vector_of(cx.arg(1), VECTOR) else { return cx.badarg() };
        for part in parts {
            stream.input.push(part.to_bytes().into_owned());
        }
        Ok(if rest.is_nil() { am::ok } else { cx.tuple(&[am::continue_, rest]) })
    })
}
