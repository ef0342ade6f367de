//! The MD5 digest (RFC 1321), which identifies modules.

/// A digest being computed.
#[derive(Clone, Debug)]
pub struct Md5 {
    state: [u32; 4],
    pending: [u8; 64],
    length: u64,
}

/// How far each step rotates, by round and step modulo 4.
const ROTATE: [[u32; 4]; 4] = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
];

/// `floor(2^32 * |sin(i + 1)|)`, the step constants.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

impl Default for Md5 {
    fn default() -> Self {
        Md5 {
            state: [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476],
            pending: [0; 64],
            length: 0,
        }
    }
}

impl Md5 {
    /// Bytes of `to_bytes`.
    pub const SAVED: usize = 88;

    /// The digest under way as bytes that `from_bytes` takes.
    pub fn to_bytes(&self) -> [u8; Md5::SAVED] {
        let mut bytes = [0; Md5::SAVED];
        for (to, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(self.state) {
            *to = word.to_le_bytes();
        }
        bytes[16..24].copy_from_slice(&self.length.to_le_bytes());
        bytes[24..].copy_from_slice(&self.pending);
        bytes
    }

    /// A digest under way. Any bytes will do: they only make another digest.
    pub fn from_bytes(bytes: &[u8; Md5::SAVED]) -> Md5 {
        let mut md5 = Md5::default();
        for (word, from) in md5.state.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*from);
        }
        let length = bytes[16..24].iter().rev().fold(0, |n, &b| n << 8 | u64::from(b));
        md5.length = length;
        md5.pending.copy_from_slice(&bytes[24..]);
        md5
    }

    /// Adds data.
    pub fn update(&mut self, mut data: &[u8]) {
        let filled = (self.length % 64) as usize;
        self.length = self.length.wrapping_add(data.len() as u64);
        if filled > 0 {
            let take = data.len().min(64 - filled);
            self.pending[filled..filled + take].copy_from_slice(&data[..take]);
            if filled + take < 64 {
                return;
            }
            let block = self.pending;
            self.block(&block);
            data = &data[take..];
        }
        let (blocks, rest) = data.as_chunks::<64>();
        for block in blocks {
            self.block(block);
        }
        self.pending[..rest.len()].copy_from_slice(rest);
    }

    /// The digest of everything added.
    pub fn finish(mut self) -> [u8; 16] {
        let bits = self.length.wrapping_mul(8);
        let filled = (self.length % 64) as usize;
        let padding = if filled < 56 {
            56 - filled
        } else {
            120 - filled
        };
        let mut zeros = [0; 64];
        zeros[0] = 0x80;
        self.update(&zeros[..padding]);
        self.update(&bits.to_le_bytes());
        let mut digest = [0; 16];
        for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(self.state) {
            *bytes = word.to_le_bytes();
        }
        digest
    }

    fn block(&mut self, block: &[u8; 64]) {
        let mut words = [0u32; 16];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        let [mut a, mut b, mut c, mut d] = self.state;
        for step in 0..64 {
            let (mixed, word) = match step / 16 {
                0 => ((b & c) | (!b & d), step),
                1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
                2 => (b ^ c ^ d, (3 * step + 5) % 16),
                _ => (c ^ (b | !d), (7 * step) % 16),
            };
            let sum = a
                .wrapping_add(mixed)
                .wrapping_add(SINES[step])
                .wrapping_add(words[word]);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(ROTATE[step / 16][step % 4]));
        }
        for (total, part) in self.state.iter_mut().zip([a, b, c, d]) {
            *total = total.wrapping_add(part);
        }
    }
}

/// The digest of one piece of data.
pub fn md5(data: &[u8]) -> [u8; 16] {
    let mut md5 = Md5::default();
    md5.update(data);
    md5.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(data: &[u8]) -> String {
        md5(data).iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn known_digests() {
        assert_eq!(hex(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(&[b'a'; 119]), hex_in_pieces(&[b'a'; 119], 7));
        assert_eq!(hex(&[b'x'; 1000]), hex_in_pieces(&[b'x'; 1000], 65));
    }

    fn hex_in_pieces(data: &[u8], size: usize) -> String {
        let mut md5 = Md5::default();
        data.chunks(size).for_each(|piece| md5.update(piece));
        md5.finish().iter().map(|b| format!("{b:02x}")).collect()
    }
}
