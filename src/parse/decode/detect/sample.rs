//! The part of a page that detection looks at.

use std::borrow::Cow;

/// The most that detection looks at, in bytes: all of a page up to this length, and as much of a
/// longer one, in pieces from all over it, each around bytes beyond ASCII; and the words with bytes that these
/// pieces hold hardly any of, which may be all that tells two charsets apart.
pub const LOOKED_AT: usize = 64 * 1024;

/// The part of a page that is looked at.
pub(super) fn sample(bytes: &[u8]) -> Cow<'_, [u8]> {
    const PIECES: usize = 16;
    const PIECE: usize = LOOKED_AT / PIECES;
    if bytes.len() <= LOOKED_AT {
        return bytes.into();
    }
    let mut sample = Vec::with_capacity(LOOKED_AT + PIECES);
    let mut done = 0;
    for piece in 0..PIECES {
        let from = (bytes.len() / PIECES * piece).max(done);
        let Some(odd) = bytes[from..].iter().position(|byte| !byte.is_ascii()) else { break };
        // A piece starts and ends at white space, which is never a part of a longer character.
        let before = (from + odd).saturating_sub(PIECE / 8).max(from);
        let start = bytes[before..from + odd].iter().position(is_space).map_or(from + odd, |at| before + at + 1);
        let start = if before == 0 { 0 } else { start };
        let end = bytes.len().min(start + PIECE);
        let end = bytes[start..end].iter().rposition(is_space).map_or(end, |at| start + at + 1);
        sample.extend_from_slice(&bytes[start..end]);
        sample.push(b'\n');
        done = end;
    }
    add_rare(bytes, &mut sample);
    sample.into()
}

/// How often a byte must be in a sample for more of it to tell nothing new.
const RARE: u32 = 8;
/// How long a word may be that is added to a sample for a byte in it.
const WORD: usize = 128;

/// Adds the words of a page with bytes beyond ASCII that are rare in a sample of it.
fn add_rare(bytes: &[u8], sample: &mut Vec<u8>) {
    let mut seen = [0; 256];
    let count = |seen: &mut [u32; 256], bytes: &[u8]| bytes.iter().for_each(|&byte| seen[usize::from(byte)] += 1);
    count(&mut seen, sample);
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|&byte| !byte.is_ascii() && seen[usize::from(byte)] < RARE) {
        at += next;
        let before = bytes[at.saturating_sub(WORD / 2)..at].iter().rev().position(is_space);
        let after = bytes[at..bytes.len().min(at + WORD / 2)].iter().position(is_space);
        let (Some(before), Some(after)) = (before, after) else {
            at += 1;
            continue;
        };
        let word = &bytes[at - before..=at + after];
        count(&mut seen, word);
        sample.extend_from_slice(word);
        at += after;
    }
}

/// White space of ASCII, which is never a part of a longer character.
pub(super) fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}
