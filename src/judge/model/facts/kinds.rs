//! Which of a run of bytes are letters, digits and spaces: 64 bytes of ASCII at a time.

/// A byte of one in each of eight places.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The upper bit in each of eight places, which ASCII has not.
pub(super) const HIGH: u64 = 0x80 * ONES;

/// Which of 64 bytes of ASCII are what, a bit each.
pub(super) struct Kinds {
    pub(super) lower: u64,
    pub(super) upper: u64,
    pub(super) digits: u64,
    pub(super) space: u64,
}

impl Kinds {
    /// The kinds of the first 64 bytes; those beyond the end are of none.
    #[inline]
    pub(super) fn of(bytes: &[u8]) -> Kinds {
        // Of eight ASCII bytes those from `low` to `high`, told by the bit that an addition carries into.
        let within = |eight: u64, low: u8, high: u8| {
            let from_low = eight + ONES * u64::from(0x80 - low);
            let past_high = eight + ONES * u64::from(0x7F - high);
            let bits = from_low & !past_high & HIGH;
            (bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
        };
        let mut kinds = Kinds { lower: 0, upper: 0, digits: 0, space: 0 };
        for (place, eight) in bytes.chunks(8).take(8).enumerate() {
            let eight = match <[u8; 8]>::try_from(eight) {
                Ok(eight) => u64::from_le_bytes(eight),
                Err(_) => eight.iter().rev().fold(0, |eight, &byte| eight << 8 | u64::from(byte)),
            };
            kinds.lower |= within(eight, b'a', b'z') << (8 * place);
            kinds.upper |= within(eight, b'A', b'Z') << (8 * place);
            kinds.digits |= within(eight, b'0', b'9') << (8 * place);
            kinds.space |= within(eight, b' ', b' ') << (8 * place);
        }
        kinds
    }
}

/// The lowest so many bits, at most 64.
pub(super) fn low_bits(count: u32) -> u64 {
    u64::MAX.checked_shr(64 - count).unwrap_or(0)
}
