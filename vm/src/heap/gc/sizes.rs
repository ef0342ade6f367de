//! The sequence of block sizes, in words. It is visible to Erlang (`process_info/2`,
//! `min_heap_size`) and therefore OTP's: each size is the sum of the two before it plus one, from
//! 23 sizes on each is a fifth larger than the one before it.

const FIRST: [usize; 2] = [12, 38];
const SUMMED: usize = 23;
const COUNT: usize = 137;

const SIZES: [usize; COUNT] = {
    let mut sizes = [0; COUNT];
    (sizes[0], sizes[1]) = (FIRST[0], FIRST[1]);
    let mut i = 2;
    while i < COUNT {
        sizes[i] = if i < SUMMED {
            sizes[i - 1] + sizes[i - 2] + 1
        } else {
            sizes[i - 1] + sizes[i - 1] / 5
        };
        i += 1;
    }
    sizes
};

/// The largest size of the sequence.
pub const LARGEST: usize = SIZES[COUNT - 1];

const _: () = assert!(SIZES[5] == 233 && SIZES[6] == 376 && SIZES[16] == 46422);
const _: () = assert!(SIZES[COUNT - 1] > 1 << 45);

/// The least size of the sequence that is not below `words`.
pub fn at_least(words: usize) -> usize {
    SIZES.get(SIZES.partition_point(|&s| s < words)).copied().unwrap_or(words)
}

/// The least size of the sequence above `words`.
pub(super) fn above(words: usize) -> usize {
    at_least(words + 1)
}

/// A `min_heap_size` as it takes effect; none if it is beyond every size.
pub fn round_min_heap_size(words: usize) -> Option<usize> {
    (words <= LARGEST).then(|| at_least(words))
}
