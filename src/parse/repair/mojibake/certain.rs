//! Kinds of mojibake that prove themselves, though no language tells, and kinds of text that only look like it.

use icu_normalizer::properties::CanonicalCompositionBorrowed;

use super::Run;
use crate::parse::letters::{self, Class, Cost, NAT};

/// What a run counts for, besides its letters, that no text has as it stands; 0 for all others.
pub(super) fn bonus(chars: &[char], run: &Run) -> Cost {
    let here = &chars[run.start..run.end];
    let last = run.start.checked_sub(1).map_or(' ', |before| chars[before]);
    let next = chars.get(run.end).copied().unwrap_or(' ');
    let Some(says) = run.text.chars().next() else { return 0 };
    let is_one = run.sequences == 1;
    match here {
        // U+FFFD, which is what was lost before.
        ['ï', '¿', '½'] => CERTAIN,
        // Pairs of surrogates.
        [first, ..] if *first == 'í' && says > '\u{FFFF}' && here.len() >= 6 * run.sequences => CERTAIN,
        // An emoji whose last byte was dropped.
        [_, second, third]
            if says == char::REPLACEMENT_CHARACTER && is_sign(*third) && is_of_emoji(here[0], *second) =>
        {
            CERTAIN
        }
        [lead, second] if is_one && is_greek_within(*lead, *second, says, last, next) => CERTAIN,
        [lead, second] if is_one && is_mark_on(*lead, *second, says, last) && may_be_mark(chars, here, last, says) => {
            CERTAIN
        }
        _ if is_one && is_ligature(says) && (last.is_alphabetic() || next.is_alphabetic()) => CERTAIN,
        // What was spoilt twice and lost a byte in between.
        ['â', char::REPLACEMENT_CHARACTER, _] if says == char::REPLACEMENT_CHARACTER => CONTROLS,
        // Controls are in no text, and three bytes and more are not by chance.
        _ if run.guesses == 0 && here.len() >= 3 * run.sequences && super::has_control(here) => CONTROLS,
        _ => 0,
    }
}

/// What makes a run certain.
const CERTAIN: Cost = 40 * NAT;
/// What controls within a run count for.
const CONTROLS: Cost = 12 * NAT;

/// Whether characters are what emoji start with.
fn is_of_emoji(first: char, second: char) -> bool {
    matches!((first, second), ('ð' | 'đ', 'Ÿ' | 'ź' | '\u{9F}'))
}

/// Whether `Î` or `Ï` before a sign is a Greek letter, as science has them in its words: `IL-1Î²`.
fn is_greek_within(lead: char, second: char, says: char, last: char, next: char) -> bool {
    let may_be_within = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '(' | ')');
    matches!(lead, 'Î' | 'Ï')
        && is_sign(second)
        && letters::class_of(says) == Class::Greek
        && (may_be_within(last) || may_be_within(next))
}

/// Whether `Ì` or `Í` before a sign is a mark on the letter before it.
fn is_mark_on(lead: char, second: char, says: char, last: char) -> bool {
    matches!(lead, 'Ì' | 'Í')
        && matches!(says, '\u{300}'..='\u{36F}')
        && (is_sign(second) || super::has_control(&[second]) || matches!(second, 'ƒ' | 'ˆ' | '€' | '‚' | '„'))
        && !last.is_whitespace()
}

/// Whether a mark composes with its letter, or the same one stands on others as well, as where words are struck out.
fn may_be_mark(chars: &[char], here: &[char], last: char, says: char) -> bool {
    let composes = || CanonicalCompositionBorrowed::new().compose(last, says).is_some();
    let others = || chars.windows(2).filter(|pair| *pair == here).count() > 1;
    composes() && (last.is_lowercase() || super::has_control(here)) || others()
}

fn is_ligature(c: char) -> bool {
    matches!(c, '\u{FB00}'..='\u{FB06}')
}

fn is_sign(c: char) -> bool {
    matches!(letters::class_of(c), Class::Sign | Class::Odd) || matches!(c, '´' | '·' | '»' | '«')
}

/// Whether what looks like a run is rather right as it stands, where nothing else in the line is proved. `company` is
/// how many runs there are, `unread` how many letters beside this one belong to none.
pub(super) fn is_refused(chars: &[char], run: &Run, company: usize, unread: usize) -> bool {
    let here = &chars[run.start..run.end];
    let last = run.start.checked_sub(1).map_or(' ', |before| chars[before]);
    let next = chars.get(run.end).copied().unwrap_or(' ');
    let after_next = chars.get(run.end + 1).copied().unwrap_or(' ');
    let is_one = run.sequences == 1;
    let says_lower = run.text.chars().all(|c| c.is_lowercase() && c != 'ß');
    let is_right_beyond = || {
        let others = chars[..run.start].iter().chain(&chars[run.end..]);
        others.into_iter().any(|c| !c.is_ascii() && *c != '\u{a0}')
    };
    match here {
        // `í´´`: a surrogate alone is three signs as well.
        ['í', ..] if run.text.chars().all(|c| c == char::REPLACEMENT_CHARACTER) => true,
        // Letters of a charset of two bytes a character.
        _ if unread > here.len() => true,
        // Signs for letters, as players write.
        _ if is_one && says_lower && last.is_uppercase() && next.is_uppercase() => true,
        // A capital at the end of a word in capitals, before a no-break space.
        [lead, '\u{a0}'] if is_one && lead.is_uppercase() && last.is_uppercase() && !after_next.is_lowercase() => true,
        // Signs by themselves: `∆°`.
        _ if is_one && company == 1 && !here.iter().any(|&c| is_letter(c)) => {
            !last.is_alphanumeric() && !next.is_alphanumeric()
        }
        // A letter that is spoken of: `three Ã’s`.
        [_, '’' | '‘'] if !last.is_alphanumeric() && next == 's' && !after_next.is_alphanumeric() => true,
        _ if run.sequences <= 2 && is_quoted(last, next) => true,
        // The same, where its quote is a byte of the sequence: `“Ã” is a letter`.
        [_, second] if is_quoted(last, *second) && !next.is_alphanumeric() => true,
        // The same before a space, in a line that has other letters as they should be: `"Ã is a letter, and â too`.
        ['Ã', _] if run.guesses > 0 && company == 1 && opens_quote(last) && has_right_letter(chars, run) => true,
        // In windows-1252 and in MacRoman it is another letter each.
        ['Ã', '¥'] if company == 1 && is_right_beyond() => true,
        _ => is_one && says_ideograph(run) && (last.is_ascii_alphanumeric() || is_asked(last) || is_asked(next)),
    }
}

/// Whether a line is mojibake that was put in lower case since: `Ã` is `ã` there, and what it was is lost.
pub(super) fn is_lowered(chars: &[char]) -> bool {
    let is_lowered = |three: &&[char]| matches!(three, ['ã', 'ƒ' | '‚' | '¢' | '†', 'â' | 'æ']);
    chars.windows(3).filter(is_lowered).count() > 1
}

/// Whether quotes or brackets of one kind stand on both sides.
fn is_quoted(before: char, after: char) -> bool {
    matches!(
        (before, after),
        ('"', '"') | ('\'', '\'') | ('`', '`') | ('“', '”') | ('‘', '’') | ('«', '»') | ('„', '“') | ('[', ']')
    )
}

fn opens_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '‘' | '«' | '„' | '[' | '(')
}

/// Whether letters beyond ASCII stand elsewhere in a line, none of which is of a run.
fn has_right_letter(chars: &[char], run: &Run) -> bool {
    chars[..run.start].iter().chain(&chars[run.end..]).any(|&c| !c.is_ascii() && c.is_alphabetic())
}

fn says_ideograph(run: &Run) -> bool {
    run.text
        .chars()
        .all(|c| letters::class_of(c) == Class::Ideograph && !matches!(c, '\u{3000}'..='\u{303F}' | '\u{FF00}'..))
}

fn is_asked(c: char) -> bool {
    c == '?' || c == char::REPLACEMENT_CHARACTER
}

fn is_letter(c: char) -> bool {
    super::is_letter(c) && c != 'π' && c != 'Ω'
}

/// Adds a text as it is spelt: ligatures as their letters, marks on the letter before them.
pub(super) fn spell(text: &str, spelt: &mut Vec<char>) {
    for c in text.chars() {
        match c {
            'ﬀ' => spelt.extend(['f', 'f']),
            'ﬁ' => spelt.extend(['f', 'i']),
            'ﬂ' => spelt.extend(['f', 'l']),
            'ﬃ' => spelt.extend(['f', 'f', 'i']),
            'ﬄ' => spelt.extend(['f', 'f', 'l']),
            '\u{300}'..='\u{36F}' => {
                let composed = spelt.last().and_then(|&last| CanonicalCompositionBorrowed::new().compose(last, c));
                match (composed, spelt.last_mut()) {
                    (Some(composed), Some(last)) => *last = composed,
                    _ => spelt.push(c),
                }
            }
            c => spelt.push(c),
        }
    }
}
