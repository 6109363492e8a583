//! How much evidence the other reading of a run needs, by what stands there and around it.

use super::Run;
use super::charsets::{Charset, LEADS_BEFORE_SPACE, LEADS_WITHIN_WORD, is_african, is_known};
use super::costs::may_end_word;
use crate::parse::letters::{self, Class, Cost, NAT};

/// How much likelier the other reading of a word must be.
pub(super) const ENOUGH: Cost = 5 * NAT;
/// The same where signs stand between letters of ASCII, lines and boxes after one, or an upper-case letter and signs
/// after one of lower case, as they hardly do.
const ENOUGH_WITHIN_WORD: Cost = 3 * NAT;
/// The same where it is one letter for two that may well stand where they do: letters as well, or the
/// end of a word; or where that one letter is of a script that nothing beside it is written in.
pub(super) const ENOUGH_OF_ONE: Cost = 12 * NAT;
/// The same where that one letter follows one of lower case, and is read in two, of which the first is not.
const ENOUGH_AFTER_LOWER: Cost = 5 * NAT;
/// The same where a root or a line of a box stands before what neither is drawn with.
const ENOUGH_DRAWN: Cost = NAT;
/// The same where that one letter is of a script that stands near it, and is read in Latin letters.
const ENOUGH_IN_ITS_SCRIPT: Cost = NAT;
/// How far around a sequence its script may be in use, in characters.
const NEARBY: usize = 24;
/// What stands for a byte that was lost.
const LOST: char = char::REPLACEMENT_CHARACTER;
/// How much more it must be for each sign in the same word that is no sequence, and for each letter of Latin
/// that the charset has not even got.
const UNREAD: Cost = 4 * NAT;
const UNREADABLE: Cost = 12 * NAT;
/// The same where a space is taken for a byte that it replaced, or a byte is lost.
const ENOUGH_LOSSY: Cost = 9 * NAT;
/// The same where the space stands after a character that is often left so.
const ENOUGH_BEFORE_SPACE: Cost = 6 * NAT;

/// By how much the other reading of a run must be likelier; none is enough where it proves nothing by
/// itself, however likely.
pub(super) fn enough(chars: &[char], run: &Run) -> Cost {
    let here = &chars[run.start..run.end];
    let nearby = &chars[run.start.saturating_sub(NEARBY)..chars.len().min(run.end + NEARBY)];
    let is_in_use = |c: char| nearby.iter().any(|&near| near as u32 >> 7 == c as u32 >> 7);
    let is_sensible = |c: char| c == char::REPLACEMENT_CHARACTER || is_known(c) || is_in_use(c);
    let last = run.start.checked_sub(1).map_or(' ', |before| chars[before]);
    let next = chars.get(run.end).copied().unwrap_or(' ');
    // Elsewhere these letters are rather É, Æ or Å before a quote or a dash.
    let is_within_word = next.is_ascii_lowercase() && !last.is_uppercase();
    let is_sensible = |c: char| is_sensible(c) || is_within_word && is_african(c);
    if run.may_be_drawn || run.sequences <= 2 && !run.text.chars().all(is_sensible) {
        return Cost::MAX;
    }
    let class = letters::class_of(here[0]);
    let goes_on = matches!(class, Class::Cyrillic | Class::Greek) && letters::class_of(last) == class;
    let is_lonely = run.sequences == 1 && is_lonely(chars, run, nearby);
    let is_ideograph = |c: char| letters::class_of(c) == Class::Ideograph;
    let has_kin = |c: char| is_in_use(c) || is_ideograph(c) && nearby.iter().any(|&near| is_ideograph(near));
    let is_latin = matches!(class, Class::Latin | Class::LatinUpper);
    let is_at_home = is_latin && run.sequences == 1 && run.text.chars().all(|c| has_its_script(c) && has_kin(c));
    let rises = last.is_ascii_lowercase() && !here[0].is_lowercase();
    if goes_on && run.sequences <= 2 && run.guesses > 0 {
        return Cost::MAX;
    }
    if run.is_lossy() {
        return enough_where_lossy(run, here[0], last, &chars[run.end..], is_lonely);
    }
    let ends_word = || last.is_uppercase() && here.last().is_some_and(|&c| may_end_word(c)) && !next.is_alphanumeric();
    let is_no_break = |c: char| c == '\u{a0}' && !next.is_alphabetic() && !LEADS_BEFORE_SPACE.contains(&here[0]);
    let is_word = here.iter().all(|&c| is_letter(c) || is_no_break(c));
    let says_ideograph = || run.text.chars().all(is_ideograph);
    match run.sequences {
        // Letters in a row, as of an alphabet, are an ideograph of UTF-8 by chance.
        1 if is_lonely && is_word && says_ideograph() => Cost::MAX,
        // A sign before a no-break space is as usual as one before a space: `3 ×\u{a0}4`.
        1 if here.last() == Some(&'\u{a0}') && !here[0].is_alphabetic() => Cost::MAX,
        // `Ù` at the end of a word in capitals, and no trade mark.
        1 if *here == ['Ã', '™'] && last.is_uppercase() => ENOUGH,
        1 if is_at_home => ENOUGH_IN_ITS_SCRIPT,
        1 if is_word && rises && !goes_on => ENOUGH_AFTER_LOWER,
        1 if here.len() == 2 && class == Class::Drawn && !is_lonely => ENOUGH_DRAWN,
        1 if is_lonely || is_word || goes_on || ends_word() => ENOUGH_OF_ONE,
        _ if rises && here[0].is_uppercase() => ENOUGH_WITHIN_WORD,
        _ if last.is_ascii_alphabetic() && (next.is_ascii_alphabetic() || class == Class::Drawn) => ENOUGH_WITHIN_WORD,
        _ => ENOUGH,
    }
}

/// The same where a space is taken for a byte that it replaced, or a byte is lost.
fn enough_where_lossy(run: &Run, lead: char, last: char, after: &[char], is_lonely: bool) -> Cost {
    let is_one = run.sequences == 1;
    let says_space = run.text.chars().all(char::is_whitespace);
    let next = after.first().copied().unwrap_or(' ');
    let is_before_capitals = after.iter().take_while(|c| c.is_uppercase()).count() > 1;
    let stands_alone = !last.is_alphanumeric() && !next.is_lowercase();
    match () {
        // Signs stand before spaces; so do letters at the end of a word in capitals.
        () if says_space && lead != 'Â'
            || is_lonely
            || run.text.chars().any(|c| letters::class_of(c) == Class::Drawn) =>
        {
            Cost::MAX
        }
        // An upper-case letter after one of lower case, and what was lost.
        () if is_one && last.is_lowercase() && lead.is_uppercase() && run.text.starts_with(LOST) => ENOUGH,
        () if is_one && last.is_uppercase() && run.text.starts_with('à') => Cost::MAX,
        () if is_one && (last.is_uppercase() || stands_alone && (lead == 'Å' || is_before_capitals)) => ENOUGH_OF_ONE,
        () if last.is_ascii_lowercase()
            && (LEADS_BEFORE_SPACE.contains(&lead) || LEADS_WITHIN_WORD.contains(&lead)) =>
        {
            ENOUGH_WITHIN_WORD
        }
        () if LEADS_BEFORE_SPACE.contains(&lead) => ENOUGH_BEFORE_SPACE,
        () => ENOUGH_LOSSY,
    }
}

/// Whether a run says a single letter of a script that nothing beside it is written in; nor anything near
/// it, where it would have to be of that script already.
fn is_lonely(chars: &[char], run: &Run, nearby: &[char]) -> bool {
    let Some(c) = run.text.chars().next() else { return true };
    if c == '\u{FEFF}' {
        return false;
    }
    let class = letters::class_of(c);
    let is_same = |&c: &char| letters::class_of(c) == class;
    let beside = [run.start.checked_sub(1).and_then(|at| chars.get(at)), chars.get(run.end)];
    let has_company =
        if is_same(&chars[run.start]) { beside.into_iter().flatten().any(is_same) } else { nearby.iter().any(is_same) };
    matches!(class, Class::Cyrillic | Class::Greek | Class::Letter | Class::Ideograph | Class::Accent) && !has_company
}

/// Whether a character is of a script that tells itself.
fn has_its_script(c: char) -> bool {
    matches!(letters::class_of(c), Class::Cyrillic | Class::Greek | Class::Letter | Class::Ideograph)
}

/// Whether a character is a letter of words, and no sign that counts as one.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, 'ƒ' | 'ª' | 'º' | 'µ' | 'ˆ')
}

/// What it speaks against a charset that a character beyond ASCII in the same word is no sequence of it.
pub(super) fn speaks_against(charset: &Charset, c: char) -> Cost {
    match letters::class_of(c) {
        Class::Latin | Class::LatinUpper if charset.byte(c).is_none() => UNREADABLE,
        Class::Sign | Class::Odd | Class::Drawn => UNREAD,
        _ => 0,
    }
}
