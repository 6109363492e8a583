//! Which legacy charset a page is in, told by its bytes.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

use super::{Hints, legacy};

/// How much of a page detection looks at, in bytes.
pub const LOOKED_AT: usize = 64 * 1024;

/// A charset, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess {
    /// The charset.
    pub charset: &'static Encoding,
    /// How sure, in thousandths.
    pub sure: u16,
}

/// The charset that the bytes are most likely in.
pub fn detect(bytes: &[u8], hints: &Hints) -> Guess {
    detect_with(bytes, hints, None)
}

/// The same where a charset was declared: it is taken if the bytes agree with it.
pub fn detect_with(bytes: &[u8], hints: &Hints, declared: Option<&'static Encoding>) -> Guess {
    let sample = &bytes[..bytes.len().min(LOOKED_AT)];
    for charset in declared.into_iter().chain(hints.site) {
        if legacy::text(sample, charset).1 == 0 {
            return Guess { charset, sure: 900 };
        }
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    Guess { charset: detector.guess(hints.tld.map(str::as_bytes), Utf8Detection::Deny), sure: 900 }
}
