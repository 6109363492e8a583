//! Text that was read with a wrong charset: `cafÃ©` for `café`.
//!
//! UTF-8 that is read in a charset of one byte a character leaves its marks: a character that stands
//! for the first byte of a sequence, and others that stand for its further bytes. Where characters
//! could be such a sequence, both readings are weighed by the letters of the languages we know
//! ([`crate::intake::letters`]), in their words; the other reading is taken only if it is likelier by
//! far. The approach is that of ftfy (Robyn Speer), which weighs with a list of suspicious pairs.

mod charsets;

use crate::intake::letters::{self, Class, Cost, LANGUAGES, Language, NAT};

use super::Done;
use charsets::is_known;
pub use charsets::{Charset, LEADS_BEFORE_SPACE, all as charsets};

/// How much likelier the other reading of a word must be.
const ENOUGH: Cost = 5 * NAT;
/// The same where signs stand between letters of ASCII, or lines and boxes after one, as they hardly do.
const ENOUGH_WITHIN_WORD: Cost = 3 * NAT;
/// The same where it is one letter for two that may well stand where they do: letters as well, or the
/// end of a word; or where that one letter is of a script that nothing beside it is written in.
const ENOUGH_OF_ONE: Cost = 12 * NAT;
/// The same where a space is taken for a byte that it replaced, or a byte is lost.
const ENOUGH_LOSSY: Cost = 9 * NAT;
/// The same where the space stands after a character that is often left so.
const ENOUGH_BEFORE_SPACE: Cost = 6 * NAT;
/// How much likelier the other readings of a line's words must be together, for words in it that do not
/// tell by themselves ([`LEAST`]) to be taken along.
const ENOUGH_TOGETHER: Cost = 6 * NAT;
/// What a word may lose that is taken along: this share of what the others win, and at most so much.
const LOSS_SHARE: Cost = 6;
const LOSS_AT_MOST: Cost = 8 * NAT;
/// What speaks against a space after `à` where letters stand on both sides of it.
const WITHIN_WORD: Cost = 3 * NAT;
/// How many times a text may have been read wrongly, for all to be undone at once.
const LAYERS: usize = 4;

/// Long lines are weighed in pieces of this many characters.
const PIECE: usize = 8192;
/// How much of a piece tells which languages it may be in, in characters.
const TOLD_BY: usize = 160;
/// How many languages a piece may be in, either way it is read.
const LANGUAGES_WEIGHED: usize = 5;
/// How far the word around a sequence reaches at most, in characters.
const REACH: usize = 16;

/// Reads the words of a line anew that were read with a wrong charset.
pub fn mend(line: &str) -> Option<Done> {
    if line.is_ascii() {
        return None;
    }
    let mut mended = String::new();
    let mut times = 0;
    let mut first = None;
    let mut rest = line;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(piece_end(rest));
        rest = after;
        match mend_piece(piece) {
            Some(better) => {
                mended.push_str(&better.text);
                times += better.times;
                first.get_or_insert(better.evidence);
            }
            None => mended.push_str(piece),
        }
    }
    let Evidence { charset, before, after, gain } = first?;
    let because = move || {
        format!("'{before}' is '{after}' in UTF-8 read as {charset}, which is likelier by a factor of e^{}", gain / NAT)
    };
    Some(Done { line: mended, times, because: Box::new(because) })
}

/// Whether two characters could be a sequence of UTF-8 in one of these charsets ([`bit_of`]) that says
/// something in a language we know.
pub fn is_plausible(first: char, second: char, of: u32) -> bool {
    let mut charsets = charsets().iter().enumerate();
    charsets.any(|(number, charset)| bit_of(number) & of != 0 && charset.is_plausible(first, second))
}

/// The bit that stands for a charset where they are told by bits, eight at most.
pub fn bit_of(number: usize) -> u32 {
    1 << number.min(7)
}

fn piece_end(line: &str) -> usize {
    if line.len() <= PIECE {
        return line.len();
    }
    let end = (0..=PIECE).rev().find(|&end| line.is_char_boundary(end)).unwrap_or(line.len());
    let space = memchr::memrchr(b' ', &line.as_bytes()[PIECE / 2..end]);
    space.map_or(end, |at| PIECE / 2 + at)
}

/// A piece of a line, read anew.
struct Better {
    text: String,
    times: u64,
    evidence: Evidence,
}

/// What speaks for a reading.
struct Evidence {
    charset: &'static str,
    before: String,
    after: String,
    gain: Cost,
}

fn mend_piece(piece: &str) -> Option<Better> {
    if piece.is_ascii() {
        return None;
    }
    let chars: Vec<char> = piece.chars().collect();
    let mut best: Option<(Cost, &'static Charset, Vec<Weighed>)> = None;
    let mut languages_before: Option<Vec<&Language>> = None;
    let runs: Vec<Vec<Run>> = charsets().iter().map(|charset| charset.runs(&chars)).collect();
    let covered = |runs: &[Run]| runs.iter().map(|run| run.end - run.start).sum::<usize>();
    let most = runs.iter().map(|runs| covered(runs)).max().unwrap_or(0);
    for (charset, runs) in charsets().iter().zip(runs) {
        // The right charset explains more of the line than others do, or not much less.
        if runs.is_empty() || covered(&runs) * 2 < most || charset.is_rare() && best.is_some() {
            continue;
        }
        let before = languages_before.get_or_insert_with(|| likeliest(chars.iter().copied().take(TOLD_BY)));
        let mut languages = likeliest(anew(&chars, &runs).take(TOLD_BY));
        languages.extend(before.iter().copied());
        let taken = take(weigh(&chars, runs, &languages));
        if taken.is_empty() {
            continue;
        }
        let gain = taken.iter().map(|run| run.gain).sum::<Cost>() - charset.prior;
        if gain > best.as_ref().map_or(Cost::MIN, |best| best.0) {
            best = Some((gain, charset, taken));
        }
    }
    let (_, charset, taken) = best?;
    let strongest = taken.iter().max_by_key(|run| run.gain)?;
    let evidence = Evidence {
        charset: charset.name,
        before: chars[strongest.run.start..strongest.run.end].iter().collect(),
        after: strongest.run.text.clone(),
        gain: strongest.gain,
    };
    let times = taken.len() as u64;
    let runs: Vec<Run> = taken.into_iter().map(|taken| taken.run).collect();
    Some(Better { text: anew(&chars, &runs).collect(), times, evidence })
}

/// Neighbouring sequences of UTF-8 as they were read with a wrong charset.
#[derive(Debug, Clone)]
pub struct Run {
    /// The first of its characters.
    pub start: usize,
    /// The character after its last.
    pub end: usize,
    /// What it says in UTF-8.
    pub text: String,
    /// How many sequences it is of.
    pub sequences: usize,
    /// Whether a byte of each was lost on the way.
    pub lossy: bool,
    /// Whether it consists of signs that may well stand beside one another: lines and boxes, mathematics.
    pub may_be_drawn: bool,
}

struct Weighed {
    run: Run,
    /// By how much the other reading is likelier.
    gain: Cost,
    /// By how much it must be.
    enough: Cost,
}

/// The characters with the runs read anew.
fn anew<'c>(chars: &'c [char], runs: &'c [Run]) -> impl Iterator<Item = char> + 'c {
    let ends = runs.iter().map(|run| run.end);
    let starts = runs.iter().map(|run| run.start).chain([chars.len()]);
    let gaps = std::iter::once(0).chain(ends).zip(starts).map(|(from, to)| &chars[from..to]);
    let texts = runs.iter().map(|run| run.text.as_str()).chain([""]);
    gaps.zip(texts).flat_map(|(gap, text)| gap.iter().copied().chain(text.chars()))
}

/// The languages that a text is most likely in.
fn likeliest(text: impl Iterator<Item = char>) -> Vec<&'static Language> {
    let text: Vec<char> = text.collect();
    let mut costs: Vec<(Cost, &Language)> =
        LANGUAGES.iter().map(|language| (cost(language, &text), language)).collect();
    costs.sort_by_key(|entry| entry.0);
    costs.into_iter().take(LANGUAGES_WEIGHED).map(|entry| entry.1).collect()
}

fn weigh(chars: &[char], runs: Vec<Run>, languages: &[&Language]) -> Vec<Weighed> {
    let least = |text: &[char]| languages.iter().map(|language| cost(language, text)).min().unwrap_or(0);
    let mut weighed: Vec<Weighed> = Vec::with_capacity(runs.len());
    let mut window = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let from = word_start(chars, run.start).max(at.checked_sub(1).map_or(0, |last| runs[last].end));
        let to = word_end(chars, run.end).min(runs.get(at + 1).map_or(chars.len(), |next| next.start));
        let before = least(&chars[from..to]);
        let mut read_as = |text: &str| {
            window.clear();
            window.extend_from_slice(&chars[from..run.start]);
            window.extend(text.chars());
            window.extend_from_slice(&chars[run.end..to]);
            least(&window)
        };
        let mut run = run.clone();
        let mut after = read_as(&run.text);
        // A space that stood for the second byte of `à` may have been the space after the word as well.
        if run.lossy && run.text == "à" {
            let is_within = from < run.start && chars.get(run.end).is_some_and(|c| c.is_alphabetic());
            let with_space = read_as("à ") + if is_within { WITHIN_WORD } else { 0 };
            if with_space < after {
                after = with_space;
                run.text.push(' ');
            }
        }
        // What was read wrongly twice makes sense only when it is read rightly twice.
        let mut enough = enough(chars, &run);
        let mut layer = run.text.clone();
        for _ in 1..LAYERS {
            let Some(below) = layer_below(&layer) else { break };
            let cost = read_as(&below);
            if cost < after {
                (after, enough) = (cost, ENOUGH);
                run.text.clone_from(&below);
            }
            layer = below;
        }
        weighed.push(Weighed { run, gain: before - after, enough });
    }
    weighed
}

/// A text that is one run of sequences itself, read anew.
fn layer_below(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let of = |charset: &Charset| {
        let run = charset.runs(&chars).pop()?;
        (run.start == 0 && run.end == chars.len() && !run.lossy).then_some(run.text)
    };
    if text.is_ascii() { None } else { charsets().iter().find_map(of) }
}

/// By how much the other reading of a run must be likelier; none is enough where it proves nothing by
/// itself, however likely.
fn enough(chars: &[char], run: &Run) -> Cost {
    let here = &chars[run.start..run.end];
    let is_short = run.sequences <= 2;
    let says_nothing_known = is_short && !run.text.chars().all(|c| is_known(c) || c == char::REPLACEMENT_CHARACTER);
    if run.may_be_drawn || says_nothing_known {
        return Cost::MAX;
    }
    let goes_on = || {
        let before = run.start.checked_sub(1).map(|before| letters::class_of(chars[before]));
        let class = letters::class_of(here[0]);
        before == Some(class) && matches!(class, Class::Cyrillic | Class::Greek)
    };
    let next = chars.get(run.end).copied().unwrap_or(' ');
    let ends_word = || {
        let before = run.start.checked_sub(1).map_or(' ', |before| chars[before]);
        before.is_uppercase() && here.last().is_some_and(|&c| may_end_word(c)) && !next.is_alphanumeric()
    };
    let is_after_letter = run.start > 0 && chars[run.start - 1].is_ascii_alphabetic();
    let is_no_break = |c: char| c == '\u{a0}' && !next.is_alphabetic() && !LEADS_BEFORE_SPACE.contains(&here[0]);
    let may_be_right = || here.iter().all(|&c| is_letter(c) || is_no_break(c)) || goes_on() || ends_word();
    match run {
        Run { lossy: true, .. } if LEADS_BEFORE_SPACE.contains(&here[0]) => ENOUGH_BEFORE_SPACE,
        Run { lossy: true, .. } => ENOUGH_LOSSY,
        Run { sequences: 1, .. } if here.len() == 2 && is_lonely(chars, run) || may_be_right() => ENOUGH_OF_ONE,
        _ if is_after_letter && (next.is_ascii_alphabetic() || letters::class_of(here[0]) == Class::Drawn) => {
            ENOUGH_WITHIN_WORD
        }
        _ => ENOUGH,
    }
}

/// Whether a run says a single letter of a script that nothing beside it is written in.
fn is_lonely(chars: &[char], run: &Run) -> bool {
    let Some(c) = run.text.chars().next() else { return true };
    let class = letters::class_of(c);
    let neighbours = [run.start.checked_sub(1).and_then(|at| chars.get(at)), chars.get(run.end)];
    let has_company = neighbours.into_iter().flatten().any(|&neighbour| letters::class_of(neighbour) == class);
    matches!(class, Class::Cyrillic | Class::Greek | Class::Letter | Class::Ideograph | Class::Accent) && !has_company
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, 'ƒ' | 'ª' | 'º' | 'µ' | 'ˆ')
}

fn word_start(chars: &[char], at: usize) -> usize {
    let least = at.saturating_sub(REACH);
    (least..at).rev().find(|&at| chars[at].is_whitespace()).unwrap_or(least)
}

fn word_end(chars: &[char], at: usize) -> usize {
    let most = chars.len().min(at + REACH);
    (at..most).find(|&at| chars[at].is_whitespace()).map_or(most, |at| at + 1)
}

/// The runs that are likelier by enough.
fn take(mut weighed: Vec<Weighed>) -> Vec<Weighed> {
    let is_strong = |run: &Weighed| run.gain >= run.enough;
    let together: Cost = weighed.iter().filter(|run| is_strong(run)).map(|run| run.gain).sum();
    let least = -(together / LOSS_SHARE).min(LOSS_AT_MOST);
    weighed.retain(|run| is_strong(run) || together >= ENOUGH_TOGETHER && run.gain >= least);
    weighed
}

/// What an upper-case letter after a lower-case one costs.
const CASE: Cost = 4 * NAT;
/// What a sign costs after another, or beside a space: formulas and pictures are made of them.
const SIGN_BESIDE_SIGN: Cost = 5 * NAT;
/// What a quote, a dash or a sign costs at the end of a word.
const SIGN_AFTER_WORD: Cost = 5 * NAT;
/// What a no-break space costs more than a space.
const NO_BREAK: Cost = 6 * NAT;
/// The most that a C1 control costs: what is spoilt twice has them on the way back.
const CONTROL: Cost = 8 * NAT;

/// The cost of a text in a language, with what pairs of letters do not tell: the order of upper and
/// lower case, and that signs of all kinds stand beside one another and at the end of a word.
fn cost(language: &Language, text: &[char]) -> Cost {
    let mut cost = 0;
    let mut last = ' ';
    let mut before_last = ' ';
    let mut last_symbol = Class::Space as u8;
    for (at, &c) in text.iter().chain(&[' ']).enumerate() {
        let lower = letters::lower(c);
        let symbol = language.symbol(lower);
        let mut step = language.pair(last_symbol, symbol) + language.within(lower, symbol);
        if !c.is_ascii() || !last.is_ascii() {
            let ends_word = || text.get(at + 1).is_none_or(|next| !next.is_alphanumeric());
            if is_sign(c) && !last.is_alphanumeric() || is_sign(last) && !c.is_alphanumeric() {
                step = step.min(SIGN_BESIDE_SIGN);
            } else if is_sign(c) && may_end_word(c) && ends_word() {
                step = step.min(SIGN_AFTER_WORD + if last.is_lowercase() { NAT } else { 0 });
            } else if last.is_lowercase() && c.is_uppercase()
                || c.is_lowercase() && last.is_uppercase() && before_last.is_uppercase()
            {
                step += CASE;
            }
            if c == '\u{a0}' {
                step += NO_BREAK;
            }
            if c.is_control() || last.is_control() {
                step = step.min(CONTROL);
            }
        }
        cost += step;
        (before_last, last) = (last, c);
        last_symbol = symbol;
    }
    cost
}

/// Whether a sign often stands at the end of a word.
fn may_end_word(c: char) -> bool {
    matches!(letters::class_of(c), Class::Curly | Class::Dash) || matches!(c, '™' | '®' | '°' | '²' | '³' | 'ª' | 'º')
}

fn is_sign(c: char) -> bool {
    matches!(letters::class_of(c), Class::Drawn | Class::Emoji | Class::Sign | Class::Curly | Class::Dash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_anew_whatever_they_were_read_as() {
        for (line, mended) in [
            ("The cafÃ© on the quay", "The café on the quay"),
            ("Itâ€™s â€œlateâ€\u{9d}", "It’s “late”"),
            ("dÃ©jÃ\u{a0} vu", "déjà vu"),
            ("ÐŸÐ°Ñ€Ð¾Ð¼ Ð¾Ñ‚Ñ…Ð¾Ð´Ð¸Ñ‚", "Паром отходит"),
            ("РџР°СЂРѕРј РѕС‚С…РѕРґРёС‚", "Паром отходит"),
            ("ZaÅ¼Ã³Å‚Ä‡ gÄ™Å›lÄ… jaÅºÅ„", "Zażółć gęślą jaźń"),
            ("Zaâ”œ", "Za├"),
            ("caf√© au lait", "café au lait"),
            ("caf├⌐ au lait", "café au lait"),
            ("Â£100 and 20Â°C", "£100 and 20°C"),
            ("ä½ å¥½ä¸–ç•Œ", "你好世界"),
            ("so happy ðŸ˜€", "so happy 😀"),
            ("SÃ„Æ’ instaleze", "Să instaleze"),
            ("MaĂźstab", "Maßstab"),
            ("mus greimich iad ris na cr√¨ochan", "mus greimich iad ris na crìochan"),
        ] {
            let got = mend(line).map(|done| done.line);
            assert_eq!(got.as_deref(), Some(mended), "{line}");
        }
    }

    #[test]
    fn what_is_right_is_left() {
        for line in [
            "NÃO, O CAFÉ”, VOILÀ…",
            "AHÅ™, the new sofa",
            "L’ÉTÉ À LA MER « à l’école »",
            "√π + √∂x ≤ ∞",
            "├──┤ ─┐ ═╗ │├│",
            "Việt Nam, ĐÀ NẴNG",
            "Паром в Вёшки",
            "10 € – 20 €",
        ] {
            assert_eq!(mend(line).map(|done| done.line), None, "{line}");
        }
    }
}
