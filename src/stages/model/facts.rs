//! What the model knows of each line on its own: counts of form, and its words as hashes.
//!
//! Nothing here depends on the line's neighbours; that is for [`super::columns`].

mod dates;
mod kinds;
mod marks;
mod words;

use crate::line::{LineEnd, PageFeatures};

use super::lexicon::{Entry, Lexicon};
use super::numbering::Numbering;
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
        let mut facts = Facts {
            lines: Vec::with_capacity(reading.len()),
            words: Vec::with_capacity(reading.page.text.len() / 5),
            ..Facts::default()
        };
        let mut line_before = 0;
        for (index, line) in reading.lines.iter().enumerate() {
            let block = &reading.page.blocks[index];
            let mut fact = LineFacts {
                first_word: facts.words.len() as u32,
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
            line_before = block.place.line;
            let span = line.span.start as usize..line.span.end as usize;
            let text = &reading.page.text[span.clone()];
            fact.dated = line.digits >= 2 && line.chars <= DATED_CHARS && dates::is_dated(text);
            fact.ordinal = if line.digits > 0 { ordinal(text) } else { 0 };
            count_marks(&reading.page.text, span, &mut fact);
            let (folded, span) = reading.folded_in_page(index);
            hash_words(folded, span, &mut facts.words);
            fact.hashed = facts.words.len() as u32 - fact.first_word;
            let mut masked = 0u32;
            for word in fact.words_in(&facts.words) {
                masked = (masked.rotate_left(5) ^ word).wrapping_mul(HASH);
            }
            fact.masked_key = masked;
            facts.lines.push(fact);
        }
        facts.number_words();
        facts.look_up(lexicon);
        facts
    }

    fn number_words(&mut self) {
        let mut numbering = Numbering::for_at_most(self.words.len());
        self.numbers = self.words.iter().map(|&word| numbering.number(word)).collect();
        self.distinct = numbering.hashes;
    }

    /// Looks all words up in a lexicon, each of the page's words once, and the pairs of neighbours.
    pub fn look_up(&mut self, lexicon: &Lexicon) {
        let entries: Vec<Entry> = self.distinct.iter().map(|&word| lexicon.find(word).unwrap_or_default()).collect();
        let mut pairs = Vec::new();
        for fact in &mut self.lines {
            let (mut stops, mut known, mut weight, mut concepts) = (0, 0, 0, 0);
            let mut add = |entry: Entry| {
                stops += u32::from(entry.is_stop());
                known += u32::from(entry.weight != 0);
                weight += i32::from(entry.weight);
                concepts |= entry.concept();
            };
            fact.words_in(&self.numbers).iter().for_each(|&number| add(entries[number as usize]));
            // Written without a branch: which pairs pass the sieve cannot be foreseen.
            pairs.resize(fact.hashed as usize + 1, 0);
            let mut passed = 0;
            for_each_pair(fact.words_in(&self.words), |pair| {
                pairs[passed] = pair;
                passed += usize::from(lexicon.may_know(pair));
            });
            pairs[..passed].iter().filter_map(|&pair| lexicon.find_likely(pair)).for_each(add);
            (fact.stops, fact.known, fact.weight, fact.concepts) = (stops, known, weight, concepts);
        }
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

#[inline]
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

#[inline]
fn pair(before: u32, word: u32) -> u32 {
    let hash = (u64::from(before) << 32 | u64::from(word)).wrapping_mul(0xA24B_AED4_963E_E407);
    ((hash ^ hash >> 29) >> 32) as u32 ^ hash as u32
}
