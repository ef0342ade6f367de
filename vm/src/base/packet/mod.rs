//! Protocols whose packets can be told apart in a stream of bytes: what `erlang:decode_packet/3` and
//! the option `packet` of sockets understand.

pub mod http;

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// No packets: whatever there is.
    Raw,
    /// A length of 1, 2 or 4 bytes, most significant first, before each packet.
    Length(u8),
    Asn1,
    SunRm,
    Cdr,
    Fcgi,
    Tpkt,
    Line,
    /// A request, a status line, or a header; which, the state says.
    Http,
    SslTls,
}

/// What bounds a packet; 0 is no bound.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A packet that is larger is an error.
    pub packet: usize,
    /// A line that is longer is cut.
    pub line: usize,
    /// What ends a line.
    pub delimiter: u8,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { packet: 0, line: 0, delimiter: b'\n' }
    }
}

/// How far the first packet reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Not to be told yet.
    Unknown,
    /// So many bytes, header included, whether they are there or not.
    Bytes(usize),
    /// This is no packet, or one that is too large.
    Invalid,
}

fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |n, &byte| n << 8 | usize::from(byte))
}

/// The extent of a packet of `size` bytes behind `header` bytes. OTP counts in 32 bits with a sign.
fn behind(header: usize, size: usize, limits: Limits) -> Extent {
    let total = header + size;
    if (limits.packet != 0 && size > limits.packet) || total > i32::MAX as usize {
        return Extent::Invalid;
    }
    Extent::Bytes(total)
}

impl Protocol {
    /// The extent of the packet that `data` begins with. `headers`: of HTTP, headers come next.
    pub fn extent(self, data: &[u8], limits: Limits, headers: bool) -> Extent {
        let header = match self {
            Protocol::Length(n) => n.into(),
            Protocol::SunRm | Protocol::Tpkt => 4,
            Protocol::Cdr => 12,
            Protocol::Fcgi => 8,
            Protocol::SslTls => 5,
            Protocol::Asn1 => return asn1(data, limits),
            Protocol::Line => return line(data, limits),
            Protocol::Http => return http::extent(data, limits, headers),
            Protocol::Raw if data.is_empty() => return Extent::Unknown,
            Protocol::Raw => return Extent::Bytes(data.len()),
        };
        let Some(h) = data.get(..header) else { return Extent::Unknown };
        let size = match self {
            Protocol::Length(_) => Some(big_endian(h)),
            Protocol::SunRm => Some(big_endian(h) & 0x7fff_ffff),
            Protocol::Tpkt => big_endian(&h[2..]).checked_sub(header).filter(|_| h[0] == 3),
            Protocol::Cdr if !h.starts_with(b"GIOP") => None,
            Protocol::Cdr if h[6] & 1 == 1 => Some(u32::from_le_bytes([h[8], h[9], h[10], h[11]]) as usize),
            Protocol::Cdr => Some(big_endian(&h[8..])),
            Protocol::Fcgi => (h[0] == 1).then(|| big_endian(&h[4..6]) + usize::from(h[6])),
            _ if is_v2_hello(h) => (big_endian(&h[..2]) & 0x7fff).checked_sub(3),
            _ => Some(big_endian(&h[3..])),
        };
        size.map_or(Extent::Invalid, |size| behind(header, size, limits))
    }

    /// The part of a packet that is delivered.
    pub fn body(self, packet: &[u8]) -> std::ops::Range<usize> {
        match self {
            Protocol::Length(n) => n.into()..packet.len(),
            Protocol::Fcgi => 0..packet.len() - packet.get(6).map_or(0, |&padding| padding.into()),
            _ => 0..packet.len(),
        }
    }
}

fn line(data: &[u8], limits: Limits) -> Extent {
    let end = data.iter().position(|&byte| byte == limits.delimiter).map(|at| at + 1);
    let length = end.unwrap_or(data.len());
    if limits.packet != 0 && length > limits.packet {
        return Extent::Invalid;
    }
    let cut = limits.line != 0 && if end.is_some() { length > limits.line } else { length >= limits.line };
    match end {
        _ if cut => Extent::Bytes(limits.line),
        Some(end) => Extent::Bytes(end),
        None => Extent::Unknown,
    }
}

/// A tag of one byte or several, a length of one byte or several.
fn asn1(data: &[u8], limits: Limits) -> Extent {
    let [tag, rest @ ..] = data else { return Extent::Unknown };
    let mut rest = rest;
    if tag & 0x1f == 0x1f {
        let Some(last) = rest.iter().position(|byte| byte & 0x80 == 0) else { return Extent::Unknown };
        rest = &rest[last + 1..];
    }
    let [first, length @ ..] = rest else { return Extent::Unknown };
    let before = data.len() - length.len();
    if first & 0x80 == 0 {
        return behind(before, (*first).into(), limits);
    }
    let count = usize::from(first & 0x7f);
    match length.get(..count) {
        None => Extent::Unknown,
        Some(length) if count <= 4 => behind(before + count, big_endian(length), limits),
        Some(_) => Extent::Invalid,
    }
}

/// A record of SSL or TLS.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    pub content: u8,
    pub version: (u8, u8),
    pub data: Vec<u8>,
}

/// The hello of a client that may speak the second version only.
fn is_v2_hello(header: &[u8]) -> bool {
    header[0] & 0x80 != 0 && header[2] == 1
}

/// The record that a packet of `SslTls` is. A hello of the second version comes as a handshake.
pub fn record(packet: &[u8]) -> Option<Record> {
    let header = packet.get(..5)?;
    if !is_v2_hello(header) {
        let version = (header[1], header[2]);
        return Some(Record { content: header[0], version, data: packet[5..].to_vec() });
    }
    let data = &packet[3..];
    let mut hello = (data.len() as u32 | 1 << 24).to_be_bytes().to_vec();
    hello.extend_from_slice(data);
    Some(Record { content: 22, version: (header[3], header[4]), data: hello })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents() {
        let none = Limits::default();
        let of = |p: Protocol, data: &[u8]| p.extent(data, none, false);
        assert_eq!(of(Protocol::Length(2), &[0]), Extent::Unknown);
        assert_eq!(of(Protocol::Length(2), &[0, 5, 1]), Extent::Bytes(7));
        assert_eq!(of(Protocol::Length(4), &[0xff, 0, 0, 0]), Extent::Invalid);
        assert_eq!(of(Protocol::Asn1, &[0x1f, 0x81, 17, 0x82, 0, 5]), Extent::Bytes(11));
        assert_eq!(of(Protocol::Tpkt, &[3, 0, 0, 3]), Extent::Invalid);
        let short = Limits { packet: 4, line: 3, ..none };
        assert_eq!(Protocol::Line.extent(b"ab\n", short, false), Extent::Bytes(3));
        assert_eq!(Protocol::Line.extent(b"abc", short, false), Extent::Bytes(3));
        assert_eq!(Protocol::Line.extent(b"abcdef\n", short, false), Extent::Invalid);
    }
}
