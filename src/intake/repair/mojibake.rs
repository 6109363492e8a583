//! Text that was read with a wrong charset: `cafÃ©` for `café`.
//!
//! UTF-8 that is read in a charset of one byte a character leaves its marks: a character that stands
//! for the first byte of a sequence, and others that stand for its further bytes. Where characters
//! could be such a sequence, both readings are weighed by the letters of the languages we know
//! ([`crate::intake::letters`]), in their words; the other reading is taken only if it is likelier by
//! far. The approach is that of ftfy (Robyn Speer), which weighs with a list of suspicious pairs.

mod charsets;

use crate::intake::letters::{self, AsciiCosts, Class, Cost, LANGUAGES, Language, NAT};

use super::{Done, scan};
pub use charsets::{Charset, LEADS_BEFORE_SPACE, LEADS_WITHIN_WORD, all as charsets};
use charsets::{is_african, is_known};

/// How much likelier the other reading of a word must be.
const ENOUGH: Cost = 5 * NAT;
/// The same where signs stand between letters of ASCII, lines and boxes after one, or an upper-case letter and signs
/// after one of lower case, as they hardly do.
const ENOUGH_WITHIN_WORD: Cost = 3 * NAT;
/// The same where it is one letter for two that may well stand where they do: letters as well, or the
/// end of a word; or where that one letter is of a script that nothing beside it is written in.
const ENOUGH_OF_ONE: Cost = 12 * NAT;
/// The same where that one letter follows one of lower case, and is read in two, of which the first is not.
const ENOUGH_AFTER_LOWER: Cost = 5 * NAT;
/// The same where a root or a line of a box stands before what neither is drawn with.
const ENOUGH_DRAWN: Cost = NAT;
/// The same where that one letter is of a script that stands near it, and is read in Latin letters.
const ENOUGH_IN_ITS_SCRIPT: Cost = NAT;
/// How far around a sequence its script may be in use, in characters.
const NEARBY: usize = 24;
/// How much more it must be for each sign in the same word that is no sequence, and for each letter of Latin
/// that the charset has not even got.
const UNREAD: Cost = 4 * NAT;
const UNREADABLE: Cost = 12 * NAT;
/// The same where a space is taken for a byte that it replaced, or a byte is lost.
const ENOUGH_LOSSY: Cost = 9 * NAT;
/// The same where the space stands after a character that is often left so.
const ENOUGH_BEFORE_SPACE: Cost = 6 * NAT;
/// How much likelier the other readings of a line's words must be together, for words in it that do not
/// tell by themselves (`LEAST`) to be taken along.
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
/// How many languages a piece may be in, either way it is read.
const LANGUAGES_WEIGHED: usize = 5;
/// How far the word around a sequence reaches at most, in characters.
const REACH: usize = 16;

/// Reads the words of a line anew that were read with a wrong charset.
pub fn mend(line: &str) -> Option<Done> {
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

/// Those of these charsets ([`bit_of`]) in which two characters could be a sequence of UTF-8 that says
/// something in a language we know.
pub fn plausible(first: char, second: char, of: u32) -> u32 {
    let bits = charsets().iter().enumerate().map(|(number, charset)| (bit_of(number), charset));
    bits.filter(|&(bit, charset)| bit & of != 0 && charset.is_plausible(first, second))
        .fold(0, |all, (bit, _)| all | bit)
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
    let suspected = scan::suspicion(piece).charsets;
    if suspected == 0 {
        return None;
    }
    let chars: Vec<char> = piece.chars().collect();
    let mut best: Option<(Cost, &'static Charset, Vec<Weighed>)> = None;
    let mut languages_before: Option<Vec<&Language>> = None;
    let is_suspected = |number: usize| suspected & bit_of(number) != 0;
    let mut readings: Vec<(&Charset, Vec<Run>)> = Vec::new();
    for charset in charsets().iter().enumerate().filter(|&(number, _)| is_suspected(number)).map(|(_, charset)| charset)
    {
        let runs = charset.runs(&chars);
        // Of charsets that read a line alike the first is the cause most often.
        if !runs.is_empty() && readings.iter().all(|(_, others)| *others != runs) {
            readings.push((charset, runs));
        }
    }
    let covered = |runs: &[Run]| runs.iter().map(|run| run.end - run.start).sum::<usize>();
    let most = readings.iter().map(|(_, runs)| covered(runs)).max().unwrap_or(0);
    for (charset, runs) in readings {
        // The right charset explains more of the line than others do, or not much less.
        if covered(&runs) * 2 < most || charset.is_rare() && best.is_some() {
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
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

/// The languages that a text is most likely in, the likeliest first.
fn likeliest(text: impl Iterator<Item = char>) -> Vec<&'static Language> {
    let text: Vec<char> = text.collect();
    let (ascii, others) = parted(&text);
    let mut best: Vec<(Cost, &Language)> = Vec::with_capacity(LANGUAGES_WEIGHED + 1);
    for (language, &ascii) in LANGUAGES.iter().zip(ascii.all()) {
        let limit = best.get(LANGUAGES_WEIGHED - 1).map_or(Cost::MAX, |worst| worst.0);
        let cost = cost(language, &others, ascii.into(), limit);
        if cost < limit {
            let place = best.partition_point(|better| better.0 <= cost);
            best.insert(place, (cost, language));
            best.truncate(LANGUAGES_WEIGHED);
        }
    }
    best.into_iter().map(|entry| entry.1).collect()
}

/// The cost in every language of what of a text is ASCII after ASCII, and all other steps.
fn parted(text: &[char]) -> (AsciiCosts, Vec<Step>) {
    let mut ascii = AsciiCosts::default();
    let mut others = Vec::new();
    let mut is_apart = true;
    let mut last = ' ';
    for (at, &c) in text.iter().chain(&[' ']).enumerate() {
        if ascii.add(last, c) {
            is_apart = true;
        } else {
            if is_apart {
                others.push(Step { most: 0, more: 0, ..Step::of(text, at.wrapping_sub(1)) });
            }
            others.push(Step::of(text, at));
            is_apart = false;
        }
        last = c;
    }
    (ascii, others)
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
            window.extend(text.chars());
            window.extend_from_slice(&chars[run.end..to]);
            least(&window)
        };
        let mut run = run.clone();
        let mut after = read_as(&run.text);
        // A space that stood for the second byte of `à` may have been the space after the word as well.
        if run.is_lossy() && run.text == "à" {
            let is_within = from < run.start && chars.get(run.end).is_some_and(|c| c.is_alphabetic());
            let with_space = read_as("à ") + if is_within { WITHIN_WORD } else { 0 };
            if with_space < after {
                after = with_space;
                run.text.push(' ');
            }
        }
        let beside = chars[from..run.start].iter().chain(&chars[run.end..to]);
        let against = beside.map(|&c| speaks_against(charset, c)).sum::<Cost>();
        let mut enough = enough(chars, &run).saturating_add(against);
        // What was read wrongly twice makes sense only when it is read rightly twice.
        let mut layer: Vec<char> = run.text.chars().collect();
        for _ in 1..LAYERS {
            let same = charset.whole(&layer);
            let is_same = same.is_some();
            let Some(below) = same.or_else(|| layer_below(&layer)) else { break };
            let cost = read_as(&below);
            let may_be_right = !is_same && layer.iter().all(|&c| is_letter(c)) && says_one_sign(&below);
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
        weighed.push(Weighed { run, gain: before - after, enough });
    }
    weighed
}

/// Whether a text is a single mark, ideograph, or letter of neither Latin, Greek nor Cyrillic.
fn says_one_sign(text: &str) -> bool {
    let mut classes = text.chars().map(letters::class_of);
    matches!(classes.next(), Some(Class::Accent | Class::Ideograph | Class::Letter)) && classes.next().is_none()
}

/// What it speaks against a charset that a character beyond ASCII in the same word is no sequence of it.
fn speaks_against(charset: &Charset, c: char) -> Cost {
    match letters::class_of(c) {
        Class::Latin | Class::LatinUpper if charset.byte(c).is_none() => UNREADABLE,
        Class::Sign | Class::Odd | Class::Drawn => UNREAD,
        _ => 0,
    }
}

/// A text that is sequences and nothing else itself, read anew.
fn layer_below(text: &[char]) -> Option<String> {
    charsets().iter().find_map(|charset| charset.whole(text))
}

/// Whether a run proves nothing by itself, however likely its other readings are.
fn proves_nothing(charset: &Charset, chars: &[char], run: &Run) -> bool {
    let has_layers = || {
        let layer: Vec<char> = run.text.chars().collect();
        charset.whole(&layer).or_else(|| layer_below(&layer)).is_some()
    };
    enough(chars, run) == Cost::MAX && (run.guesses > 0 || !has_layers())
}

/// By how much the other reading of a run must be likelier; none is enough where it proves nothing by
/// itself, however likely.
fn enough(chars: &[char], run: &Run) -> Cost {
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

/// A character of a text, and what of its cost is the same in all languages.
#[derive(Clone, Copy)]
struct Step {
    /// In lower case.
    lower: char,
    class: Class,
    /// The most that it costs.
    most: Cost,
    /// What it costs more.
    more: Cost,
}

impl Step {
    /// The step to a character of a text, or to the space after it, with what pairs of letters do not tell: the order
    /// of upper and lower case, and that signs of all kinds stand beside one another and at the end of a word.
    fn of(text: &[char], at: usize) -> Step {
        let char_at = |at: usize| text.get(at).copied().unwrap_or(' ');
        let c = char_at(at);
        let last = char_at(at.wrapping_sub(1));
        let lower = letters::lower(c);
        let class = letters::class_of(lower);
        let mut step = Step { lower, class, most: Cost::MAX, more: 0 };
        if c.is_ascii() && last.is_ascii() {
            return step;
        }
        let (is_sign, follows_sign) = (is_sign(class), is_sign(letters::class_of(last)));
        if is_sign && !last.is_alphanumeric() || follows_sign && !c.is_alphanumeric() {
            step.most = SIGN_BESIDE_SIGN;
        } else if is_sign && may_end_word(c) && !char_at(at + 1).is_alphanumeric() {
            step.most = SIGN_AFTER_WORD + if last.is_lowercase() { NAT } else { 0 };
        } else if last.is_lowercase() && c.is_uppercase()
            || c.is_lowercase() && last.is_uppercase() && char_at(at.wrapping_sub(2)).is_uppercase()
        {
            step.more = CASE;
        }
        if c == '\u{a0}' {
            step.more += NO_BREAK;
        }
        if c.is_control() || last.is_control() {
            (step.most, step.more) = (CONTROL, 0);
        }
        step
    }
}

/// The steps of a text, up to the space after it.
fn steps_of(text: &[char], steps: &mut Vec<Step>) {
    steps.clear();
    steps.extend((0..=text.len()).map(|at| Step::of(text, at)));
}

/// The cost of a text in a language, added to `cost`; once it is beyond `limit`, how far it went does not matter.
fn cost(language: &Language, steps: &[Step], mut cost: Cost, limit: Cost) -> Cost {
    let mut last = Class::Space as u8;
    for step in steps {
        let symbol = language.symbol_of(step.lower, step.class);
        let pair = language.pair(last, symbol) + language.within(step.lower, symbol);
        cost += pair.min(step.most) + step.more;
        if cost >= limit {
            return cost;
        }
        last = symbol;
    }
    cost
}

/// Whether a sign often stands at the end of a word.
fn may_end_word(c: char) -> bool {
    matches!(letters::class_of(c), Class::Curly | Class::Dash) || matches!(c, '™' | '®' | '°' | '²' | '³' | 'ª' | 'º')
}

fn is_sign(class: Class) -> bool {
    matches!(class, Class::Drawn | Class::Emoji | Class::Sign | Class::Curly | Class::Dash)
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
            "no ¬ 172, a root √ 214",
            "5 Å and 7 Å apart",
            "uvwxyzåæø, xyzčšž",
            "MÃ SỐ, LÃ NG",
            "ПАРОМ В ГАВАНИ, МОРЕ В ТУМАНЕ",
        ] {
            assert_eq!(mend(line).map(|done| done.line), None, "{line}");
        }
    }
}
