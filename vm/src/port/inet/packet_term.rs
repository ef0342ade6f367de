//! Packets of HTTP and TLS as terms: what `erlang:decode_packet/3` gives and sockets deliver.

use crate::am;
use crate::atom::Atom;
use crate::base::packet::http::{self, Message, Uri, Version};
use crate::base::packet::record;
use crate::heap::Build;
use crate::term::Term;

fn tag(name: &'static str) -> Term {
    Term::from_atom(Atom::known(name))
}

fn version(place: &mut impl Build, (major, minor): Version) -> Term {
    place.tuple(&[Term::small(major.into()), Term::small(minor.into())])
}

/// `{ssl_tls, [], ContentType, {Major, Minor}, Data}`
pub fn tls_record(place: &mut impl Build, packet: &[u8]) -> Option<Term> {
    let record = record(packet)?;
    let of = version(place, (record.version.0.into(), record.version.1.into()));
    let data = place.binary(&record.data);
    Some(place.tuple(&[tag("ssl_tls"), Term::NIL, Term::small(record.content.into()), of, data]))
}

/// A line of HTTP: a request, a status or, if `headers`, a header.
pub fn http_message(place: &mut impl Build, packet: &[u8], headers: bool, binaries: bool) -> Term {
    let text = |place: &mut _, bytes: &[u8]| text(place, bytes, binaries);
    match http::parse(packet, headers) {
        None => {
            let line = text(place, packet);
            place.tuple(&[tag("http_error"), line])
        }
        Some(Message::EndOfHeaders) => tag("http_eoh"),
        Some(Message::Response { version: of, status, phrase }) => {
            let (of, phrase) = (version(place, of), text(place, phrase));
            place.tuple(&[tag("http_response"), of, Term::small(status.into()), phrase])
        }
        Some(Message::Request { method, uri, version: of }) => {
            let known = http::METHODS.iter().find(|known| known.as_bytes() == method);
            let method = match known {
                Some(known) => tag(known),
                None => text(place, method),
            };
            let uri = uri_term(place, &uri, binaries);
            let of = version(place, of);
            place.tuple(&[tag("http_request"), method, uri, of])
        }
        Some(Message::Header { number, name, original, value }) => {
            let name = match number.checked_sub(1) {
                Some(known) => tag(http::HEADERS[known]),
                None => text(place, &name),
            };
            let (original, value) = (text(place, original), text(place, value));
            place.tuple(&[tag("http_header"), Term::small(number as i64), name, original, value])
        }
    }
}

fn text(place: &mut impl Build, bytes: &[u8], binaries: bool) -> Term {
    if binaries { place.binary(bytes) } else { place.byte_list(bytes) }
}

fn uri_term(place: &mut impl Build, uri: &Uri<'_>, binaries: bool) -> Term {
    match uri {
        Uri::Star => tag("*"),
        Uri::Other(uri) => text(place, uri, binaries),
        Uri::Path(path) => {
            let path = text(place, path, binaries);
            place.tuple(&[tag("abs_path"), path])
        }
        Uri::Scheme(scheme, rest) => {
            let (scheme, rest) = (text(place, scheme, binaries), text(place, rest, binaries));
            place.tuple(&[tag("scheme"), scheme, rest])
        }
        Uri::Absolute { secure, host, port, path } => {
            let scheme = tag(if *secure { "https" } else { "http" });
            let port = port.map_or(am::undefined, |port| Term::small(port.into()));
            let (host, path) = (text(place, host, binaries), text(place, path, binaries));
            place.tuple(&[tag("absoluteURI"), scheme, host, port, path])
        }
    }
}
