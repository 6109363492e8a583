//! Up to 64 bytes of UTF-8 at once: which of them are what, a bit for each.
//!
//! All that is ASCII is told here, sixteen bytes a step. What other characters are is for [`super::piece`] to say.

use wide::i8x16;

/// How many bytes are read at once.
pub(super) const LANES: usize = 64;

/// Which of some bytes are what; the lowest bit is the first byte's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lanes {
    /// Letters of ASCII.
    pub letter: u64,
    /// Upper-case letters of ASCII.
    pub upper: u64,
    /// Digits of ASCII.
    pub digit: u64,
    /// Plain spaces and tabs.
    pub space: u64,
    /// Bytes of other characters, and control characters that are no tabs.
    pub other: u64,
    /// Bytes of characters but their first.
    pub continuing: u64,
}

impl Lanes {
    /// Reads the first `len` bytes and folds those of ASCII into `folded`, whose other bytes are left as they are in
    /// `bytes`. Bits from `len` on say nothing.
    #[inline(always)]
    pub(super) fn read(bytes: &[u8; LANES], len: usize, folded: &mut [u8; ROOM]) -> Lanes {
        let mut lanes = Lanes::default();
        let steps = bytes.as_chunks().0.iter().zip(folded.as_chunks_mut().0);
        for (step, (bytes, folded)) in steps.enumerate().take(len.div_ceil(16)) {
            let bytes = i8x16::new(bytes.map(|byte| byte as i8));
            let all = |byte: u8| i8x16::splat(byte as i8);
            // Compared as signed numbers, bytes of other characters are smaller than any of ASCII.
            let between =
                |bytes: i8x16, first: u8, last: u8| bytes.simd_gt(all(first - 1)) & bytes.simd_lt(all(last + 1));
            let letter = between(bytes | all(0x20), b'a', b'z');
            let upper = letter & bytes.simd_lt(all(b'a'));
            let tab = bytes.simd_eq(all(b'\t'));
            let bits = |which: i8x16| u64::from(which.to_bitmask()) << (step * 16);
            lanes.letter |= bits(letter);
            lanes.upper |= bits(upper);
            lanes.digit |= bits(between(bytes, b'0', b'9'));
            lanes.space |= bits(bytes.simd_eq(all(b' ')) | tab);
            lanes.other |= bits(bytes.simd_lt(all(b' ')) & !tab);
            lanes.continuing |= bits(bytes.simd_lt(all(0xC0)));
            let grave = bytes.simd_eq(all(b'`'));
            let lower = bytes ^ (upper & all(0x20)) ^ (grave & all(b'`' ^ b'\'')) ^ (tab & all(b'\t' ^ b' '));
            *folded = lower.to_array().map(|byte| byte as u8);
        }
        lanes
    }
}

/// The lowest so many bits.
#[inline(always)]
pub(super) fn lowest(bits: usize) -> u64 {
    if bits < LANES { (1 << bits) - 1 } else { u64::MAX }
}

/// Sixteen bytes are moved at once; behind those that are meant there is room for the rest.
pub(super) const ROOM: usize = LANES + 16;

/// Moves the bytes that some bits stand for together; how many they are. What is behind them in `to` is anything.
#[inline(always)]
pub(super) fn gather(which: u64, from: &[u8; ROOM], to: &mut [u8; ROOM]) -> usize {
    let mut move_sixteen = |start: usize, at: usize| {
        to[at.min(LANES)..][..16].copy_from_slice(&from[start.min(LANES)..][..16]);
    };
    let (mut at, mut left) = (0, which);
    while left != 0 {
        let start = left.trailing_zeros() as usize;
        // A one that is added to a run of ones goes through it and comes out behind it.
        let carried = left.wrapping_add(left & left.wrapping_neg());
        let run = carried.trailing_zeros() as usize - start;
        move_sixteen(start, at);
        // Few words are longer.
        for moved in (16..run).step_by(16) {
            move_sixteen(start + moved, at + moved);
        }
        at += run;
        left &= carried;
    }
    at
}
