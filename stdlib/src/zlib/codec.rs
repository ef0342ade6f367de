//! Working off queued input, one output chunk in each call.

use glulam_vm::base::zstream::{self, NO_FLUSH, ZStream, code};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::{Term, am};

use super::stream::{AtEnd, Stream};
use super::{ints, outcome, running};

/// Input bytes for one reduction: both directions take about as long as that many calls.
const BYTES_PER_REDUCTION: usize = 16;

pub(super) fn deflate(cx: &mut Cx<'_>) -> Outcome {
    let Some([input_size, output_size, flush]) = ints(cx) else { return cx.badarg() };
    running(cx, true, |cx, stream, z| chunk(cx, stream, z, input_size, output_size, flush))
}

pub(super) fn inflate(cx: &mut Cx<'_>) -> Outcome {
    let Some([input_size, output_size, flush]) = ints(cx) else { return cx.badarg() };
    running(cx, false, |cx, stream, z| {
        if stream.end_seen && !stream.input.is_empty() {
            match stream.at_end {
                AtEnd::Fail => return outcome(cx, code::DATA_ERROR),
                AtEnd::Cut => stream.forget_input(),
                AtEnd::Reset => match z.reset() {
                    code::OK => stream.end_seen = false,
                    code => return outcome(cx, code),
                },
            }
        }
        chunk(cx, stream, z, input_size, output_size, flush)
    })
}

/// `{finished, Output}`, `{continue, Output}` or `{need_dictionary, Adler32, Output}`, with at most
/// `output_size` bytes made from about `input_size` bytes of input.
fn chunk(
    cx: &mut Cx<'_>,
    stream: &mut Stream,
    z: &mut ZStream,
    input_size: i32,
    output_size: i32,
    flush: i32,
) -> Outcome {
    let (Ok(input_limit), Ok(room)) = (usize::try_from(input_size), usize::try_from(output_size)) else {
        return cx.badarg();
    };
    let mut output = Vec::new();
    if output.try_reserve_exact(room).is_err() {
        return outcome(cx, code::MEM_ERROR);
    }
    let mut consumed = 0;
    let mut result = code::OK;
    while result == code::OK && consumed < input_limit && output.len() < room {
        let Some(head) = stream.input.head() else { break };
        let head = &head[..head.len().min(input_limit)];
        let step = z.run(head, &mut output, NO_FLUSH);
        if z.deflates() && stream.is_raw {
            stream.crc = zstream::crc32(stream.crc, &head[..step.consumed]);
        }
        result = step.code;
        consumed += step.consumed;
        stream.input.advance(step.consumed);
    }
    // At the end of the input the stream's own state has to come out, even without a flush: it may
    // hold what did not fit into the last chunk.
    if result == code::OK && stream.input.is_empty() && output.len() < room {
        result = z.run(&[], &mut output, flush).code;
    }
    if result < 0 && result != code::BUF_ERROR {
        return outcome(cx, result);
    }
    stream.end_seen |= result == code::STREAM_END;
    if !z.deflates() && stream.is_raw {
        stream.crc = zstream::crc32(stream.crc, &output);
    }
    cx.charge(consumed.max(output.len()) / BYTES_PER_REDUCTION);
    let left = !stream.input.is_empty();
    if consumed == 0 && output.is_empty() && left {
        // No progress: well-formed input always makes some.
        return outcome(cx, code::DATA_ERROR);
    }
    let finished = !left && output.len() < room;
    let output = if output.is_empty() {
        Term::NIL
    } else {
        output.shrink_to_fit();
        let bytes = cx.binary_from(output);
        cx.cons(bytes, Term::NIL)
    };
    Ok(if finished {
        cx.tuple(&[am::finished, output])
    } else if result != code::NEED_DICT {
        cx.tuple(&[am::continue_, output])
    } else {
        let adler = Term::small((z.checksum() as i32).into());
        cx.tuple(&[am::need_dictionary, adler, output])
    })
}
