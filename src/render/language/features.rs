//! What the words of a text show of its language: groups of letters, by hash.

use super::scripts::{HAN, KANA, Kind, Kinds, NAMES, Script, weight};

/// How many places there are for groups of letters. Groups that share one are told apart by the others.
pub const PLACES: usize = 30_000;

/// The longest word that counts as a whole, in letters.
const WHOLE_WORD: u32 = 10;

/// The script that most of a text is written in, and how much of it in thousandths; none where it has no letters.
pub fn script_of(text: &str) -> Option<(Script, u32, u32)> {
    let kinds = Kinds::get();
    let mut seen = [0u32; NAMES.len()];
    for c in text.chars() {
        if let Kind::Letter(script, _) = kinds.of(c) {
            seen[usize::from(script.0)] += 1;
        }
    }
    let letters: u32 = seen.iter().sum();
    // Japanese is written in ideographs too.
    let [han, kana] = [HAN, KANA].map(|script| usize::from(script.0));
    let syllables = seen[kana];
    if syllables * 10 > seen[han] {
        seen[kana] += seen[han];
        seen[han] = 0;
    }
    for (number, count) in seen.iter_mut().enumerate() {
        *count *= weight(Script(number as u8));
    }
    let all: u32 = seen.iter().sum();
    let (most, count) = seen.iter().enumerate().max_by_key(|&(number, &count)| (count, usize::MAX - number))?;
    (*count > 0).then(|| (Script(most as u8), count * 1000 / all, letters))
}

/// Shows the place of every group of letters in the words of a script: of two, three and four letters, where the ends
/// of a word count as letters, and whole words; of ideographs alone and of two.
pub fn each(text: &str, script: Script, mut show: impl FnMut(usize)) {
    let kinds = Kinds::get();
    let is_han = script == HAN || script == KANA;
    // The last four letters, sixteen bits each, the latest lowest.
    let mut last: u64 = EDGE;
    let mut word: u64 = 0;
    let mut length = 0;
    for c in text.chars().chain([' ']) {
        let letter = match kinds.of(c) {
            Kind::Letter(of, letter) if of == script || is_han && (of == HAN || of == KANA) => u64::from(letter),
            Kind::PassedOver => continue,
            Kind::Apostrophe if length > 0 => u64::from('\''),
            _ if length == 0 => continue,
            _ => EDGE,
        };
        last = last << 16 | letter & 0xFFFF;
        if is_han {
            if letter == EDGE {
                (last, length) = (EDGE, 0);
                continue;
            }
            show(place(last & 0xFFFF, 1));
            if length > 0 {
                show(place(last & 0xFFFF_FFFF, 2));
            }
            length += 1;
            continue;
        }
        length += 1;
        show(place(last & 0xFFFF_FFFF, 2));
        if length > 1 {
            show(place(last & 0xFFFF_FFFF_FFFF, 3));
        }
        if length > 2 {
            show(place(last, 4));
        }
        if letter == EDGE {
            if length > 4 && length <= WHOLE_WORD {
                show(place(word, 5));
            }
            (last, word, length) = (EDGE, 0, 0);
        } else {
            word = (word ^ letter).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        }
    }
}

/// What stands for the beginning and the end of a word.
const EDGE: u64 = 0x20;

#[inline]
fn place(group: u64, letters: u64) -> usize {
    let hash = (group ^ letters << 61).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    ((hash * PLACES as u64) >> 32) as usize
}
