//! What several rooms need to know of a line, read off it once.
//!
//! The facts are of form only (length, case, last mark, folded text); what they mean is for the
//! stages to say.

use std::ops::Range;
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

use crate::page::Page;

/// A page together with the facts of its lines: what a stage sees.
#[derive(Debug)]
pub struct Reading<'p> {
    /// The page itself.
    pub page: &'p Page,
    /// The facts, one entry a block.
    pub lines: Vec<Line>,
    folded: String,
}

impl<'p> Reading<'p> {
    /// Reads the facts off every block, in one pass over the text.
    pub fn of(page: &'p Page) -> Reading<'p> {
        let mut reader = LineReader { folded: String::with_capacity(page.text.len() + 16), letters: String::new() };
        let lines = page.blocks.iter().map(|block| reader.read(&page.text, &block.span)).collect();
        Reading { page, lines, folded: reader.folded }
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

/// The [`Line::key`] that a line of this text has.
pub fn key(text: &str) -> u64 {
    let mut reader = LineReader { folded: String::new(), letters: String::new() };
    reader.read(text, &(0..text.len() as u32)).key
}

/// Folds what people do not see as a difference: case, runs of white space, the kinds of quotes and
/// dashes; zero-width characters and soft hyphens go. White space at the ends goes too.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        let (lower, class) = look_up(c);
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

/// The bytes of `text` that [`fold`] turned into the bytes `folded` of its result, without the white
/// space around them.
pub fn unfold(text: &str, folded: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (None, 0);
    let (mut at, mut gap) = (0, false);
    for (offset, c) in text.char_indices() {
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
    match TABLE.get(c as usize) {
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

struct LineReader {
    folded: String,
    /// The folded letters and digits of the line being read.
    letters: String,
}

impl LineReader {
    fn read(&mut self, text: &str, block: &Range<u32>) -> Line {
        let raw = &text[block.start as usize..block.end as usize];
        let trimmed = raw.trim_start();
        let start = block.start + (raw.len() - trimmed.len()) as u32;
        let trimmed = trimmed.trim_end();
        let folded_start = self.folded.len();
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
        let (mut gap, mut in_word) = (false, false);
        for c in trimmed.chars() {
            let (lower, class) = look_up(c);
            if class & SPACE != 0 {
                gap = self.folded.len() > folded_start;
                in_word = false;
                continue;
            }
            if class & INVISIBLE != 0 {
                continue;
            }
            if gap {
                self.folded.push(' ');
                line.chars += 1;
                gap = false;
            }
            self.folded.push(lower);
            line.chars += 1;
            if class & (LETTER | DIGIT) != 0 {
                self.letters.push(lower);
                line.letters += class & LETTER;
                line.upper += (class & UPPER) >> 1;
                line.digits += (class & DIGIT) >> 2;
                if class & UNSPACED != 0 {
                    line.unspaced += 1;
                } else if !in_word {
                    line.words += 1;
                    in_word = true;
                }
            }
        }
        line.words += line.unspaced.div_ceil(2);
        line.folded = folded_start as u32..self.folded.len() as u32;
        line.key = match self.letters.is_empty() {
            true => xxh3_64(&self.folded.as_bytes()[folded_start..]),
            false => xxh3_64(self.letters.as_bytes()),
        };
        line
    }
}

fn line_end(text: &str) -> LineEnd {
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
    use super::*;
    use crate::page::{Block, Place, Source};

    fn line(text: &str) -> Line {
        let place = Place { line: 1, columns: None, after_gap: true };
        let page = Page {
            source: Source { path: "p.txt".into(), record: None },
            site: None,
            url: None,
            text: text.into(),
            blocks: vec![Block { span: 0..text.len() as u32, place }],
        };
        Reading::of(&page).lines.remove(0)
    }

    #[test]
    fn folding_levels_case_space_quotes_and_dashes_and_nothing_else() {
        for (written, folded) in [
            ("Editor’s  NOTE\u{a0}– “x”", "editor's note - \"x\""),
            ("  ΟΔΟΣ ", "οδοσ"),
            ("so\u{ad}ft\u{200b}ly…", "softly…"),
            ("東京　タワー", "東京 タワー"),
        ] {
            assert_eq!(fold(written), folded);
            assert_eq!(fold(folded), folded, "folding twice changes nothing");
        }
    }

    #[test]
    fn folded_bytes_are_found_again_in_the_text() {
        let text = "  LONDON\u{a0} (Reu\u{ad}ters) — “No”, he said";
        let folded = fold(text);
        for part in ["london (reuters) -", "reuters", " - \"no\"", "\"no\",", "said"] {
            let at = folded.find(part).unwrap();
            let range = unfold(text, at..at + part.len());
            assert_eq!(fold(&text[range]), part.trim());
        }
    }

    #[test]
    fn words_are_counted_in_scripts_with_and_without_spaces() {
        for (text, words) in [("one, two - three", 3), ("- * -", 0), ("東京タワーへ", 3), ("год 2024", 2), ("", 0)]
        {
            assert_eq!(line(text).words, words, "{text}");
        }
    }

    #[test]
    fn the_key_sees_letters_and_digits_alone() {
        assert_eq!(line("  The Boat Race!").key, line("the boat\u{a0}race").key);
        assert_ne!(line("Part 1").key, line("Part 2").key);
        assert_ne!(line("***").key, line("---").key);
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
