//! Any bytes, as a stream of packets of each protocol: extents lie where they may, and more bytes do not
//! change what was said of the first packet.

use glulam_vm::base::packet::{Extent, Limits, Protocol, http, record};

const PROTOCOLS: [Protocol; 11] = [
    Protocol::Length(1),
    Protocol::Length(2),
    Protocol::Length(4),
    Protocol::Asn1,
    Protocol::SunRm,
    Protocol::Cdr,
    Protocol::Fcgi,
    Protocol::Tpkt,
    Protocol::Line,
    Protocol::Http,
    Protocol::SslTls,
];

/// One input.
pub fn run(bytes: &[u8]) {
    let [choice, packet, line, delimiter, data @ ..] = bytes else { return };
    let protocol = PROTOCOLS[usize::from(choice >> 1) % PROTOCOLS.len()];
    let headers = choice & 1 == 1;
    let limits = Limits { packet: (*packet).into(), line: (*line).into(), delimiter: *delimiter };
    let mut rest = data;
    while let Extent::Bytes(size) = protocol.extent(rest, limits, headers) {
        assert!(size > 0);
        let Some(whole) = rest.get(..size) else { break };
        let body = protocol.body(whole);
        assert!(body.start <= body.end && body.end <= size, "{protocol:?} {body:?} of {size}");
        match protocol {
            Protocol::Http => {
                let _ = http::parse(whole, headers);
            }
            Protocol::SslTls => assert!(record(whole).is_some()),
            _ => {}
        }
        rest = &rest[size..];
    }
    // A header goes on if the line behind it says so, and a lone end of line looks at what is there.
    let length_known = !matches!(protocol, Protocol::Http | Protocol::Line);
    if length_known && let Extent::Bytes(size) = protocol.extent(data, limits, headers) {
        for cut in [size, size / 2, 1].into_iter().filter(|&cut| cut <= data.len()) {
            match protocol.extent(&data[..cut], limits, headers) {
                Extent::Bytes(same) => assert_eq!(same, size, "{protocol:?}"),
                Extent::Unknown => assert!(cut < size, "{protocol:?}"),
                Extent::Invalid => panic!("{protocol:?} with {cut} of {size} bytes"),
            }
        }
    }
}
