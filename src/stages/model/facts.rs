//! What the model knows of each line on its own: counts of form, and its words as hashes.
//!
//! Nothing here depends on the line's neighbours; that is for [`super::columns`].

mod dates;
mod kinds;
mod marks;
mod words;

use pulp::{Arch, NullaryFnOnce};

use crate::line::{LineEnd, PageFeatures};

use super::lexicon::{Entry, Lexicon, Slot};
use super::numbering::Numbering;
pub use dates::is_dated;
use marks::count_marks;
use words::HASH;
pub(super) use words::hash_bytes;
pub use words::{NUMBER, hash_words};

/// The facts of a page's lines, and the words of all lines one after another.
#[derive(Debug, Default, Clone)]
pub struct Facts {
    /// One entry a line.
    pub lines: Vec<LineFacts>,
    /// The hashed words of the page, line after line.
    pub words: Vec<u32>,
    /// For every hashed word its number among the page's words.
    pub numbers: Vec<u32>,
    /// The page's words, each once, by their number.
    pub distinct: Vec<u32>,
}

/// The facts of one line.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct LineFacts {
    /// Where its hashed words begin in [`Facts::words`].
    pub first_word: u32,
    /// How many hashed words it has.
    pub hashed: u32,
    /// [`crate::line::Line::key`].
    pub key: u64,
    /// The same with every number taken for the same: `Post 3` and `Post 12` are alike.
    pub masked_key: u32,
    /// Characters.
    pub chars: u32,
    /// Words, two characters a word in scripts without spaces.
    pub words: u32,
    /// Letters.
    pub letters: u32,
    /// Upper-case letters.
    pub upper: u32,
    /// Digits.
    pub digits: u32,
    /// Words that begin with an upper-case letter.
    pub capitals: u32,
    /// Words that stand in a list of function words.
    pub stops: u32,
    /// Words with a weight of their own.
    pub known: u32,
    /// The sum of their weights.
    pub weight: i32,
    /// The concepts that its words speak of, a bit each.
    pub concepts: u64,
    /// Blank lines before it.
    pub gap: u32,
    /// White space before the line, in characters.
    pub indent: u32,
    /// How it begins.
    pub start: LineStart,
    /// How it ends.
    pub end: u8,
    /// Whether it holds a date or a time of day.
    pub dated: bool,
    /// The number that it opens with as an entry of a list does (`3. Salt`, `3) Salt`), 0 where there is none.
    pub ordinal: u16,
    /// Marks inside the line, by [`Mark`].
    pub marks: [u16; Mark::COUNT],
}

/// How a line begins.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum LineStart {
    /// With something that is none of the others.
    #[default]
    Other,
    /// With a lower-case letter.
    Lower,
    /// With a letter of a script without case.
    Caseless,
    /// With an upper-case letter.
    Upper,
    /// With a digit.
    Digit,
    /// With a quote or bracket.
    Quote,
    /// With a symbol.
    Symbol,
    /// With a bullet.
    Bullet,
}

/// A kind of mark counted inside a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// Commas and semicolons.
    Comma,
    /// Full stops, question and exclamation marks.
    Stop,
    /// Colons.
    Colon,
    /// `|`, `/`, `›`, `·` and their like, which stand between links.
    Separator,
    /// Quotes.
    Quote,
    /// Brackets.
    Bracket,
    /// Signs of money and the per cent sign.
    Money,
    /// Signs of code, addresses and templates.
    Code,
    /// Dashes.
    Dash,
    /// Other symbols: pictures, arrows, stars.
    Symbol,
    /// An upper-case letter right after a lower-case one: words run together.
    Glue,
    /// An ampersand.
    Ampersand,
    /// `©`, `®`, `™`.
    Rights,
    /// A digit right after or before a letter.
    Mixed,
    /// Runs of digits.
    Number,
    /// Exclamation and question marks.
    Loud,
}

impl Mark {
    /// How many kinds there are.
    pub const COUNT: usize = 16;
}

impl LineFacts {
    /// The line's hashed words.
    pub fn words_in<'w>(&self, words: &'w [u32]) -> &'w [u32] {
        &words[self.first_word as usize..(self.first_word + self.hashed) as usize]
    }

    /// How many marks of a kind the line has.
    pub fn count(&self, mark: Mark) -> u32 {
        u32::from(self.marks[mark as usize])
    }

    /// Whether the line reads like a sentence of a text: long, with marks of syntax.
    pub fn is_prose(&self) -> bool {
        self.words >= 12 && (self.end == LineEnd::Sentence as u8 || self.count(Mark::Stop) >= 1)
            || self.words >= 24 && self.count(Mark::Comma) >= 2
    }
}

impl Facts {
    /// Reads the facts off a page.
    pub fn of(reading: &PageFeatures, lexicon: &Lexicon) -> Facts {
        Arch::new().dispatch(ReadFacts { reading, lexicon })
    }

    /// Reads the words of a line, and what the line is on its own.
    #[inline(always)]
    fn read_line(&mut self, reading: &PageFeatures, index: usize, line_before: u32) {
        let (line, block) = (&reading.lines[index], &reading.page.blocks[index]);
        let mut fact = LineFacts {
            first_word: self.words.len() as u32,
            key: line.key,
            chars: line.chars,
            words: line.words,
            letters: line.letters,
            upper: line.upper,
            digits: line.digits,
            gap: match index {
                0 => 1,
                _ => (block.place.line.saturating_sub(line_before + 1)).max(u32::from(block.place.after_gap)),
            },
            indent: line.span.start - block.span.start,
            end: line.end as u8,
            ..LineFacts::default()
        };
        let span = line.span.start as usize..line.span.end as usize;
        if line.digits > 0 {
            let text = &reading.page.text[span.clone()];
            fact.dated = line.digits >= 2 && line.chars <= DATED_CHARS && is_dated(text);
            fact.ordinal = ordinal(text);
        }
        count_marks(&reading.page.text, span, &mut fact);
        let (folded, span) = reading.folded_in_page(index);
        hash_words(folded, span, &mut self.words);
        fact.hashed = self.words.len() as u32 - fact.first_word;
        fact.masked_key = fact
            .words_in(&self.words)
            .iter()
            .fold(0u32, |masked, word| (masked.rotate_left(5) ^ word).wrapping_mul(HASH));
        self.lines.push(fact);
    }

    #[inline(always)]
    fn number_words(&mut self) {
        let mut numbering = Numbering::for_at_most(self.words.len());
        self.numbers = vec![0; self.words.len()];
        for (number, &word) in self.numbers.iter_mut().zip(&self.words) {
            *number = numbering.number(word);
        }
        self.distinct = numbering.into_hashes();
    }

    /// Looks all words up in a lexicon, each of the page's words once, and the pairs of neighbours.
    #[inline(always)]
    pub fn look_up(&mut self, lexicon: &Lexicon) {
        let mut slots = vec![Slot::default(); self.distinct.len()];
        for (slot, &word) in slots.iter_mut().zip(&self.distinct) {
            *slot = lexicon.first_slot(word);
        }
        let mut said = vec![Said::default(); self.distinct.len()];
        for ((said, &word), &slot) in said.iter_mut().zip(&self.distinct).zip(&slots) {
            if let Some(entry) = lexicon.find_in(word, slot) {
                *said = Said::of(entry);
            }
        }
        // Written without a branch: which pairs pass the sieve cannot be foreseen.
        let mut pairs = vec![0; self.words.len() + self.lines.len()];
        let (mut passed, mut passed_before) = (0, Vec::with_capacity(self.lines.len()));
        for fact in &self.lines {
            passed_before.push(passed);
            for_each_pair(fact.words_in(&self.words), |pair| {
                pairs[passed] = pair;
                passed += usize::from(lexicon.may_know(pair));
            });
        }
        pairs.truncate(passed);
        slots.resize(passed, Slot::default());
        for (slot, &pair) in slots.iter_mut().zip(&pairs) {
            *slot = lexicon.first_slot(pair);
        }
        let mut pairs = pairs.iter().zip(&slots);
        let passed_after = passed_before.iter().skip(1).chain([&passed]);
        for ((fact, before), after) in self.lines.iter_mut().zip(&passed_before).zip(passed_after) {
            let mut of_line = LineSaid::default();
            // So few words that no sum runs over.
            for numbers in fact.words_in(&self.numbers).chunks(Said::TOGETHER) {
                let mut all = Said::default();
                for &number in numbers {
                    all.add(said[number as usize]);
                }
                of_line.add(all);
            }
            for (&pair, &slot) in pairs.by_ref().take(after - before) {
                if let Some(entry) = lexicon.find_from(pair, slot) {
                    of_line.add(Said::of(entry));
                }
            }
            (fact.stops, fact.known) = (of_line.stops, of_line.known);
            (fact.weight, fact.concepts) = (of_line.weight, of_line.concepts);
        }
    }
}

/// [`Facts::of`]. All that is inlined into it is built for newer processors too, which count and shift bits faster.
struct ReadFacts<'a> {
    reading: &'a PageFeatures<'a>,
    lexicon: &'a Lexicon,
}

impl NullaryFnOnce for ReadFacts<'_> {
    type Output = Facts;

    #[inline(always)]
    fn call(self) -> Facts {
        let ReadFacts { reading, lexicon } = self;
        let mut facts = Facts {
            lines: Vec::with_capacity(reading.len()),
            words: Vec::with_capacity(reading.page.text.len() / 5),
            ..Facts::default()
        };
        let mut line_before = 0;
        for (index, block) in reading.page.blocks.iter().enumerate().take(reading.len()) {
            facts.read_line(reading, index, line_before);
            line_before = block.place.line;
        }
        facts.number_words();
        facts.look_up(lexicon);
        facts
    }
}

/// What the lexicon says of a word, so that it is added up for many words at once.
#[derive(Clone, Copy, Default)]
struct Said {
    /// From the lowest bit on: whether it is a function word, in sixteen bits; whether it has a weight, in sixteen; the
    /// weight, [`Said::ZERO`] added where there is one.
    sums: u64,
    concepts: u64,
}

impl Said {
    /// What is added to weights, so that none is below 0.
    const ZERO: i32 = 128;

    /// So many are summed up at once: none of the sums runs over sixteen bits then, or thirty-two of weights.
    const TOGETHER: usize = 4096;

    #[inline(always)]
    fn of(entry: Entry) -> Said {
        let (stop, known) = (u64::from(entry.is_stop()), u64::from(entry.weight != 0));
        let weight = (i32::from(entry.weight) + Said::ZERO) as u64 * known;
        Said { sums: stop | known << 16 | weight << 32, concepts: entry.concept() }
    }

    #[inline(always)]
    fn add(&mut self, other: Said) {
        self.sums += other.sums;
        self.concepts |= other.concepts;
    }
}

/// What the lexicon says of a line's words.
#[derive(Default)]
struct LineSaid {
    stops: u32,
    known: u32,
    weight: i32,
    concepts: u64,
}

impl LineSaid {
    #[inline(always)]
    fn add(&mut self, said: Said) {
        let known = (said.sums >> 16) as u32 & 0xFFFF;
        self.stops += said.sums as u32 & 0xFFFF;
        self.known += known;
        self.weight += (said.sums >> 32) as i32 - Said::ZERO * known as i32;
        self.concepts |= said.concepts;
    }
}

/// Characters up to which a line is looked at for a date: longer ones are prose, in which dates say nothing.
const DATED_CHARS: u32 = 160;

/// The number before a full stop or a bracket at the start of a line.
fn ordinal(text: &str) -> u16 {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text[digits..].trim_start_matches(['.', ')']);
    if (1..=3).contains(&digits) && rest.len() < text.len() - digits && rest.starts_with(' ') {
        text[..digits].parse().unwrap_or(0)
    } else {
        0
    }
}

/// Hands out the terms that the lexicon may know of a line: its words, and each two neighbouring words
/// as one term, the line's edges counted as words.
pub fn for_each_term(words: &[u32], mut each: impl FnMut(u32)) {
    words.iter().for_each(|&word| each(word));
    for_each_pair(words, each);
}

#[inline(always)]
fn for_each_pair(words: &[u32], mut each: impl FnMut(u32)) {
    const EDGE: u32 = 0x4544_4745;
    let mut before = EDGE;
    for &word in words {
        each(pair(before, word));
        before = word;
    }
    if before != EDGE {
        each(pair(before, EDGE));
    }
}

#[inline(always)]
fn pair(before: u32, word: u32) -> u32 {
    let hash = (u64::from(before) << 32 | u64::from(word)).wrapping_mul(0xA24B_AED4_963E_E407);
    ((hash ^ hash >> 29) >> 32) as u32 ^ hash as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Model;
    use super::*;
    use crate::page::{Block, Page, Place, Source};

    proptest! {
        #[test]
        fn any_machine_reads_facts_alike(
            lines in prop::collection::vec("([a-zA-Z0-9`' .,_(*–éЖ東•!]{1,90}|[a-z '.-]{1,300}|read more|Log in|the [0-9]{1,4}|\\PC{1,90})", 1..20),
        ) {
            let mut page = Page::empty(Source { path: "p.txt".into(), record: None });
            for (number, line) in (1..).zip(&lines) {
                let start = page.text.len() as u32;
                page.text.push_str(line);
                let place = Place { line: 2 * number, after_gap: number % 3 == 0 };
                page.blocks.push(Block { span: start..page.text.len() as u32, place });
                page.text.push('\n');
            }
            let (reading, lexicon) = (&PageFeatures::of(&page), &Model::of_text().lexicon);
            let (one, other) = (ReadFacts { reading, lexicon }.call(), Facts::of(reading, lexicon));
            prop_assert_eq!(&one.lines, &other.lines);
            prop_assert_eq!((&one.words, &one.numbers, &one.distinct), (&other.words, &other.numbers, &other.distinct));
            // What is said of a line's words one by one.
            for fact in &one.lines {
                let mut terms = Vec::new();
                for_each_term(fact.words_in(&one.words), |term| terms.push(term));
                let entries: Vec<Entry> = terms.iter().filter_map(|&term| lexicon.find(term)).collect();
                let count = |is: fn(&Entry) -> bool| entries.iter().filter(|entry| is(entry)).count() as u32;
                prop_assert_eq!(fact.stops, count(|entry| entry.is_stop()));
                prop_assert_eq!(fact.known, count(|entry| entry.weight != 0));
                prop_assert_eq!(fact.weight, entries.iter().map(|entry| i32::from(entry.weight)).sum::<i32>());
                prop_assert_eq!(fact.concepts, entries.iter().fold(0, |all, entry| all | entry.concept()));
            }
        }
    }
}
