//! Control messages, as they stand in the bytes beside a message.

use std::mem::size_of;

/// One control message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlMessage {
    pub level: i32,
    pub kind: i32,
    pub data: Vec<u8>,
}

/// Bytes of a head, up to the data.
fn head() -> usize {
    // SAFETY: a number.
    unsafe { libc::CMSG_LEN(0) as usize }
}

/// Bytes of a message with that much data, up to the next one.
fn space(data: usize) -> Option<usize> {
    // SAFETY: a number.
    Some(unsafe { libc::CMSG_SPACE(u32::try_from(data).ok()?) as usize })
}

/// The messages in these bytes; `None` in place of one that is longer than they are, behind which
/// nothing can be told.
pub fn control_messages(mut bytes: &[u8]) -> Vec<Option<ControlMessage>> {
    let mut messages = Vec::new();
    while bytes.len() >= size_of::<libc::cmsghdr>() {
        // SAFETY: as many bytes are there; a structure of numbers.
        let found = unsafe { bytes.as_ptr().cast::<libc::cmsghdr>().read_unaligned() };
        let length = found.cmsg_len as usize;
        let Some(data) = bytes.get(head()..length) else {
            messages.push(None);
            break;
        };
        messages.push(Some(ControlMessage { level: found.cmsg_level, kind: found.cmsg_type, data: data.to_vec() }));
        let next = space(data.len()).and_then(|space| bytes.get(space..));
        bytes = next.unwrap_or_default();
    }
    messages
}

/// Whether a message had room.
pub type Written = Option<()>;

/// Adds a message to bytes that must not become more than `most`.
pub fn push_control(bytes: &mut Vec<u8>, most: usize, message: &ControlMessage) -> Written {
    let start = bytes.len();
    let end = start.checked_add(space(message.data.len())?).filter(|&end| end <= most)?;
    bytes.resize(end, 0);
    // SAFETY: zero is a value of each of its numbers.
    let mut found: libc::cmsghdr = unsafe { std::mem::zeroed() };
    found.cmsg_len = (head() + message.data.len()) as _;
    (found.cmsg_level, found.cmsg_type) = (message.level, message.kind);
    // SAFETY: the space of a message begins with its head.
    unsafe { bytes.as_mut_ptr().add(start).cast::<libc::cmsghdr>().write_unaligned(found) };
    bytes[start + head()..][..message.data.len()].copy_from_slice(&message.data);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let messages = [
            ControlMessage { level: 0, kind: 1, data: vec![1, 2, 3, 4] },
            ControlMessage { level: 41, kind: 67, data: vec![9] },
            ControlMessage { level: 1, kind: 2, data: vec![] },
        ];
        let mut bytes = Vec::new();
        for message in &messages {
            push_control(&mut bytes, 100, message).unwrap();
        }
        assert_eq!(control_messages(&bytes), messages.map(Some));
        assert_eq!(push_control(&mut bytes, 64, &ControlMessage { level: 0, kind: 1, data: vec![] }), None);
    }

    #[test]
    fn too_long_and_too_short() {
        let mut bytes = Vec::new();
        push_control(&mut bytes, 100, &ControlMessage { level: 0, kind: 1, data: vec![1, 2, 3, 4] }).unwrap();
        bytes[0] = 200;
        assert_eq!(control_messages(&bytes), [None]);
        bytes[0] = 0;
        assert_eq!(control_messages(&bytes), [None]);
        assert_eq!(control_messages(&bytes[..8]), []);
    }
}
