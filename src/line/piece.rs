//! A piece of a line, up to 64 bytes of whole characters, folded and measured.

use super::Line;
use super::fold::{DIGIT, INVISIBLE, LETTER, SPACE, UNSPACED, UPPER, look_up};
use super::lanes::{LANES, Lanes, ROOM, gather, lowest};

/// A piece of a line, folded. A bit stands for a byte, the lowest for the first.
#[derive(Debug)]
pub(super) struct Piece<'f> {
    /// How many bytes of the line it takes.
    pub len: usize,
    /// A bit for each of them.
    all: u64,
    /// The folded bytes, each where it stood.
    folded: &'f mut [u8; ROOM],
    /// Which of them are left: of white space the first, of what is not seen none.
    left: u64,
    /// Which of them are of letters and digits.
    solid: u64,
    space: u64,
    /// Letters of scripts that write no spaces between words.
    unspaced: u64,
}

impl<'f> Piece<'f> {
    /// Reads the bytes from `at` to `end`, or as many as there is room for. `after_space` says whether white space
    /// stands before, or nothing. All facts but words are added to the line's. What `folded` has held is anything.
    #[inline(always)]
    pub(super) fn read(
        text: &str,
        at: usize,
        end: usize,
        after_space: bool,
        folded: &'f mut [u8; ROOM],
        line: &mut Line,
    ) -> Piece<'f> {
        let len = match end - at {
            len @ ..=LANES => len,
            _ => text.floor_char_boundary(at + LANES) - at,
        };
        let lanes = match text.as_bytes()[at..].first_chunk() {
            Some(bytes) => Lanes::read(bytes, len, folded),
            None => {
                let mut bytes = [0; LANES];
                bytes[..len].copy_from_slice(&text.as_bytes()[at..at + len]);
                Lanes::read(&bytes, len, folded)
            }
        };
        let all = lowest(len);
        line.letters += (lanes.letter & all).count_ones();
        line.upper += (lanes.upper & all).count_ones();
        if lanes.digit & all != 0 {
            line.digits += (lanes.digit & all).count_ones();
        }
        let solid = (lanes.letter | lanes.digit) & all;
        let mut piece = Piece { len, all, folded, left: all, solid, space: lanes.space & all, unspaced: 0 };
        let mut others = lanes.other & !lanes.continuing & all;
        while others != 0 {
            let place = others.trailing_zeros() as usize;
            others &= others - 1;
            if let Some(c) = text[at + place..].chars().next() {
                piece.read_other(c, place, after_space, line);
            }
        }
        piece.left &= !(piece.space & (piece.space << 1 | u64::from(after_space)));
        line.chars += match piece.left & !lanes.continuing {
            left if left == all => len as u32,
            left => left.count_ones(),
        };
        piece
    }

    /// Reads a character that is not of ASCII, or a control character.
    fn read_other(&mut self, c: char, place: usize, after_space: bool, line: &mut Line) {
        let (lower, class) = look_up(c);
        let bytes = lowest(c.len_utf8()) << place;
        let follows_space = || if place > 0 { self.space >> (place - 1) & 1 == 1 } else { after_space };
        if class & SPACE != 0 {
            self.space |= bytes;
            self.folded[place] = b' ';
        } else if class & INVISIBLE != 0 {
            // Behind white space it counts as more of it, so that what follows is known to stand behind some.
            if follows_space() {
                self.space |= bytes;
            }
            self.left &= !bytes;
        } else {
            lower.encode_utf8(&mut self.folded[place..]);
            let folded = lowest(lower.len_utf8()) << place;
            self.left &= !bytes | folded;
            if class & (LETTER | DIGIT) != 0 {
                self.solid |= folded;
                line.letters += class & LETTER;
                line.upper += (class & UPPER) / UPPER;
                line.digits += (class & DIGIT) / DIGIT;
            }
            if class & UNSPACED != 0 {
                self.unspaced |= folded;
                line.unspaced += 1;
            }
        }
    }

    /// How many words have their first letter or digit in it. `in_word` says whether the word at the start has had
    /// one already, and then the same of the word at the end.
    #[inline(always)]
    pub(super) fn words(&self, in_word: &mut bool) -> u32 {
        let solid = self.solid & !self.unspaced;
        let marks = self.all & !(solid | self.space);
        let after_solid = solid << 1 | u64::from(*in_word);
        // A one that is added to a run of ones comes out behind the run: there the word goes on.
        let (added, goes_on) = marks.overflowing_add(marks & after_solid);
        let behind_marks = added & !marks;
        *in_word = match self.len {
            LANES => goes_on || solid >> (LANES - 1) == 1,
            len => (after_solid | behind_marks) >> len & 1 == 1,
        };
        (solid & !after_solid & !behind_marks).count_ones()
    }

    /// Adds its folded text.
    #[inline(always)]
    pub(super) fn push_folded(&self, to: &mut Vec<u8>) {
        let from = to.len();
        if self.left == self.all {
            to.extend_from_slice(self.folded);
            to.truncate(from + self.len);
        } else {
            let mut gathered = [0; ROOM];
            let len = gather(self.left, self.folded, &mut gathered);
            to.extend_from_slice(&gathered[..len]);
        }
    }

    /// Writes its folded letters and digits; how many bytes they take. What is behind them in `to` is anything.
    #[inline(always)]
    pub(super) fn write_letters(&self, to: &mut [u8; ROOM]) -> usize {
        gather(self.solid, self.folded, to)
    }
}
