//! Text that was read with a wrong charset: `cafÃ©` for `café`.
//!
//! UTF-8 that is read in a charset of one byte a character leaves its marks: a character that stands
//! for the first byte of a sequence, and others that stand for its further bytes. Where characters
//! could be such a sequence, both readings are weighed by the letters of the languages we know
//! ([`crate::parse::letters`]), in their words; the other reading is taken only if it is likelier by
//! far. The approach is that of ftfy (Robyn Speer), which weighs with a list of suspicious pairs.

mod certain;
mod charsets;
mod costs;
mod east_asian;
mod enough;

use crate::parse::letters::{self, Class, Cost, Language, NAT};

use super::{Done, scan};
#[cfg(test)]
pub(super) use charsets::LEADS_BEFORE_SPACE;
use charsets::is_known;
pub(super) use charsets::{Charset, LEADS_WITHIN_WORD, all as charsets};
use costs::{cost, likeliest, steps_of};
use enough::{ENOUGH, ENOUGH_OF_ONE, enough, is_letter, speaks_against};

/// How much likelier the other readings of a line's words must be together, for words in it that do not
/// tell by themselves to be taken along.
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
/// Where less than one in so many of those characters reads differently, either reading tells the same languages.
const MOSTLY_ALIKE: usize = 12;
/// How far the word around a sequence reaches at most, in characters.
const REACH: usize = 16;

/// Reads the words of a line anew that were read with a wrong charset.
pub(super) fn mend(line: &str) -> Option<Done> {
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
    let Evidence { written, charset, before, after, gain } = first?;
    let because = move || {
        format!(
            "'{before}' is '{after}' in {written} read as {charset}, which is likelier by a factor of e^{}",
            gain / NAT
        )
    };
    Some(Done { line: mended, times, because: Box::new(because) })
}

/// Those of these charsets ([`bit_of`]) in which two characters could be a sequence of UTF-8 that says
/// something in a language we know.
pub(super) fn plausible(first: char, second: char, of: u32) -> u32 {
    let suspected = charsets().iter().filter(|charset| charset.bit & of != 0);
    suspected.filter(|charset| charset.is_plausible(first, second)).fold(0, |all, charset| all | charset.bit)
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
    /// What it was written in.
    written: &'static str,
    /// What it was read in.
    charset: &'static str,
    before: String,
    after: String,
    gain: Cost,
}

fn mend_piece(piece: &str) -> Option<Better> {
    let suspected = scan::suspicion(piece).charsets;
    if suspected == 0 {
        return None;
    }
    let chars: Vec<char> = piece.chars().collect();
    if certain::is_lowered(&chars) {
        return None;
    }
    let mut best: Option<(Cost, &'static Charset, Vec<Weighed>)> = None;
    let mut languages_before: Option<Vec<&Language>> = None;
    let mut readings: Vec<(&Charset, Vec<Run>)> = Vec::new();
    for charset in charsets().iter().filter(|charset| suspected & charset.bit != 0) {
        let runs = charset.runs(&chars);
        // Of charsets that read a line alike the first is the cause most often.
        if !runs.is_empty() && readings.iter().all(|(_, others)| *others != runs) {
            readings.push((charset, runs));
        }
    }
    let covered = |runs: &[Run]| runs.iter().map(|run| run.end - run.start).sum::<usize>();
    let most = readings.iter().map(|(_, runs)| covered(runs)).max().unwrap_or(0);
    if let Some(whole) = east_asian::read(&chars, most) {
        return Some(whole);
    }
    for (charset, runs) in readings {
        // The right charset explains more of the line than others do, or not much less.
        let is_iso = charset.is_iso() && runs.iter().any(|run| has_control(&chars[run.start..run.end]));
        if covered(&runs) * 2 < most || charset.is_rare() && best.is_some() && !is_iso {
            continue;
        }
        if runs.iter().all(|run| proves_nothing(charset, &chars, run)) {
            continue;
        }
        let before = languages_before.get_or_insert_with(|| likeliest(chars.iter().copied().take(TOLD_BY)));
        let mut languages = before.clone();
        if covered_in(&runs, TOLD_BY.min(chars.len())) * MOSTLY_ALIKE > TOLD_BY.min(chars.len()) {
            languages.extend(likeliest(anew(&chars, &runs).take(TOLD_BY)));
        }
        languages.sort_by(|one, other| one.name.cmp(&other.name));
        languages.dedup_by(|one, other| one.name == other.name);
        let taken = take(weigh(charset, &chars, &runs, &languages));
        if taken.is_empty() || are_of_many_scripts(&taken) {
            continue;
        }
        let gain = taken.iter().map(|run| run.gain).sum::<Cost>() - if is_iso { 0 } else { charset.prior };
        if gain > best.as_ref().map_or(Cost::MIN, |best| best.0) {
            best = Some((gain, charset, taken));
        }
    }
    let (_, charset, taken) = best?;
    let strongest = taken.iter().max_by_key(|run| run.gain)?;
    let evidence = Evidence {
        written: "UTF-8",
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// The first of its characters.
    pub start: usize,
    /// The character after its last.
    pub end: usize,
    /// What it says in UTF-8.
    pub text: String,
    /// How many sequences it is of.
    pub sequences: usize,
    /// Of how many of them a byte was lost on the way, and is guessed.
    pub guesses: usize,
    /// Whether it consists of signs that may well stand beside one another: lines and boxes, mathematics.
    pub may_be_drawn: bool,
}

impl Run {
    /// Whether a byte of every sequence is guessed.
    fn is_lossy(&self) -> bool {
        self.guesses == self.sequences
    }
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

/// How many of the first characters some runs take up.
fn covered_in(runs: &[Run], first: usize) -> usize {
    runs.iter().map(|run| run.end.min(first).saturating_sub(run.start)).sum()
}

fn weigh(charset: &Charset, chars: &[char], runs: &[Run], languages: &[&Language]) -> Vec<Weighed> {
    let mut weighed: Vec<Weighed> = Vec::with_capacity(runs.len());
    let mut steps = Vec::new();
    let mut window = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let from = word_start(chars, run.start).max(at.checked_sub(1).map_or(0, |last| runs[last].end));
        let to = word_end(chars, run.end).min(runs.get(at + 1).map_or(chars.len(), |next| next.start));
        let mut least = |text: &[char]| {
            steps_of(text, &mut steps);
            languages.iter().fold(Cost::MAX, |least, language| least.min(cost(language, &steps, 0, least)))
        };
        let before = least(&chars[from..to]);
        let mut read_as = |text: &str| {
            window.clear();
            window.extend_from_slice(&chars[from..run.start]);
            certain::spell(text, &mut window);
            window.extend_from_slice(&chars[run.end..to]);
            least(&window)
        };
        let mut run = run.clone();
        let mut after = read_as(&run.text);
        // A space that stood for the second byte of `à` may have been the space after the word as well.
        if run.is_lossy() && run.text == "à" {
            let is_within = from < run.start && chars.get(run.end).is_some_and(|c| c.is_alphabetic());
            let with_space = read_as("à ") + if is_within { WITHIN_WORD } else { 0 };
            let rest = &chars[run.end..];
            if (with_space < after || is_elision(rest)) && !ends_portuguese(rest) {
                after = with_space;
                run.text.push(' ');
            }
        }
        let beside = chars[from..run.start].iter().chain(&chars[run.end..to]);
        let against = beside.clone().map(|&c| speaks_against(charset, c)).sum::<Cost>();
        let unread = beside.filter(|&&c| !c.is_ascii() && is_letter(c) && charset.byte(c).is_some()).count();
        let mut enough = enough(chars, &run).saturating_add(against);
        if certain::is_refused(chars, &run, runs.len(), unread) {
            enough = Cost::MAX;
        }
        let bonus = certain::bonus(chars, &run);
        // What was read wrongly twice makes sense only when it is read rightly twice.
        let mut layer: Vec<char> = run.text.chars().collect();
        for _ in 1..LAYERS {
            let same = charset.whole(&layer);
            let is_same = same.is_some();
            let Some(below) = same.or_else(|| layer_below(&layer)) else { break };
            let cost = read_as(&below);
            // A letter before an apostrophe is right as it stands, if what it would be is of no language that we know.
            let may_be_right = !is_same && layer.iter().all(|&c| is_letter(c)) && says_one_sign(&below)
                || matches!(*layer, [letter, '’'] if is_letter(letter)) && !below.chars().all(is_known);
            if cost < after - if may_be_right { ENOUGH_OF_ONE } else { 0 } {
                after = cost;
                if run.guesses == 0 {
                    enough = ENOUGH.saturating_add(against);
                }
                run.text.clone_from(&below);
            }
            layer.clear();
            layer.extend(below.chars());
        }
        weighed.push(Weighed { run, gain: before - after + bonus, enough: if bonus > 0 { ENOUGH } else { enough } });
    }
    weighed
}

/// Whether a text is a single mark, ideograph, or letter of neither Latin, Greek nor Cyrillic.
fn says_one_sign(text: &str) -> bool {
    let mut classes = text.chars().map(letters::class_of);
    matches!(classes.next(), Some(Class::Accent | Class::Ideograph | Class::Letter)) && classes.next().is_none()
}

/// A text that is sequences and nothing else itself, read anew.
fn layer_below(text: &[char]) -> Option<String> {
    charsets().iter().find_map(|charset| charset.whole(text))
}

/// The ends of words that start with `à` in Portuguese: `às`, `àquele` and so on.
const PORTUGUESE: [&str; 6] = ["s", "quele", "queles", "quela", "quelas", "quilo"];

/// Whether these letters are the rest of a word that starts with `à` in Portuguese.
fn ends_portuguese(rest: &[char]) -> bool {
    let word: String = rest.iter().take_while(|c| c.is_alphabetic()).take(8).collect();
    PORTUGUESE.contains(&word.as_str()) && !matches!(rest.get(word.len()), Some('\'' | '’'))
}

/// Whether these are a letter or two that lost their vowel to the next word: `s'`, `l’`, `qu'`.
fn is_elision(rest: &[char]) -> bool {
    let length = rest.iter().take_while(|c| c.is_alphabetic()).take(3).count();
    (1..3).contains(&length) && matches!(rest.get(length), Some('\'' | '’'))
}

/// Whether there are C1 controls among characters.
fn has_control(chars: &[char]) -> bool {
    chars.iter().any(|c| matches!(c, '\u{80}'..='\u{9F}'))
}

/// Whether a line would be of three scripts and more, each of a letter here and there: that is no text, whatever it was.
fn are_of_many_scripts(taken: &[Weighed]) -> bool {
    let mut scripts: Vec<u32> = Vec::new();
    for Weighed { run, .. } in taken {
        let mut of_run: Vec<u32> = run.text.chars().filter_map(script).collect();
        of_run.sort_unstable();
        of_run.dedup();
        // A word of one script is a word.
        if run.sequences <= 2 || of_run.len() > 1 {
            scripts.extend(of_run);
        }
    }
    scripts.sort_unstable();
    scripts.dedup();
    scripts.len() > 2
}

/// A number for the script of a letter that is not Latin.
fn script(c: char) -> Option<u32> {
    match letters::class_of(c) {
        Class::Ideograph => Some(0),
        Class::Greek | Class::Cyrillic | Class::Letter => Some(c as u32 >> 8),
        _ => None,
    }
}

/// Whether a run proves nothing by itself, however likely its other readings are.
fn proves_nothing(charset: &Charset, chars: &[char], run: &Run) -> bool {
    if certain::bonus(chars, run) > 0 {
        return false;
    }
    let has_layers = || {
        let layer: Vec<char> = run.text.chars().collect();
        charset.whole(&layer).or_else(|| layer_below(&layer)).is_some()
    };
    enough(chars, run) == Cost::MAX && (run.guesses > 0 || !has_layers())
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
            ("Ã‡â€™est la marÃ©e", "Ç’est la marée"),
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
            "no ¬ 172, a root √ 214",
            "5 Å and 7 Å apart",
            "uvwxyzåæø, xyzčšž",
            "MÃ SỐ, LÃ NG",
            "“Ã” is a letter of two languages at sea.",
            "«Ã» is what the gull said.",
            "\"Ã is what the gull said, and â is what it meant.\"",
            "ПАРОМ В ГАВАНИ, МОРЕ В ТУМАНЕ",
        ] {
            assert_eq!(mend(line).map(|done| done.line), None, "{line}");
        }
    }
}
