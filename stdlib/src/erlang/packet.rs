//! `decode_packet/3`: the first packet of a binary.

use glulam_vm::base::packet::{Extent, Limits, Protocol};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::inet::{http_message, tls_record};
use glulam_vm::{Atom, Term, am, bifs};

bifs! {
    /// `{ok, Packet, Rest}`, `{more, Length}` or `{error, invalid}`.
    erlang:decode_packet/3 Normal => decode_packet;
}

/// What the first argument says.
#[derive(Clone, Copy)]
struct Kind {
    protocol: Protocol,
    /// HTTP: headers come next; texts are binaries.
    headers: bool,
    binaries: bool,
}

impl Kind {
    fn of(term: Term) -> Option<Kind> {
        let plain = |protocol| Some(Kind { protocol, headers: false, binaries: false });
        let http = |headers, binaries| Some(Kind { protocol: Protocol::Http, headers, binaries });
        if let Some(n) = term.as_small() {
            return match n {
                0 => plain(Protocol::Raw),
                1 | 2 | 4 => plain(Protocol::Length(n as u8)),
                _ => None,
            };
        }
        match term.as_atom()?.name() {
            "raw" => plain(Protocol::Raw),
            "asn1" => plain(Protocol::Asn1),
            "sunrm" => plain(Protocol::SunRm),
            "cdr" => plain(Protocol::Cdr),
            "fcgi" => plain(Protocol::Fcgi),
            "tpkt" => plain(Protocol::Tpkt),
            "line" => plain(Protocol::Line),
            "ssl_tls" => plain(Protocol::SslTls),
            "http" => http(false, false),
            "httph" => http(true, false),
            "http_bin" => http(false, true),
            "httph_bin" => http(true, true),
            _ => None,
        }
    }
}

fn limits(kind: Kind, options: Term) -> Option<Limits> {
    let mut limits = Limits::default();
    for option in options.proper_list()? {
        let [key, value] = option.as_tuple_of::<2>()?;
        let value = u32::try_from(value.as_u64()?).ok()?;
        match key.as_atom()?.name() {
            "packet_size" => limits.packet = value as usize,
            "line_length" => limits.line = value as usize,
            "line_delimiter" if kind.protocol == Protocol::Line => limits.delimiter = u8::try_from(value).ok()?,
            _ => return None,
        }
    }
    Some(limits)
}

fn decode_packet(cx: &mut Cx<'_>) -> Outcome {
    let [kind, data, options] = cx.take();
    let Some(kind) = Kind::of(kind) else { return cx.badarg_because(am::badopt) };
    let (Some(bits), Some(limits)) = (data.as_bits(), limits(kind, options)) else { return cx.badarg() };
    let bytes = bits.to_bytes();
    let bytes = &bytes[..bits.bit_size / 8];
    let size = match kind.protocol.extent(bytes, limits, kind.headers) {
        Extent::Bytes(size) if size <= bytes.len() => size,
        Extent::Bytes(size) => {
            let size = cx.usize(size);
            return Ok(cx.tuple(&[am::more, size]));
        }
        Extent::Unknown => return Ok(cx.tuple(&[am::more, am::undefined])),
        Extent::Invalid => return Ok(invalid(cx)),
    };
    cx.charge(size / 64);
    let packet = &bytes[..size];
    let decoded = match kind.protocol {
        Protocol::Http => http_message(cx, packet, kind.headers, kind.binaries),
        Protocol::SslTls => match tls_record(cx, packet) {
            Some(record) => record,
            None => return Ok(invalid(cx)),
        },
        protocol => {
            let body = protocol.body(packet);
            cx.part(data, body.start * 8, body.len() * 8)
        }
    };
    let rest = cx.part(data, size * 8, bits.bit_size - size * 8);
    Ok(cx.tuple(&[am::ok, decoded, rest]))
}

fn invalid(cx: &mut Cx<'_>) -> Term {
    cx.tuple(&[am::error, Term::from_atom(Atom::known("invalid"))])
}
