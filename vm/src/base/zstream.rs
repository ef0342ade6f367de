//! zlib's streams behind a safe surface: the library itself, so that what we compress equals what
//! others compress to the bit.

use std::mem::MaybeUninit;

use libz_sys as z;

/// zlib's return codes, as numbers.
pub mod code {
    pub const OK: i32 = libz_sys::Z_OK;
    pub const STREAM_END: i32 = libz_sys::Z_STREAM_END;
    pub const NEED_DICT: i32 = libz_sys::Z_NEED_DICT;
    pub const STREAM_ERROR: i32 = libz_sys::Z_STREAM_ERROR;
    pub const DATA_ERROR: i32 = libz_sys::Z_DATA_ERROR;
    pub const MEM_ERROR: i32 = libz_sys::Z_MEM_ERROR;
    pub const BUF_ERROR: i32 = libz_sys::Z_BUF_ERROR;
    pub const VERSION_ERROR: i32 = libz_sys::Z_VERSION_ERROR;
}

/// More input follows.
pub const NO_FLUSH: i32 = z::Z_NO_FLUSH;
/// This is all of the input.
pub const FINISH: i32 = z::Z_FINISH;

/// A stream that compresses or decompresses. zlib's state points back at it: it never moves.
pub struct ZStream {
    raw: Box<z::z_stream>,
    deflates: bool,
}

// SAFETY: zlib keeps no state of the thread; whoever holds the stream uses it alone.
unsafe impl Send for ZStream {}

/// What one call did.
pub struct Step {
    pub code: i32,
    pub consumed: usize,
    pub produced: usize,
}

extern "C" fn allocate(_: z::voidpf, items: z::uInt, size: z::uInt) -> z::voidpf {
    // SAFETY: any sizes are fine; zlib checks for null.
    unsafe { libc::calloc(items as usize, size as usize) }
}

extern "C" fn release(_: z::voidpf, address: z::voidpf) {
    // SAFETY: zlib gives back what `allocate` gave.
    unsafe { libc::free(address) }
}

fn blank() -> Box<z::z_stream> {
    Box::new(z::z_stream {
        next_in: std::ptr::null_mut(),
        avail_in: 0,
        total_in: 0,
        next_out: std::ptr::null_mut(),
        avail_out: 0,
        total_out: 0,
        msg: std::ptr::null_mut(),
        state: std::ptr::null_mut(),
        zalloc: allocate,
        zfree: release,
        opaque: std::ptr::null_mut(),
        data_type: 0,
        adler: 0,
        reserved: 0,
    })
}

unsafe extern "C" {
    // Not among the crate's declarations, but in the library.
    fn inflateGetDictionary(stream: *mut z::z_stream, dictionary: *mut u8, size: *mut z::uInt) -> i32;
}

const STREAM_SIZE: i32 = std::mem::size_of::<z::z_stream>() as i32;

fn small(n: usize) -> z::uInt {
    z::uInt::try_from(n).unwrap_or(z::uInt::MAX)
}

impl ZStream {
    /// A stream that compresses, or zlib's code.
    pub fn deflate(level: i32, method: i32, window_bits: i32, mem_level: i32, strategy: i32) -> Result<ZStream, i32> {
        let mut raw = blank();
        // SAFETY: a blank stream; version and size are the library's own.
        let code = unsafe {
            z::deflateInit2_(
                &mut *raw, level, method, window_bits, mem_level, strategy, z::zlibVersion(), STREAM_SIZE,
            )
        };
        if code == z::Z_OK { Ok(ZStream { raw, deflates: true }) } else { Err(code) }
    }

    /// A stream that decompresses, or zlib's code.
    pub fn inflate(window_bits: i32) -> Result<ZStream, i32> {
        let mut raw = blank();
        // SAFETY: as for `deflate`.
        let code = unsafe { z::inflateInit2_(&mut *raw, window_bits, z::zlibVersion(), STREAM_SIZE) };
        if code == z::Z_OK { Ok(ZStream { raw, deflates: false }) } else { Err(code) }
    }

    pub fn deflates(&self) -> bool {
        self.deflates
    }

    /// Works on `input`, appending to `output` within its spare capacity.
    pub fn run(&mut self, input: &[u8], output: &mut Vec<u8>, flush: i32) -> Step {
        let spare: &mut [MaybeUninit<u8>] = output.spare_capacity_mut();
        let (given, room) = (small(input.len()), small(spare.len()));
        self.raw.next_in = input.as_ptr().cast_mut();
        self.raw.avail_in = given;
        self.raw.next_out = spare.as_mut_ptr().cast::<u8>();
        self.raw.avail_out = room;
        // SAFETY: an initialised stream of that direction; both buffers outlive the call.
        let code = unsafe {
            if self.deflates { z::deflate(&mut *self.raw, flush) } else { z::inflate(&mut *self.raw, flush) }
        };
        let produced = (room - self.raw.avail_out) as usize;
        let consumed = (given - self.raw.avail_in) as usize;
        self.raw.next_in = std::ptr::null_mut();
        self.raw.next_out = std::ptr::null_mut();
        // SAFETY: zlib has written that many bytes of the spare capacity.
        unsafe { output.set_len(output.len() + produced) };
        Step { code, consumed, produced }
    }

    pub fn reset(&mut self) -> i32 {
        // SAFETY: an initialised stream of that direction.
        unsafe { if self.deflates { z::deflateReset(&mut *self.raw) } else { z::inflateReset(&mut *self.raw) } }
    }

    /// Changes level and strategy of a stream that compresses. All input so far must have been
    /// flushed: there is room for one byte of output.
    pub fn set_params(&mut self, level: i32, strategy: i32) -> i32 {
        let mut byte = 0u8;
        self.raw.next_in = std::ptr::null_mut();
        self.raw.avail_in = 0;
        self.raw.next_out = &mut byte;
        self.raw.avail_out = 1;
        // SAFETY: an initialised stream that compresses; the buffer outlives the call.
        let code = unsafe { z::deflateParams(&mut *self.raw, level, strategy) };
        self.raw.next_out = std::ptr::null_mut();
        if self.raw.avail_out == 0 { z::Z_STREAM_ERROR } else { code }
    }

    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> i32 {
        let (data, size) = (dictionary.as_ptr(), small(dictionary.len()));
        // SAFETY: an initialised stream of that direction; zlib copies the bytes.
        unsafe {
            if self.deflates {
                z::deflateSetDictionary(&mut *self.raw, data, size)
            } else {
                z::inflateSetDictionary(&mut *self.raw, data, size)
            }
        }
    }

    /// The dictionary that a stream decompresses with, at most 32 KB.
    pub fn dictionary(&mut self) -> Result<Vec<u8>, i32> {
        let mut bytes = vec![0u8; 1 << 15];
        let mut size: z::uInt = 0;
        // SAFETY: an initialised stream; a window is at most that large.
        let code = unsafe { inflateGetDictionary(&mut *self.raw, bytes.as_mut_ptr(), &mut size) };
        if code < 0 {
            return Err(code);
        }
        bytes.truncate(size as usize);
        Ok(bytes)
    }

    /// The checksum of the format: Adler-32, or of the dictionary that is needed.
    pub fn checksum(&self) -> u32 {
        self.raw.adler as u32
    }

    /// Ends the stream: zlib's code.
    pub fn end(mut self) -> i32 {
        let code = self.close();
        self.raw.state = std::ptr::null_mut();
        code
    }

    fn close(&mut self) -> i32 {
        // SAFETY: an initialised stream of that direction, or one already ended (state null).
        unsafe { if self.deflates { z::deflateEnd(&mut *self.raw) } else { z::inflateEnd(&mut *self.raw) } }
    }
}

impl Drop for ZStream {
    fn drop(&mut self) {
        if !self.raw.state.is_null() {
            self.close();
        }
    }
}

/// CRC-32 of `bytes`, going on from `crc`.
pub fn crc32(crc: u32, bytes: &[u8]) -> u32 {
    // SAFETY: reads the bytes.
    bytes.chunks(1 << 30).fold(crc, |crc, part| unsafe { z::crc32(crc.into(), part.as_ptr(), small(part.len())) as u32 })
}

/// Adler-32 of `bytes`, going on from `adler`.
pub fn adler32(adler: u32, bytes: &[u8]) -> u32 {
    bytes
        .chunks(1 << 30)
        // SAFETY: reads the bytes.
        .fold(adler, |adler, part| unsafe { z::adler32(adler.into(), part.as_ptr(), small(part.len())) as u32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let text = b"a man a plan a canal panama ".repeat(100);
        let mut stream = ZStream::deflate(-1, 8, 15, 8, 0).unwrap();
        let mut packed = Vec::with_capacity(4096);
        assert_eq!(stream.run(&text, &mut packed, z::Z_FINISH).code, code::STREAM_END);
        let mut stream = ZStream::inflate(15).unwrap();
        let mut plain = Vec::with_capacity(text.len());
        assert_eq!(stream.run(&packed, &mut plain, NO_FLUSH).code, code::STREAM_END);
        assert_eq!(plain, text);
        assert_eq!(stream.end(), code::OK);
    }
}

/// The CRC-32 of two runs of bytes, from theirs and the length of the second.
pub fn crc32_combine(first: u32, second: u32, length: u64) -> u32 {
    // SAFETY: computes with numbers alone.
    unsafe { z::crc32_combine(first.into(), second.into(), length as z::z_off_t) as u32 }
}

/// As `crc32_combine`, of Adler-32.
pub fn adler32_combine(first: u32, second: u32, length: u64) -> u32 {
    // SAFETY: computes with numbers alone.
    unsafe { z::adler32_combine(first.into(), second.into(), length as z::z_off_t) as u32 }
}
