//! What several rooms need to know of a line, read off it once.
//!
//! The facts are of form only (length, case, last mark, folded text); what they mean is for the
//! stages to say.

mod eight;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

use crate::page::Page;
use eight::{Counts, Eight};

/// A page together with the facts of its lines: what a stage sees.
#[derive(Debug)]
pub struct Reading<'p> {
    /// The page itself.
    pub page: &'p Page,
    /// The facts, one entry a block.
    pub lines: Vec<Line>,
    /// What the word lists say of each line as a whole and of its start, in their own terms: read by the stage that
    /// asks first, for all of them.
    pub listed: OnceCell<Vec<(u32, u32)>>,
    folded: String,
}

impl<'p> Reading<'p> {
    /// Reads the facts off every block, in one pass over the text.
    pub fn of(page: &'p Page) -> Reading<'p> {
        let mut reader = LineReader::with_capacity(page.text.len());
        let lines = page.blocks.iter().map(|block| reader.read(&page.text, &block.span)).collect();
        // Whole characters went in, so whole characters come out.
        let folded = String::from_utf8(reader.folded).unwrap_or_default();
        Reading { page, lines, listed: OnceCell::new(), folded }
    }

    /// How many blocks the page has.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether the page has no blocks at all.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// A line without the white space around it.
    pub fn text(&self, block: usize) -> &'p str {
        let span = &self.lines[block].span;
        &self.page.text[span.start as usize..span.end as usize]
    }

    /// A line as [`fold`] leaves it.
    pub fn folded(&self, block: usize) -> &str {
        let span = &self.lines[block].folded;
        &self.folded[span.start as usize..span.end as usize]
    }
}

/// The facts of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line without the white space around it, as bytes of [`Page::text`].
    pub span: Range<u32>,
    folded: Range<u32>,
    /// A hash of the folded letters and digits alone (of the whole folded line where it has none):
    /// lines with the same key differ in case, white space, marks and symbols at most.
    pub key: u64,
    /// Characters, white space folded.
    pub chars: u32,
    /// Words: runs of characters between white space that hold a letter or digit. Where a script
    /// writes no spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) two characters count as one word.
    pub words: u32,
    /// Letters of any script.
    pub letters: u32,
    /// Upper-case letters.
    pub upper: u32,
    /// Decimal digits of any script.
    pub digits: u32,
    /// Characters of scripts that write no spaces between words.
    pub unspaced: u32,
    /// How the line ends, closing quotes and brackets left aside.
    pub end: LineEnd,
}

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// A full stop, question or exclamation mark of any script.
    Sentence,
    /// `…` or three full stops.
    Ellipsis,
    /// A colon.
    Colon,
    /// A comma or semicolon.
    Comma,
    /// Anything else.
    Other,
}

/// Folds what people do not see as a difference: case, runs of white space, the kinds of quotes and
/// dashes; zero-width characters and soft hyphens go. White space at the ends goes too, and a list marker at the
/// start ([`list_marker`]), so that an item of a list is known by its words.
pub fn fold(text: &str) -> String {
    let mut folded = fold_inside(text);
    folded.drain(..folded_marker(text, folded.as_bytes()));
    folded
}

/// Folds a text that does not stand at the start of a line: a list marker is a dash like any other.
pub fn fold_inside(text: &str) -> String {
    let table: &[u32] = &TABLE;
    let mut folded = String::with_capacity(text.len() + 1);
    let mut gap = false;
    for c in text.chars() {
        let (lower, class) = look_up_in(table, c);
        if class & SPACE != 0 {
            gap = !folded.is_empty();
        } else if class & INVISIBLE == 0 {
            if gap {
                folded.push(' ');
                gap = false;
            }
            folded.push(lower);
        }
    }
    folded
}

/// What folding makes of one character: a plain space of any white space, nothing of what is not seen.
pub fn folded_char(c: char) -> Option<char> {
    match look_up(c) {
        (_, class) if class & SPACE != 0 => Some(' '),
        (_, class) if class & INVISIBLE != 0 => None,
        (lower, _) => Some(lower),
    }
}

/// How many bytes of the folded text are its list marker, which folds into one character and one space.
fn folded_marker(text: &str, folded: &[u8]) -> usize {
    match list_marker(text) {
        0 => 0,
        _ => memchr::memchr(b' ', folded).map_or(0, |space| space + 1),
    }
}

/// How many bytes the list marker at the start of a line takes, the white space around it included; 0 where
/// there is none: a bullet or dash, a space, and something after it.
pub fn list_marker(text: &str) -> usize {
    let indented = text.trim_start();
    let mut chars = indented.chars();
    let is_marker = chars.next().is_some_and(is_list_marker);
    let rest = chars.as_str().trim_start();
    match is_marker && rest.len() < chars.as_str().len() && !rest.is_empty() {
        true => text.len() - rest.len(),
        false => 0,
    }
}

/// Whether a character can be the bullet or dash of a list marker.
pub fn is_list_marker(c: char) -> bool {
    matches!(
        c,
        '•' | '‣'
            | '▪'
            | '▫'
            | '◦'
            | '●'
            | '○'
            | '■'
            | '□'
            | '·'
            | '∙'
            | '⁃'
            | '*'
            | '+'
            | '-'
            | '–'
            | '—'
    )
}

/// The key that a line of this text would have: see [`Line::key`]. Word lists are looked up by it.
pub fn key(text: &str) -> u64 {
    LineReader::with_capacity(text.len()).read(text, &(0..text.len() as u32)).key
}

/// A table by [`Line::key`].
pub type ByKey<V> = HashMap<u64, V, BuildHasherDefault<KeyHasher>>;

/// Keys are hashes already: they are taken as they are.
#[derive(Debug, Default)]
pub struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// The bytes of `text` that [`fold`] turned into the bytes `folded` of its result, without the white
/// space around them.
pub fn unfold(text: &str, folded: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (None, 0);
    let (mut at, mut gap) = (0, false);
    let marker = list_marker(text);
    for (offset, c) in text.char_indices().skip_while(|(offset, _)| *offset < marker) {
        let (lower, class) = look_up(c);
        if class & SPACE != 0 {
            gap = at > 0;
        } else if class & INVISIBLE == 0 {
            at += usize::from(gap);
            gap = false;
            let next = at + lower.len_utf8();
            if at >= folded.start && next <= folded.end {
                start.get_or_insert(offset);
                end = offset + c.len_utf8();
            }
            at = next;
        }
    }
    let start = start.unwrap_or(end);
    start..end
}

const LETTER: u32 = 1;
const UPPER: u32 = 2;
const DIGIT: u32 = 4;
const SPACE: u32 = 8;
const INVISIBLE: u32 = 16;
const UNSPACED: u32 = 32;

/// Characters below this have an entry in the table; above it are the scripts without case.
const TABLE_END: u32 = 0x3000;

/// For every character below [`TABLE_END`]: its folded form in the low 24 bits, its class above.
static TABLE: LazyLock<Vec<u32>> = LazyLock::new(|| {
    (0..TABLE_END)
        .map(|code| {
            char::from_u32(code).map_or(0, |c| {
                let (lower, class) = classify(c);
                lower as u32 | class << 24
            })
        })
        .collect()
});

fn look_up(c: char) -> (char, u32) {
    look_up_in(&TABLE, c)
}

fn look_up_in(table: &[u32], c: char) -> (char, u32) {
    match table.get(c as usize) {
        Some(entry) => (char::from_u32(entry & 0xFF_FFFF).unwrap_or(c), entry >> 24),
        None => match c {
            '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' => (c, LETTER | UNSPACED),
            _ => classify(c),
        },
    }
}

fn classify(c: char) -> (char, u32) {
    let lower = match c {
        '‘' | '’' | '‚' | '‛' | '′' | '‵' | '`' | '´' | 'ʼ' | '‹' | '›' => '\'',
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => '"',
        '‐'..='―' | '−' | '﹘' | '﹣' | '-' => '-',
        'ς' => 'σ',
        'ſ' => 's',
        'ẛ' => 'ṡ',
        'µ' => 'μ',
        'ϐ' => 'β',
        'ϑ' => 'θ',
        'ϕ' => 'φ',
        'ϖ' => 'π',
        'ϰ' => 'κ',
        'ϱ' => 'ρ',
        'ϵ' => 'ε',
        '\u{345}' | '\u{1FBE}' => 'ι',
        'ᲀ' => 'в',
        'ᲁ' => 'д',
        'ᲂ' => 'о',
        'ᲃ' => 'с',
        'ᲄ' | 'ᲅ' => 'т',
        'ᲆ' => 'ъ',
        'İ' => 'i',
        _ => c.to_lowercase().next().unwrap_or(c),
    };
    let mut class = 0;
    if c.is_whitespace() {
        class |= SPACE;
    }
    if matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
    {
        class |= INVISIBLE;
    }
    if c.is_alphabetic() {
        class |= LETTER;
    }
    if c.is_uppercase() {
        class |= UPPER;
    }
    if c.is_ascii_digit() || is_foreign_digit(c) {
        class |= DIGIT;
    }
    if matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
        && class & LETTER != 0
    {
        class |= UNSPACED;
    }
    (lower, class)
}

/// Decimal digits of the scripts that bring their own, Arabic, Persian, the Indic ones and full width.
fn is_foreign_digit(c: char) -> bool {
    matches!(c, '\u{0660}'..='\u{0669}' | '\u{06F0}'..='\u{06F9}' | '\u{0966}'..='\u{096F}' | '\u{09E6}'..='\u{09EF}'
        | '\u{0A66}'..='\u{0A6F}' | '\u{0AE6}'..='\u{0AEF}' | '\u{0BE6}'..='\u{0BEF}' | '\u{0C66}'..='\u{0C6F}'
        | '\u{0E50}'..='\u{0E59}' | '\u{FF10}'..='\u{FF19}')
}

/// Lines with more letters and digits than this, in bytes, are prose: their key is taken from the whole folded
/// line, marks and all.
const LONGEST_BARE_KEY: usize = 512;

struct LineReader {
    /// The folded lines, one after the other.
    folded: Vec<u8>,
    /// The folded letters and digits of the line being read, as far as its key needs them.
    letters: Vec<u8>,
    /// Whether the word being read holds a letter or digit already.
    in_word: bool,
}

impl LineReader {
    fn with_capacity(bytes: usize) -> LineReader {
        let letters = Vec::with_capacity(bytes.min(LONGEST_BARE_KEY) + 8);
        LineReader { folded: Vec::with_capacity(bytes + 8), letters, in_word: false }
    }

    fn read(&mut self, text: &str, block: &Range<u32>) -> Line {
        let raw = &text[block.start as usize..block.end as usize];
        let trimmed = raw.trim_start();
        let start = block.start + (raw.len() - trimmed.len()) as u32;
        let trimmed = trimmed.trim_end();
        let from = self.folded.len();
        let mut line = Line {
            span: start..start + trimmed.len() as u32,
            folded: 0..0,
            key: 0,
            chars: 0,
            words: 0,
            letters: 0,
            upper: 0,
            digits: 0,
            unspaced: 0,
            end: line_end(trimmed),
        };
        self.letters.clear();
        self.in_word = false;
        let mut at = 0;
        while at < trimmed.len() {
            at += self.read_ascii(&trimmed.as_bytes()[at..], from, &mut line);
            at += self.read_any(&trimmed[at..], from, &mut line);
        }
        if self.ends_with_space(from) {
            self.folded.pop();
        }
        line.chars = self.folded[from..].iter().map(|&byte| u32::from(byte as i8 >= -0x40)).sum();
        line.words += line.unspaced.div_ceil(2);
        let marker = folded_marker(trimmed, &self.folded[from..]);
        line.folded = (from + marker) as u32..self.folded.len() as u32;
        line.key = match self.letters.len() {
            1..=LONGEST_BARE_KEY => xxh3_64(&self.letters),
            _ => xxh3_64(&self.folded[from + marker..]),
        };
        line
    }

    /// Reads printable ASCII with single spaces, as most text is, eight bytes at a time; how many it has read.
    fn read_ascii(&mut self, text: &[u8], from: usize, line: &mut Line) -> usize {
        let (mut read, mut counts) = (0, Counts::default());
        let mut in_word = u64::from(self.in_word);
        let mut after_space = u64::from(self.folded.len() == from || self.ends_with_space(from));
        while read < text.len() {
            let rest = &text[read..];
            let eight = Eight::of(rest);
            if !eight.is_printable() || eight.space & (eight.space << 8 | after_space) != 0 {
                break;
            }
            let (len, folded) = (rest.len().min(8), eight.folded());
            push(&mut self.folded, folded, len);
            if self.letters.len() <= LONGEST_BARE_KEY {
                let (solid, len) = eight.solid_of(folded);
                push(&mut self.letters, solid, len);
            }
            counts.add(&eight, eight.words(&mut in_word));
            after_space = eight.space >> 56;
            read += len;
            if counts.added == Counts::MOST {
                counts.settle(line);
            }
        }
        counts.settle(line);
        self.in_word = in_word != 0;
        read
    }

    /// Reads characters of every kind, until ASCII comes again; how many bytes it has read.
    fn read_any(&mut self, text: &str, from: usize, line: &mut Line) -> usize {
        let table: &[u32] = &TABLE;
        for (at, c) in text.char_indices() {
            if at >= 8 && c.is_ascii() {
                return at;
            }
            let (lower, class) = look_up_in(table, c);
            if class & SPACE != 0 {
                if self.folded.len() > from && !self.ends_with_space(from) {
                    self.folded.push(b' ');
                }
                self.in_word = false;
                continue;
            }
            if class & INVISIBLE != 0 {
                continue;
            }
            let (mut bytes, is_solid) = ([0; 4], class & (LETTER | DIGIT) != 0);
            let bytes = lower.encode_utf8(&mut bytes).as_bytes();
            self.folded.extend_from_slice(bytes);
            if is_solid {
                if self.letters.len() <= LONGEST_BARE_KEY {
                    self.letters.extend_from_slice(bytes);
                }
                line.letters += class & LETTER;
                line.upper += (class & UPPER) >> 1;
                line.digits += (class & DIGIT) >> 2;
                if class & UNSPACED != 0 {
                    line.unspaced += 1;
                } else if !self.in_word {
                    line.words += 1;
                    self.in_word = true;
                }
            }
        }
        text.len()
    }

    fn ends_with_space(&self, from: usize) -> bool {
        self.folded.len() > from && self.folded.last() == Some(&b' ')
    }
}

/// Adds the first so many of eight bytes. All eight are written, since that takes one move.
fn push(to: &mut Vec<u8>, eight: u64, len: usize) {
    let end = to.len() + len;
    to.extend_from_slice(&eight.to_le_bytes());
    to.truncate(end);
}

fn line_end(text: &str) -> LineEnd {
    if text.as_bytes().last().is_some_and(u8::is_ascii_alphanumeric) {
        return LineEnd::Other;
    }
    let bare = text.trim_end_matches(|c| {
        matches!(c, '"' | '\'' | '”' | '’' | '»' | '›' | '“' | ')' | ']' | '」' | '』' | '）' | '*' | '_' | ' ')
    });
    if bare.ends_with('…') || bare.ends_with("...") {
        return LineEnd::Ellipsis;
    }
    match bare.chars().next_back() {
        Some(
            '.' | '!' | '?' | '。' | '！' | '？' | '।' | '॥' | '؟' | '۔' | '．' | '｡' | '‽' | '\u{37E}' | '։' | '።',
        ) => LineEnd::Sentence,
        Some(':' | '：') => LineEnd::Colon,
        Some(',' | ';' | '،' | '؛' | '、' | '，' | '；') => LineEnd::Comma,
        _ => LineEnd::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::page::{Block, Place, Source};

    fn line(text: &str) -> Line {
        Reading::of(&page(text)).lines.remove(0)
    }

    fn page(text: &str) -> Page {
        let place = Place { line: 1, columns: None, after_gap: true };
        Page {
            source: Source { path: "p.txt".into(), record: None },
            site: None,
            url: None,
            text: text.into(),
            blocks: vec![Block { span: 0..text.len() as u32, place }],
            markup: None,
        }
    }

    #[test]
    fn folding_levels_case_space_quotes_and_dashes_and_nothing_else() {
        for (written, folded) in [
            ("Editor’s  NOTE\u{a0}– “x”", "editor's note - \"x\""),
            ("  ΟΔΟΣ ", "οδοσ"),
            ("so\u{ad}ft\u{200b}ly…", "softly…"),
            ("東京　タワー", "東京 タワー"),
            ("  •\u{a0}Log In", "log in"),
            ("– And so on -", "and so on -"),
            ("*", "*"),
            ("-5 degrees", "-5 degrees"),
        ] {
            assert_eq!(fold(written), folded);
            assert_eq!(fold(folded), folded, "folding twice changes nothing");
            let page = page(written);
            assert_eq!(Reading::of(&page).folded(0), folded, "a line is folded like a literal");
        }
    }

    #[test]
    fn folded_bytes_are_found_again_in_the_text() {
        let text = "  LONDON\u{a0} (Reu\u{ad}ters) — “No”, he said";
        let folded = fold(text);
        for part in ["london (reuters) -", "reuters", " - \"no\"", "\"no\",", "said"] {
            let at = folded.find(part).unwrap();
            let range = unfold(text, at..at + part.len());
            assert_eq!(fold(&text[range]), fold(part));
        }
    }

    #[test]
    fn words_are_counted_in_scripts_with_and_without_spaces() {
        for (text, words) in [("one, two - three", 3), ("- * -", 0), ("東京タワーへ", 3), ("год 2024", 2), ("", 0)]
        {
            assert_eq!(line(text).words, words, "{text}");
        }
    }

    proptest! {
        #[test]
        fn eight_bytes_at_once_are_read_as_one_character_at_a_time(
            text in "([a-zA-Z0-9`' .,_(*–éЖ東\u{ad}\u{a0}]{0,40}|[a-z '.-]{0,4000}|[ -~]{0,60})",
        ) {
            let (mut quick, mut slow) = (LineReader::with_capacity(0), LineReader::with_capacity(0));
            let line = quick.read(&text, &(0..text.len() as u32));
            let mut counts = Line { chars: 0, words: 0, letters: 0, upper: 0, digits: 0, unspaced: 0, ..line.clone() };
            for c in text.trim().chars() {
                slow.read_any(c.encode_utf8(&mut [0; 4]), 0, &mut counts);
            }
            counts.words += counts.unspaced.div_ceil(2);
            counts.chars = line.chars;
            prop_assert_eq!(&counts, &line);
            let folded = String::from_utf8(slow.folded).unwrap();
            prop_assert_eq!(folded.trim_end().chars().count() as u32, line.chars);
            prop_assert_eq!(String::from_utf8(quick.folded).unwrap(), folded.trim_end());
            if quick.letters.len() <= LONGEST_BARE_KEY {
                prop_assert_eq!(quick.letters, slow.letters);
            }
        }
    }

    #[test]
    fn the_key_sees_letters_and_digits_alone() {
        assert_eq!(line("  The Boat Race!").key, line("the boat\u{a0}race").key);
        assert_ne!(line("Part 1").key, line("Part 2").key);
        assert_ne!(line("***").key, line("---").key);
        for text in ["  The Boat Race!", "***", "ΟΔΟΣ 4", "東京　タワー"] {
            assert_eq!(line(text).key, key(text), "{text}");
        }
    }

    #[test]
    fn the_end_is_seen_through_closing_quotes() {
        for (text, end) in [
            ("He left.”", LineEnd::Sentence),
            ("他走了。", LineEnd::Sentence),
            ("and then…", LineEnd::Ellipsis),
            ("and then...", LineEnd::Ellipsis),
            ("Ingredients:", LineEnd::Colon),
            ("red, green,", LineEnd::Comma),
            ("Home", LineEnd::Other),
        ] {
            assert_eq!(line(text).end, end, "{text}");
        }
    }
}
