//! `decode_packet/3`: the first packet of a binary.

use glulam_vm::base::packet::http::{self, Message, Uri, Version};
use glulam_vm::base::packet::{Extent, Limits, Protocol, record};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
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
        Protocol::Http => http_message(cx, kind, packet),
        Protocol::SslTls => tls_record(cx, packet),
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

fn tls_record(cx: &mut Cx<'_>, packet: &[u8]) -> Term {
    let Some(record) = record(packet) else { return invalid(cx) };
    let (major, minor) = record.version;
    let version = cx.tuple(&[Term::small(major.into()), Term::small(minor.into())]);
    let data = cx.binary(&record.data);
    let tag = Term::from_atom(Atom::known("ssl_tls"));
    cx.tuple(&[tag, Term::NIL, Term::small(record.content.into()), version, data])
}

fn http_message(cx: &mut Cx<'_>, kind: Kind, packet: &[u8]) -> Term {
    let tag = |name: &'static str| Term::from_atom(Atom::known(name));
    let text = |cx: &mut Cx<'_>, bytes: &[u8]| {
        if kind.binaries { cx.binary(bytes) } else { cx.byte_list(bytes) }
    };
    let version = |cx: &mut Cx<'_>, (major, minor): Version| {
        cx.tuple(&[Term::small(major.into()), Term::small(minor.into())])
    };
    match http::parse(packet, kind.headers) {
        None => {
            let line = text(cx, packet);
            cx.tuple(&[tag("http_error"), line])
        }
        Some(Message::EndOfHeaders) => tag("http_eoh"),
        Some(Message::Response { version: of, status, phrase }) => {
            let (of, phrase) = (version(cx, of), text(cx, phrase));
            cx.tuple(&[tag("http_response"), of, Term::small(status.into()), phrase])
        }
        Some(Message::Request { method, uri, version: of }) => {
            let known = http::METHODS.iter().find(|known| known.as_bytes() == method);
            let method = match known {
                Some(known) => tag(known),
                None => text(cx, method),
            };
            let uri = match uri {
                Uri::Star => tag("*"),
                Uri::Other(uri) => text(cx, uri),
                Uri::Path(path) => {
                    let path = text(cx, path);
                    cx.tuple(&[tag("abs_path"), path])
                }
                Uri::Scheme(scheme, rest) => {
                    let (scheme, rest) = (text(cx, scheme), text(cx, rest));
                    cx.tuple(&[tag("scheme"), scheme, rest])
                }
                Uri::Absolute { secure, host, port, path } => {
                    let scheme = tag(if secure { "https" } else { "http" });
                    let port = port.map_or(am::undefined, |port| Term::small(port.into()));
                    let (host, path) = (text(cx, host), text(cx, path));
                    cx.tuple(&[tag("absoluteURI"), scheme, host, port, path])
                }
            };
            let of = version(cx, of);
            cx.tuple(&[tag("http_request"), method, uri, of])
        }
        Some(Message::Header { number, name, original, value }) => {
            let name = match number.checked_sub(1) {
                Some(known) => tag(http::HEADERS[known]),
                None => text(cx, &name),
            };
            let (original, value) = (text(cx, original), text(cx, value));
            cx.tuple(&[tag("http_header"), Term::small(number as i64), name, original, value])
        }
    }
}
