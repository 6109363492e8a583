//! Which of up to 64 bytes are letters, digits and spaces of ASCII, a bit for each.

use wide::i8x16;

/// How many bytes are read at once.
pub(super) const LANES: usize = 64;

/// Which bytes are what; the lowest bit is the first byte's. Bits of bytes beyond the line's end are not set.
#[derive(Default)]
pub(super) struct Kinds {
    /// How many bytes were read: whole characters.
    pub(super) len: usize,
    pub(super) lower: u64,
    pub(super) upper: u64,
    pub(super) digits: u64,
    pub(super) space: u64,
    /// Bytes of characters beyond ASCII.
    pub(super) foreign: u64,
}

impl Kinds {
    /// Reads the text from `at` on, up to `end` or as far as there is room. Where more text stands behind, it is read
    /// over rather than copied.
    #[inline(always)]
    pub(super) fn of(text: &str, at: usize, end: usize) -> Kinds {
        let len = match end - at {
            len @ ..=LANES => len,
            _ => text.floor_char_boundary(at + LANES) - at,
        };
        match text.as_bytes()[at..].first_chunk() {
            Some(bytes) => Kinds::read(bytes, len),
            None => {
                let mut bytes = [0; LANES];
                bytes[..len].copy_from_slice(&text.as_bytes()[at..at + len]);
                Kinds::read(&bytes, len)
            }
        }
    }

    #[inline(always)]
    fn read(bytes: &[u8; LANES], len: usize) -> Kinds {
        let mut kinds = Kinds { len, ..Kinds::default() };
        for (step, sixteen) in bytes.as_chunks().0.iter().enumerate().take(len.div_ceil(16)) {
            let bytes = i8x16::new(sixteen.map(u8::cast_signed));
            let all = |byte: u8| i8x16::splat(byte.cast_signed());
            // Compared as signed numbers, bytes beyond ASCII are smaller than any of it.
            let between = |first: u8, last: u8| bytes.simd_gt(all(first - 1)) & bytes.simd_lt(all(last + 1));
            let bits = |which: i8x16| u64::from(which.to_bitmask()) << (step * 16);
            kinds.lower |= bits(between(b'a', b'z'));
            kinds.upper |= bits(between(b'A', b'Z'));
            kinds.digits |= bits(between(b'0', b'9'));
            kinds.space |= bits(bytes.simd_eq(all(b' ')));
            kinds.foreign |= bits(bytes.simd_lt(all(0)));
        }
        let read = low_bits(len as u32);
        for bits in [&mut kinds.lower, &mut kinds.upper, &mut kinds.digits, &mut kinds.space, &mut kinds.foreign] {
            *bits &= read;
        }
        kinds
    }
}

/// The lowest so many bits, at most 64.
#[inline(always)]
pub(super) fn low_bits(count: u32) -> u64 {
    u64::MAX.checked_shr(64 - count).unwrap_or(0)
}
