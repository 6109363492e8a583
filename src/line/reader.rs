//! Reads the facts off lines, piece by piece.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use super::fold::folded_marker;
use super::lanes::{LANES, ROOM};
use super::piece::Piece;
use super::{Line, LineEnd, line_end};

/// The key that a line of this text would have: see [`Line::key`]. Word lists are looked up by it.
pub fn key(text: &str) -> u64 {
    if let Some(key) = key_of_short_ascii(text.as_bytes()) {
        return key;
    }
    let span = trimmed(text, 0..text.len());
    // A phrase needs no more room than there is for a piece.
    if span.len() <= LANES {
        let (mut folded, mut letters) = ([0; ROOM], [0; ROOM]);
        let piece = Piece::read(text, span.start, span.end, true, &mut folded, &mut Line::unread(&span));
        let len = piece.write_letters(&mut letters);
        if len > 0 {
            return xxh3_64(&letters[..len]);
        }
    }
    LineReader::with_capacity(text.len()).read(text, &(0..text.len() as u32)).key
}

/// The same of a text that most words and phrases are like: a few bytes of ASCII with letters or digits among them.
fn key_of_short_ascii(text: &[u8]) -> Option<u64> {
    if text.len() > LANES || !text.is_ascii() {
        return None;
    }
    let (mut letters, mut len) = ([0; LANES + 1], 0);
    for byte in text {
        letters[len] = byte.to_ascii_lowercase();
        len += usize::from(byte.is_ascii_alphanumeric());
    }
    (len > 0).then(|| xxh3_64(&letters[..len]))
}

/// Lines with more letters and digits than this, in bytes, are prose: their key is taken from the whole folded
/// line, marks and all.
const LONGEST_BARE_KEY: usize = 512;

impl Line {
    /// A line of which nothing is known but its place.
    fn unread(span: &Range<usize>) -> Line {
        Line {
            span: span.start as u32..span.end as u32,
            folded: 0,
            key: 0,
            chars: 0,
            words: 0,
            letters: 0,
            upper: 0,
            digits: 0,
            unspaced: 0,
            end: LineEnd::Other,
        }
    }
}

/// Reads one line after another.
#[derive(Debug)]
pub(super) struct LineReader {
    /// The folded lines, one after the other.
    pub folded: Vec<u8>,
    /// The folded letters and digits of the line being read, as far as its key needs them.
    letters: [u8; LONGEST_BARE_KEY + ROOM],
    /// The piece of it that is being read, folded.
    piece: [u8; ROOM],
}

impl LineReader {
    /// A reader for lines of so many bytes in all.
    pub(super) fn with_capacity(bytes: usize) -> LineReader {
        LineReader { folded: Vec::with_capacity(bytes + ROOM), letters: [0; LONGEST_BARE_KEY + ROOM], piece: [0; ROOM] }
    }

    /// Reads a line.
    #[inline(always)]
    pub(super) fn read(&mut self, text: &str, block: &Range<u32>) -> Line {
        let span = trimmed(text, block.start as usize..block.end as usize);
        let from = self.folded.len();
        let trimmed = &text[span.clone()];
        let mut line = Line { end: line_end(trimmed), ..Line::unread(&span) };
        let (mut at, mut letters, mut in_word) = (span.start, 0, false);
        while at < span.end {
            let after_space = self.folded.len() == from || self.folded.last() == Some(&b' ');
            let piece = Piece::read(text, at, span.end, after_space, &mut self.piece, &mut line);
            line.words += piece.words(&mut in_word);
            piece.push_folded(&mut self.folded);
            if let Some(room) = self.letters[letters..].first_chunk_mut() {
                letters += piece.write_letters(room);
            }
            at += piece.len;
        }
        if self.folded.len() > from && self.folded.last() == Some(&b' ') {
            self.folded.pop();
            line.chars -= 1;
        }
        line.words += line.unspaced.div_ceil(2);
        let marker = folded_marker(trimmed, &self.folded[from..]);
        if marker > 0 {
            self.folded.drain(from..from + marker);
        }
        line.folded = from as u32;
        line.key = match letters {
            1..=LONGEST_BARE_KEY => xxh3_64(&self.letters[..letters]),
            _ => xxh3_64(&self.folded[from..]),
        };
        line
    }
}

/// A line without the white space around it.
fn trimmed(text: &str, line: Range<usize>) -> Range<usize> {
    let bytes = &text.as_bytes()[line.clone()];
    if let ([b'!'..=b'~', ..], [.., b'!'..=b'~']) = (bytes, bytes) {
        return line;
    }
    let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t');
    let (before, behind) = (bytes.iter().take_while(is_space).count(), bytes.iter().rev().take_while(is_space).count());
    if before == bytes.len() {
        return line.end..line.end;
    }
    let (start, end) = (line.start + before, line.end - behind);
    // Few lines have any other.
    match (text.as_bytes()[start], text.as_bytes()[end - 1]) {
        (b'!'..=b'~', b'!'..=b'~') => start..end,
        _ => {
            let start = end - text[start..end].trim_start().len();
            start..start + text[start..end].trim_end().len()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fold::{DIGIT, INVISIBLE, LETTER, SPACE, UNSPACED, UPPER, fold, fold_inside, look_up};
    use super::*;

    /// The facts of a line, read one character at a time.
    fn read_slowly(text: &str) -> Line {
        let mut line = Line::unread(&(0..text.len()));
        let (mut letters, mut in_word) = (String::new(), false);
        for (c, (lower, class)) in text.trim().chars().map(|c| (c, look_up(c))) {
            in_word &= class & SPACE == 0;
            if class & INVISIBLE != 0 || class & (LETTER | DIGIT) == 0 {
                continue;
            }
            assert!(lower.len_utf8() <= c.len_utf8());
            letters.push(lower);
            line.letters += u32::from(class & LETTER != 0);
            line.upper += u32::from(class & UPPER != 0);
            line.digits += u32::from(class & DIGIT != 0);
            if class & UNSPACED != 0 {
                line.unspaced += 1;
            } else {
                line.words += u32::from(!in_word);
                in_word = true;
            }
        }
        line.words += line.unspaced.div_ceil(2);
        line.key = match letters.len() {
            1..=LONGEST_BARE_KEY => xxh3_64(letters.as_bytes()),
            _ => xxh3_64(fold(text).as_bytes()),
        };
        line
    }

    proptest! {
        #[test]
        fn sixty_four_bytes_at_once_are_read_as_one_character_at_a_time(
            text in "([a-zA-Z0-9`' .,_(*–éЖ東İ\u{ad}\u{a0}\u{200b}\u{c}]{0,140}|[a-z '.-]{0,4000}|[ -~]{0,60}|\\PC{0,90})",
        ) {
            let mut reader = LineReader::with_capacity(0);
            let line = reader.read(&text, &(0..text.len() as u32));
            let folded = fold(&text);
            prop_assert_eq!(&reader.folded[line.folded as usize..], folded.as_bytes());
            let Line { key, words, letters, upper, digits, unspaced, .. } = read_slowly(&text);
            prop_assert_eq!(&Line { key, words, letters, upper, digits, unspaced, ..line.clone() }, &line);
            prop_assert_eq!(line.key, super::key(&text));
            prop_assert_eq!(line.chars as usize, fold_inside(text.trim()).chars().count());
        }
    }

    #[test]
    fn nothing_grows_when_it_is_folded() {
        for c in '\0'..=char::MAX {
            assert!(look_up(c).0.len_utf8() <= c.len_utf8(), "{c:?}");
        }
    }
}
