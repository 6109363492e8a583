//! Letters as near copies are compared by: without case, accents and marks.

use std::sync::OnceLock;

use icu_normalizer::properties::{CanonicalCombiningClassMapBorrowed, CanonicalDecompositionBorrowed, Decomposed};

/// What a character is to words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letter {
    /// White space or a mark: a word ends before it.
    Gap,
    /// A mark on a letter: it does not count.
    Mark,
    /// A digit: a run of them counts as one 0, as datatrove's `norm_numbers` has it.
    Digit,
    /// A letter of a word, folded.
    Of(u32),
    /// A letter of a script that writes no spaces, which is a word by itself.
    Alone(u32),
}

/// Where scripts end that are looked up: beyond are ideographs, kana and Hangul, which have no case.
const TABLE_END: usize = 0x3000;

/// What a character is.
pub(super) fn letter(c: char) -> Letter {
    static TABLE: OnceLock<Vec<Letter>> = OnceLock::new();
    let table = TABLE
        .get_or_init(|| (0..TABLE_END as u32).map(|code| char::from_u32(code).map_or(Letter::Gap, classify)).collect());
    table.get(c as usize).copied().unwrap_or_else(|| classify(c))
}

fn classify(c: char) -> Letter {
    // Digits of all scripts, fractions, and numerals that are letters by their shape.
    if c.is_numeric() {
        return Letter::Digit;
    }
    if CanonicalCombiningClassMapBorrowed::new().get_u8(c) != 0 {
        return Letter::Mark;
    }
    match c {
        // Soft hyphens, joiners and their like are not seen.
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => Letter::Mark,
        _ if !c.is_alphanumeric() => Letter::Gap,
        _ if is_spaceless(c) => Letter::Alone(c as u32),
        _ => Letter::Of(c.to_lowercase().next().map_or(c, base) as u32),
    }
}

/// A letter without its accents.
fn base(c: char) -> char {
    let mut letter = c;
    // Syllables of Hangul are no letters with accents.
    while let Decomposed::Expansion(first, _) = CanonicalDecompositionBorrowed::new().decompose(letter)
        && !('\u{ac00}'..='\u{d7a3}').contains(&letter)
    {
        letter = first;
    }
    letter
}

/// Thai, Lao, Myanmar, Khmer, kana and ideographs.
fn is_spaceless(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_count() {
        for (c, expected) in [('É', 'e'), ('ß', 'ß'), ('Й', 'и'), ('Ώ', 'ω'), ('한', '한'), ('x', 'x')] {
            assert_eq!(letter(c), Letter::Of(expected as u32), "{c}");
        }
        assert!(['\u{301}', '\u{ad}'].into_iter().all(|c| letter(c) == Letter::Mark));
        assert!(['7', '７', '٧', '७', '๗', '〇', 'Ⅷ', '½', '²'].into_iter().all(|c| letter(c) == Letter::Digit));
        assert!([' ', '—', '.', '。', '\n'].into_iter().all(|c| letter(c) == Letter::Gap));
        assert_eq!(letter('灯'), Letter::Alone('灯' as u32));
    }
}
