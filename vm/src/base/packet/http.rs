//! HTTP/1: request lines, status lines and headers.

use super::{Extent, Limits};

/// The methods that are atoms.
pub const METHODS: [&str; 7] = ["OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE"];

/// The headers that are atoms, numbered from 1.
pub const HEADERS: [&str; 52] = [
    "Cache-Control", "Connection", "Date", "Pragma", "Transfer-Encoding", "Upgrade", "Via", "Accept",
    "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization", "From", "Host",
    "If-Modified-Since", "If-Match", "If-None-Match", "If-Range", "If-Unmodified-Since", "Max-Forwards",
    "Proxy-Authorization", "Range", "Referer", "User-Agent", "Age", "Location", "Proxy-Authenticate",
    "Public", "Retry-After", "Server", "Vary", "Warning", "Www-Authenticate", "Allow", "Content-Base",
    "Content-Encoding", "Content-Language", "Content-Length", "Content-Location", "Content-Md5",
    "Content-Range", "Content-Type", "Etag", "Expires", "Last-Modified", "Accept-Ranges", "Set-Cookie",
    "Set-Cookie2", "X-Forwarded-For", "Cookie", "Keep-Alive", "Proxy-Connection",
];

/// Names up to here are brought into their usual form.
const NAME: usize = 50;

pub type Version = (u32, u32);

/// A line, or a header that goes on in lines behind it.
#[derive(Debug, PartialEq, Eq)]
pub enum Message<'a> {
    Response { version: Version, status: u32, phrase: &'a [u8] },
    Request { method: &'a [u8], uri: Uri<'a>, version: Version },
    /// `name`: in its usual form; `number`: of a known header, else 0.
    Header { number: usize, name: Vec<u8>, original: &'a [u8], value: &'a [u8] },
    EndOfHeaders,
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Uri<'a> {
    Star,
    Path(&'a [u8]),
    Absolute { secure: bool, host: &'a [u8], port: Option<u32>, path: &'a [u8] },
    Scheme(&'a [u8], &'a [u8]),
    Other(&'a [u8]),
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Whether a byte ends a word.
fn is_special(byte: u8) -> bool {
    byte <= 32 || byte >= 127 || b"()<>@,;:\\\"/[]?={}".contains(&byte)
}

/// Up to and with its newline; a header with the lines that begin with a blank behind it, which are
/// known only when the line behind them has begun.
pub(super) fn extent(data: &[u8], limits: Limits, headers: bool) -> Extent {
    if matches!(data, b"\n" | b"\r\n") {
        return Extent::Bytes(data.len());
    }
    let limit = if limits.packet != 0 { limits.packet } else { limits.line };
    let too_long = |length: usize| limit != 0 && length > limit;
    let mut from = 0;
    loop {
        let Some(at) = data[from..].iter().position(|&byte| byte == b'\n') else {
            return if limit != 0 && data.len() >= limit { Extent::Invalid } else { Extent::Unknown };
        };
        let end = from + at + 1;
        match data.get(end) {
            Some(&next) if headers && is_blank(next) && end > 2 => from = end,
            _ if too_long(end) => return Extent::Invalid,
            None if headers => return Extent::Unknown,
            _ => return Extent::Bytes(end),
        }
    }
}

/// A text that is read from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.0.iter().position(|&byte| !wanted(byte)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn blanks(&mut self) -> usize {
        self.take_while(is_blank).len()
    }

    fn number(&mut self) -> Option<u32> {
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        let add = |n: u32, &digit: &u8| n.saturating_mul(10).saturating_add(u32::from(digit - b'0'));
        (!digits.is_empty()).then(|| digits.iter().fold(0, add).min(i32::MAX as u32))
    }

    /// `HTTP/1.1`
    fn version(&mut self) -> Option<Version> {
        self.0 = self.0.strip_prefix(b"HTTP/")?;
        let major = self.number()?;
        self.0 = self.0.strip_prefix(b".")?;
        Some((major, self.number()?))
    }
}

/// The message that a packet is; `None` if it is none.
pub fn parse(packet: &[u8], headers: bool) -> Option<Message<'_>> {
    let text = match packet {
        [text @ .., b'\r', _] => text,
        [text @ .., b'\n'] => text,
        text => text,
    };
    match headers {
        true => header(text),
        false if text.starts_with(b"HTTP/") => response(text),
        false => request(text),
    }
}

fn response(text: &[u8]) -> Option<Message<'_>> {
    let mut r = Reader(text);
    let version = r.version()?;
    if r.blanks() == 0 {
        return None;
    }
    let status = r.number().unwrap_or(0);
    if r.blanks() == 0 && !r.0.is_empty() {
        return None;
    }
    Some(Message::Response { version, status, phrase: r.0 })
}

fn request(text: &[u8]) -> Option<Message<'_>> {
    let mut r = Reader(text);
    let method = r.take_while(|byte| !is_special(byte));
    if method.is_empty() || r.blanks() == 0 {
        return None;
    }
    let uri = r.take_while(|byte| !is_blank(byte));
    if uri.is_empty() {
        return None;
    }
    r.blanks();
    // A request without a version is of the version before there were any.
    let version = if r.0.is_empty() { (0, 9) } else { r.version()? };
    Some(Message::Request { method, uri: Uri::of(uri), version })
}

fn header(text: &[u8]) -> Option<Message<'_>> {
    if text.is_empty() {
        return Some(Message::EndOfHeaders);
    }
    let mut r = Reader(text);
    let original = r.take_while(|byte| !is_special(byte));
    r.0 = r.0.strip_prefix(b":")?;
    r.blanks();
    let name = usual(original);
    let number = HEADERS.iter().position(|known| known.as_bytes() == name).map_or(0, |at| at + 1);
    Some(Message::Header { number, name, original, value: r.0 })
}

/// Each word of a name with a capital, the rest small.
fn usual(name: &[u8]) -> Vec<u8> {
    let mut name = name.to_vec();
    if name.len() <= NAME {
        let mut first = true;
        for byte in &mut name {
            if first {
                byte.make_ascii_uppercase();
                first = false;
            } else {
                byte.make_ascii_lowercase();
                first = *byte == b'-';
            }
        }
    }
    name
}

impl Uri<'_> {
    fn of(text: &[u8]) -> Uri<'_> {
        let behind = |prefix: &[u8]| {
            let (start, rest) = text.split_at_checked(prefix.len())?;
            start.eq_ignore_ascii_case(prefix).then_some(rest)
        };
        if text == b"*" {
            Uri::Star
        } else if text.len() <= 1 || text[0] == b'/' {
            Uri::Path(text)
        } else if let Some(rest) = behind(b"http://") {
            Uri::absolute(false, rest)
        } else if let Some(rest) = behind(b"https://") {
            Uri::absolute(true, rest)
        } else {
            match text.iter().position(|&byte| byte == b':') {
                Some(at) => Uri::Scheme(&text[..at], &text[at + 1..]),
                None => Uri::Other(text),
            }
        }
    }

    /// `host[:port][/path]`
    fn absolute(secure: bool, text: &[u8]) -> Uri<'_> {
        let end = text.iter().position(|&byte| byte == b'/');
        let (place, path) = end.map_or((text, &b"/"[..]), |end| text.split_at(end));
        let colon = place.iter().position(|&byte| byte == b':');
        let host = &place[..colon.unwrap_or(place.len())];
        let port = colon.and_then(|colon| {
            let mut r = Reader(&place[colon + 1..]);
            r.number().filter(|&port| port != 0 && r.0.is_empty())
        });
        Uri::Absolute { secure, host, port, path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_go_on_in_lines_that_begin_with_a_blank() {
        let none = Limits::default();
        assert_eq!(extent(b"A: b\r\n c\r\nD", none, true), Extent::Bytes(10));
        assert_eq!(extent(b"A: b\r\n", none, true), Extent::Unknown);
        assert_eq!(extent(b"GET / HTTP/1.0\r\n", none, false), Extent::Bytes(16));
    }

    #[test]
    fn messages() {
        let request = Message::Request { method: b"GET", uri: Uri::Path(b"/"), version: (0, 9) };
        assert_eq!(parse(b"GET /\r\n", false), Some(request));
        let port = Uri::Absolute { secure: false, host: b"h", port: Some(80), path: b"/" };
        assert_eq!(Uri::of(b"HTTP://h:80"), port);
        assert_eq!(parse(b"Host : x\r\n", true), None);
        assert_eq!(parse(b"\r\n", true), Some(Message::EndOfHeaders));
    }
}
