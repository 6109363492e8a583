//! What several rooms need to know of a line, read off it once.
//!
//! The facts are of form only (length, case, last mark, folded text); what they mean is for the
//! stages to say.

mod fold;
mod lanes;
mod piece;
mod reader;
pub mod script;
pub mod titles;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use pulp::{Arch, NullaryFnOnce};
use xxhash_rust::xxh3::xxh3_64;

use crate::page::Page;
pub use fold::{fold, fold_inside, folded_char, is_list_marker, list_marker, unfold};
use reader::LineReader;
pub use reader::key;

/// A page together with the facts of its lines: what a stage sees.
#[derive(Debug)]
pub struct PageFeatures<'p> {
    /// The page itself.
    pub page: &'p Page,
    /// The facts, one entry a block.
    pub lines: Vec<Line>,
    /// What the word lists say of the lines, in their own terms: read by the stage that asks first, for all of them.
    pub listed: OnceCell<Listed>,
    /// Where its running prose stands, as the judges of structure tell it: read by the first of them, for all.
    pub prose: OnceCell<Prose>,
    folded: String,
}

impl<'p> PageFeatures<'p> {
    /// Reads the facts off every block, in one pass over the text.
    pub fn of(page: &'p Page) -> PageFeatures<'p> {
        let (reader, lines) = Arch::new().dispatch(ReadLines { page });
        // Whole characters went in, so whole characters come out. To check and to copy them is faster than the standard
        // library's check alone.
        let folded = simdutf8::basic::from_utf8(&reader.folded).unwrap_or_default().to_string();
        PageFeatures { page, lines, listed: OnceCell::new(), prose: OnceCell::new(), folded }
    }

    /// How much text each block has. The facts go, all others first: a page may have millions of lines.
    pub fn into_sizes(self) -> Vec<Size> {
        let PageFeatures { lines, listed, folded, .. } = self;
        drop((listed, folded));
        lines.iter().map(Size::of_line).collect()
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
        let (page, span) = self.folded_in_page(block);
        &page[span]
    }

    /// All folded lines one after another, and where one stands among them: for those who read many bytes at once.
    pub fn folded_in_page(&self, block: usize) -> (&str, Range<usize>) {
        let end = self.lines.get(block + 1).map_or(self.folded.len(), |next| next.folded as usize);
        (&self.folded, self.lines[block].folded as usize..end)
    }
}

/// How much text there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Words: see [`Line::words`].
    pub words: u32,
    /// Characters, white space folded.
    pub chars: u32,
}

impl Size {
    /// That of a text.
    pub fn of(text: &str) -> Size {
        Size::of_line(&LineReader::with_capacity(text.len()).read(text, &(0..text.len() as u32)))
    }

    fn of_line(line: &Line) -> Size {
        Size { words: line.words, chars: line.chars }
    }

    /// What is missing of it where only this is left.
    #[must_use]
    pub fn without(self, left: Size) -> Size {
        Size { words: self.words.saturating_sub(left.words), chars: self.chars.saturating_sub(left.chars) }
    }
}

/// Reads all lines of a page, one after another. All that is inlined into it is built for newer processors too, where
/// it takes fewer instructions.
struct ReadLines<'p> {
    page: &'p Page,
}

impl NullaryFnOnce for ReadLines<'_> {
    type Output = (LineReader, Vec<Line>);

    #[inline(always)]
    fn call(self) -> (LineReader, Vec<Line>) {
        let mut reader = LineReader::with_capacity(self.page.text.len());
        let mut lines = Vec::with_capacity(self.page.blocks.len());
        for block in &self.page.blocks {
            lines.push(reader.read(&self.page.text, &block.span));
        }
        (reader, lines)
    }
}

/// What the word lists say of the lines of a page: of a line as a whole, and of its start.
#[derive(Debug, Default)]
pub struct Listed {
    /// What they say of each line, by its number in `said`: few things are said, of however many lines.
    lines: Vec<u32>,
    said: Vec<(u32, u32)>,
    /// Of any line.
    pub any: (u32, u32),
}

impl Listed {
    /// What is said of the lines, in their order.
    pub fn new(all: impl Iterator<Item = (u32, u32)>) -> Listed {
        let mut listed = Listed { said: vec![(0, 0)], ..Listed::default() };
        let mut numbers = HashMap::from([((0, 0), 0)]);
        listed.lines = all
            .map(|line| match line {
                (0, 0) => 0,
                line => *numbers.entry(line).or_insert_with(|| {
                    listed.said.push(line);
                    listed.any = (listed.any.0 | line.0, listed.any.1 | line.1);
                    listed.said.len() as u32 - 1
                }),
            })
            .collect();
        listed
    }

    /// What is said of a line.
    pub fn of(&self, block: usize) -> (u32, u32) {
        self.said[self.lines[block] as usize]
    }
}

/// Where the running prose of a page stands.
#[derive(Debug)]
pub struct Prose {
    /// Its first line; the number of lines where there is none.
    pub first: usize,
    /// One past its last line; 0 where there is none.
    pub after: usize,
    /// The lines from the first to the last paragraph of the text, as far as paragraphs stand near one another; empty
    /// where none do.
    pub paragraphs: Range<usize>,
}

/// The facts of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line without the white space around it, as bytes of [`Page::text`].
    pub span: Range<u32>,
    /// Where the folded line starts among those of the page; it ends where the next one starts.
    folded: u32,
    /// A hash of the folded letters and digits alone (of the whole folded line where it has none):
    /// lines with the same key differ in case, white space, marks and symbols at most.
    pub key: u64,
    /// Characters, white space folded.
    pub chars: u32,
    /// Words: runs of characters between white space that hold a letter or digit. Where a script
    /// writes no spaces ([`script::is_unspaced`]) two characters count as one word.
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

impl Line {
    /// Whether there may be more in the line than letters, digits and single spaces between its words. Of the letters one
    /// looks like an apostrophe, and folds into one.
    pub fn may_have_marks(&self) -> bool {
        self.unspaced > 0 || self.chars != self.letters + self.digits + self.words.saturating_sub(1)
    }
}

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// A full stop, question or exclamation mark of any script; of scripts that write none, a line long enough to be
    /// a sentence.
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

fn line_end(text: &str) -> LineEnd {
    if text.as_bytes().last().is_some_and(u8::is_ascii_alphanumeric) {
        return LineEnd::Other;
    }
    let bare = text.trim_end_matches(script::closes);
    if bare.ends_with('…') || bare.ends_with("...") {
        return LineEnd::Ellipsis;
    }
    match bare.chars().next_back() {
        Some(last) if script::ends_sentence(last) => LineEnd::Sentence,
        Some(last) if script::is_colon(last) => LineEnd::Colon,
        Some(';') if script::is_greek_question(bare) => LineEnd::Sentence,
        Some(last) if script::parts_sentence(last) => LineEnd::Comma,
        Some(last) if script::ends_unmarked(last) => {
            let unmarked = bare.chars().filter(|&c| script::ends_unmarked(c)).take(script::UNMARKED_LETTERS as usize);
            if unmarked.count() == script::UNMARKED_LETTERS as usize { LineEnd::Sentence } else { LineEnd::Other }
        }
        _ => LineEnd::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::page::{Block, Place, Source};

    fn line(text: &str) -> Line {
        PageFeatures::of(&page(text)).lines.remove(0)
    }

    fn page(text: &str) -> Page {
        let place = Place { line: 1, after_gap: true };
        Page {
            text: text.into(),
            blocks: vec![Block { span: 0..text.len() as u32, place }],
            ..Page::empty(Source { path: "p.txt".into(), record: None })
        }
    }

    proptest! {
        #[test]
        fn any_machine_reads_lines_alike(text in "([a-zA-Z0-9`' .,_(*–éЖ東\u{ad}\u{a0}]{0,90}|[a-z '.-]{0,900})") {
            let page = page(&text);
            let (one, other) = (ReadLines { page: &page }.call(), Arch::new().dispatch(ReadLines { page: &page }));
            prop_assert_eq!((one.0.folded, one.1), (other.0.folded, other.1));
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
            assert_eq!(PageFeatures::of(&page).folded(0), folded, "a line is folded like a literal");
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

    #[test]
    fn a_line_of_bare_words_has_no_marks() {
        for (text, has) in [
            ("Home News 24", false),
            ("Home > News", true),
            ("Home | News", true),
            ("Part_1", true),
            ("• Home", true),
            ("東京 › タワー", true),
        ] {
            assert_eq!(line(text).may_have_marks(), has, "{text}");
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
            ("Πού πήγε το πλοίο;", LineEnd::Sentence),
            ("red; green;", LineEnd::Comma),
            ("መርከቧ ትናንት ተመለሰች።", LineEnd::Sentence),
            ("ကူးတို့သင်္ဘော ပြန်ထွက်သည်။", LineEnd::Sentence),
            ("សាឡាងបានត្រឡប់មកវិញ។", LineEnd::Sentence),
            ("གྲུ་གཟིངས་ཕྱིར་ལོག་བྱུང་།", LineEnd::Sentence),
            ("Լաստանավը վերադարձավ։", LineEnd::Sentence),
            ("کشتی واپس آ گئی۔", LineEnd::Sentence),
            ("นาวาเอก", LineEnd::Other),
            (&"เรือข้ามฟากกลับมาแล่นอีกครั้ง".repeat(4), LineEnd::Sentence),
        ] {
            assert_eq!(line(text).end, end, "{text}");
        }
    }
}
