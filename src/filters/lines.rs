//! Lines and paragraphs of a text, and what is measured of them.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::filters::marks::ends_sentence;
use crate::filters::ratio;

/// A line is short up to this many characters. FineWeb, `fineweb_quality_filter.py`: `short_line_length = 30`.
const SHORT_LINE: usize = 30;

/// What is measured of lines and paragraphs.
#[derive(Debug, Default)]
pub(super) struct LineMeasures {
    pub bullet: f64,
    pub ellipsis: f64,
    pub duplicate_paragraphs: f64,
    pub duplicate_paragraph_chars: f64,
    pub duplicate_lines: f64,
    pub duplicate_line_chars: f64,
    pub end_mark: f64,
    pub short: f64,
    pub repeated_chars: f64,
    pub line_ends: usize,
}

impl LineMeasures {
    /// Measures a text of so many characters. `split` are its lines.
    pub(super) fn of(text: &str, chars: usize, split: &[&str]) -> LineMeasures {
        let mut measures =
            LineMeasures { line_ends: memchr::memchr_iter(b'\n', text.as_bytes()).count(), ..LineMeasures::default() };
        let (mut lines, mut bullets, mut ellipses) = (0, 0, 0);
        for line in split {
            lines += 1;
            bullets += usize::from(line.trim_start().starts_with(['•', '-']));
            let end = line.trim_end();
            ellipses += usize::from(end.ends_with("...") || end.ends_with('…'));
        }
        (measures.bullet, measures.ellipsis) = (ratio(bullets, lines), ratio(ellipses, lines));

        let paragraphs = Duplicates::of(between_runs(text.trim(), 2));
        measures.duplicate_paragraphs = ratio(paragraphs.again, paragraphs.all);
        measures.duplicate_paragraph_chars = ratio(paragraphs.chars, chars);
        let lines = Duplicates::of(between_runs(text, 1));
        measures.duplicate_lines = ratio(lines.again, lines.all);
        measures.duplicate_line_chars = ratio(lines.chars, chars);

        let (mut all, mut ended, mut short) = (0, 0, 0);
        let filled = text.split('\n').filter(|line| !line.trim().is_empty());
        for line in filled.clone() {
            all += 1;
            ended += usize::from(line.chars().next_back().is_some_and(ends_sentence));
            short += usize::from(line.len() <= SHORT_LINE || line.chars().nth(SHORT_LINE).is_none());
        }
        (measures.end_mark, measures.short) = (ratio(ended, all), ratio(short, all));
        // Lines that hold nothing but white space have no part in this, or it would be that of all lines.
        let repeated = match all == lines.all {
            true => lines.chars,
            false => Duplicates::of(filled).chars,
        };
        measures.repeated_chars = ratio(repeated, chars - measures.line_ends);
        measures
    }
}

/// What stood before among pieces of a text.
struct Duplicates {
    all: usize,
    again: usize,
    chars: usize,
}

impl Duplicates {
    fn of<'t>(pieces: impl Iterator<Item = &'t str>) -> Duplicates {
        let mut seen: HashSet<&str, BuildHasherDefault<PieceHasher>> = HashSet::default();
        let mut duplicates = Duplicates { all: 0, again: 0, chars: 0 };
        for piece in pieces {
            duplicates.all += 1;
            if !seen.insert(piece) {
                duplicates.again += 1;
                duplicates.chars += piece.chars().count();
            }
        }
        duplicates
    }
}

/// Hashes pieces of a text: the standard library's way takes longer than all else that is done with a line.
#[derive(Default)]
struct PieceHasher(u64);

impl Hasher for PieceHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    /// The end of a string, which says nothing here.
    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The pieces of a text between runs of at least so many line ends; also the empty ones at its ends.
fn between_runs(text: &str, least: usize) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let mut from = 0;
        while let Some(at) = memchr::memchr(b'\n', &whole.as_bytes()[from..]) {
            let start = from + at;
            let run = whole.as_bytes()[start..].iter().take_while(|&&byte| byte == b'\n').count();
            if run >= least {
                rest = Some(&whole[start + run..]);
                return Some(&whole[..start]);
            }
            from = start + run;
        }
        rest = None;
        Some(whole)
    })
}

/// The lines of a text, as Unicode and Python divide them: a last line end begins no line.
pub(super) fn split(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut lines, mut from, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        at +=
            bytes[at..].chunks(WIDE).take_while(|chunk| !chunk.iter().fold(false, |any, &b| any | may_end(b))).count()
                * WIDE;
        let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else { break };
        for &byte in rest.iter().take(WIDE) {
            if at < from || !may_end(byte) {
                at += 1;
                continue;
            }
            let width = match byte {
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => 2,
                b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e => 1,
                0xc2 if bytes.get(at + 1) == Some(&0x85) => 2,
                0xe2 if matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xa8 | 0xa9])) => 3,
                _ => 0,
            };
            if width > 0 {
                lines.push(&text[from..at]);
                from = at + width;
            }
            at += 1;
        }
    }
    if from < text.len() {
        lines.push(&text[from..]);
    }
    lines
}

/// How many bytes are looked at together.
const WIDE: usize = 32;

/// Whether a line end may begin with this byte.
#[inline]
fn may_end(byte: u8) -> bool {
    (byte < b' ') | (byte == 0xc2) | (byte == 0xe2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_python_says() {
        assert_eq!(split("a\r\nb\rc\u{2028}d\u{85}\n"), ["a", "b", "c", "d", ""]);
        assert!(split("").is_empty());
        let long = "It rains – again, and the tide is high at noon. ".repeat(3);
        assert_eq!(split(&format!("{long}\r\n{long}\u{2029}")), [&long, &long]);
    }

    #[test]
    fn pieces_between_line_ends_keep_their_empty_ends() {
        assert_eq!(between_runs("\na\n\nb\n", 1).collect::<Vec<_>>(), ["", "a", "b", ""]);
        assert_eq!(between_runs("a\nb\n\n\nc", 2).collect::<Vec<_>>(), ["a\nb", "c"]);
        assert_eq!(between_runs("", 1).collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn lines_are_counted_as_datatrove_does() {
        let text = "The same line.\n\nThe same line.\n- a…\n";
        let measures = LineMeasures::of(text, text.chars().count(), &split(text));
        // Lines between runs: the same, the same, the bullet, and an empty one at the end.
        assert_eq!((measures.duplicate_lines, measures.duplicate_line_chars), (0.25, 14.0 / 36.0));
        assert_eq!((measures.bullet, measures.ellipsis), (0.25, 0.25));
        assert_eq!((measures.end_mark, measures.short, measures.repeated_chars), (2.0 / 3.0, 1.0, 14.0 / 32.0));
        assert_eq!(measures.duplicate_paragraphs, 0.0);
    }
}
