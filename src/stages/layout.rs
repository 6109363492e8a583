//! How a page is laid out: where its prose begins and ends, which lines are entries of lists, what
//! the word lists say of each line. The judges of structure share it; it marks nothing.

use std::ops::Range;

use crate::line::{Line, LineEnd, Listed, PageFeatures, Prose, key, script};
use crate::marks::Marks;
use crate::page::markup::Inside;
use crate::rules::lexicon::{Lexicon, Topic, Topics};

/// Parts of an HTML page beside its text: menus, foots, dialogs, asides, forms.
pub(super) const BESIDE_TEXT: Inside =
    Inside::NAV.and(Inside::FOOTER).and(Inside::DIALOG).and(Inside::ASIDE).and(Inside::FORM);

/// Words from which a line that ends a sentence counts as running prose. C4 asks for 3 words, DCLM
/// for 5; a caption or a button of a whole sentence is mostly shorter than 10.
pub(super) const PROSE_WORDS: u32 = 10;

/// Words up to which a line can be the entry of a menu.
pub(super) const ITEM_WORDS: u32 = 6;

/// Words up to which a line can be a headline.
pub(super) const HEADLINE_WORDS: u32 = 30;

/// Characters up to which a line is looked up in the word lists.
const PHRASE_CHARS: u32 = 100;

/// Characters up to which the beginning of a line is: the box that tells of an author is a paragraph.
const START_CHARS: u32 = 800;

/// Whether a line is running prose.
pub(super) fn is_prose(line: &Line) -> bool {
    line.end == LineEnd::Sentence && line.words >= PROSE_WORDS && line.upper * 2 <= line.letters
}

/// Words of a sentence: fewer are a label with a full stop. C4 asks for three, DCLM for five.
const SENTENCE_WORDS: u32 = 4;

/// Whether a line is a sentence, however short.
pub(super) fn is_sentence(line: &Line) -> bool {
    line.end == LineEnd::Sentence && line.words >= SENTENCE_WORDS && line.upper * 2 <= line.letters
}

/// Whether a line can be an entry of a menu: a few words, no sentence.
pub(super) fn is_item(line: &Line) -> bool {
    line.words <= ITEM_WORDS && !matches!(line.end, LineEnd::Sentence | LineEnd::Ellipsis)
}

/// Whether a line can be a headline: some words that end no sentence with a full stop.
pub(super) fn is_headline(reading: &PageFeatures, block: usize) -> bool {
    let line = &reading.lines[block];
    let ends_plainly = match line.end {
        LineEnd::Sentence => asks_or_calls(reading.text(block)),
        end => end != LineEnd::Comma,
    };
    (2..=HEADLINE_WORDS).contains(&line.words) && ends_plainly
}

/// Whether a line ends with a question or an exclamation, in quotes or not.
pub(super) fn asks_or_calls(text: &str) -> bool {
    text.trim_end_matches(script::closes).ends_with(script::asks_or_calls)
}

/// A line of a numbered list without its number: `2. Home`, but not the date `27. März 2024`.
fn without_number(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = (digits > 0).then(|| &text[digits..])?.strip_prefix(['.', ')'])?.strip_prefix(' ')?;
    (!rest.bytes().any(|byte| byte.is_ascii_digit())).then_some(rest)
}

/// Whether a line opens with the mark of a list: a bullet or a number.
pub(super) fn is_bulleted(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('0'..='9') => without_number(text).is_some(),
        Some('•' | '◦' | '▪' | '▸' | '►' | '‣' | '·' | '●' | '○' | '■' | '*' | '-' | '–' | '+') => {
            chars.next().is_none_or(char::is_whitespace)
        }
        _ => false,
    }
}

/// Whether a line is the row of a table written with bars.
pub(super) fn is_table_row(text: &str) -> bool {
    text.starts_with('|') && text.len() > 1 && text.ends_with('|')
}

/// Where a mark stands first in a line. It is sought by its first byte that is no space, which most lines have not.
pub(super) fn find_mark(mark: &str, text: &str) -> Option<usize> {
    let (space, first) = rarest(mark);
    memchr::memchr_iter(first, text.as_bytes())
        .filter_map(|at| at.checked_sub(space))
        .find(|&at| text.as_bytes()[at..].starts_with(mark.as_bytes()))
}

/// The first byte of a mark that is no space, and where it stands in it.
fn rarest(mark: &str) -> (usize, u8) {
    let space = usize::from(mark.starts_with(' '));
    (space, mark.as_bytes()[space])
}

/// Words of a paragraph; the sentences of teasers, bios and notes are mostly shorter.
const PARAGRAPH_WORDS: u32 = 25;

/// Lines from one paragraph to the next within a text: a heading or a picture stands between.
const PARAGRAPH_STEP: usize = 3;

/// Whether a line is a paragraph: a sentence, and longer than those of teasers, bios and notes.
pub(super) fn is_paragraph(line: &Line) -> bool {
    line.end == LineEnd::Sentence && line.words >= PARAGRAPH_WORDS
}

/// From the first to the last paragraph that has another nearby.
fn paragraphs(reading: &PageFeatures) -> Range<usize> {
    let (mut found, mut above): (Option<Range<usize>>, Option<usize>) = (None, None);
    for block in (0..reading.len()).filter(|&block| is_paragraph(&reading.lines[block])) {
        if let Some(above) = above.filter(|above| block - above <= PARAGRAPH_STEP) {
            found = Some(found.map_or(above, |found| found.start)..block + 1);
        }
        above = Some(block);
    }
    found.unwrap_or(0..0)
}

/// A page with what its layout says.
pub(super) struct Layout<'r, 'p> {
    /// The page and the facts of its lines.
    pub reading: &'r PageFeatures<'p>,
    /// The word lists.
    pub lexicon: &'static Lexicon,
    /// The first line of running prose; the number of lines where there is none.
    pub first_prose: usize,
    /// One past the last line of running prose; 0 where there is none.
    pub after_prose: usize,
    /// The lines from the first to the last paragraph of the text, as far as paragraphs stand near
    /// one another; empty where none do.
    pub paragraphs: Range<usize>,
}

impl<'r, 'p> Layout<'r, 'p> {
    /// Reads the layout off a page.
    pub(super) fn of(reading: &'r PageFeatures<'p>) -> Layout<'r, 'p> {
        let lexicon = Lexicon::embedded();
        let prose = reading.prose.get_or_init(|| Prose {
            first: reading.lines.iter().position(is_prose).unwrap_or(reading.len()),
            after: reading.lines.iter().rposition(is_prose).map_or(0, |last| last + 1),
            paragraphs: paragraphs(reading),
        });
        let (first_prose, after_prose) = (prose.first, prose.after);
        Layout { reading, lexicon, first_prose, after_prose, paragraphs: prose.paragraphs.clone() }
    }

    /// How many lines the page has.
    pub(super) fn len(&self) -> usize {
        self.reading.len()
    }

    /// The facts of a line.
    pub(super) fn line(&self, block: usize) -> &Line {
        &self.reading.lines[block]
    }

    /// A line without the white space around it.
    pub(super) fn text(&self, block: usize) -> &'p str {
        self.reading.text(block)
    }

    /// The topics of the line as a whole, the number of a numbered list left aside.
    pub(super) fn topics(&self, block: usize) -> Topics {
        Topics::from_bits(self.listed(block).0)
    }

    /// The topics of the line as a whole and of its start.
    fn listed(&self, block: usize) -> (u32, u32) {
        self.all_listed().of(block)
    }

    fn all_listed(&self) -> &Listed {
        self.reading.listed.get_or_init(|| {
            let both = |block: usize| (self.look_up(block).bits(), self.look_up_start(block).bits());
            Listed::new((0..self.len()).map(both))
        })
    }

    /// Whether the word lists have any line of the page under one of these topics, as a whole or by its start.
    pub(super) fn has_any(&self, topics: Topics) -> bool {
        let any = self.all_listed().any;
        Topics::from_bits(any.0 | any.1).has_any(topics)
    }

    fn look_up(&self, block: usize) -> Topics {
        match self.line(block) {
            line if line.chars > PHRASE_CHARS => Topics::default(),
            line if line.digits > 0 && line.digits < 3 => match without_number(self.text(block)) {
                Some(bare) => self.lexicon.topics(key(bare)),
                None => self.lexicon.topics(line.key),
            },
            line => self.lexicon.topics(line.key),
        }
    }

    fn look_up_start(&self, block: usize) -> Topics {
        match self.line(block) {
            line if line.words == 0 || line.chars > START_CHARS => Topics::default(),
            _ => self.start(block).map_or(Topics::default(), |(topics, _)| topics),
        }
    }

    /// Whether the word lists have the whole line under a topic.
    pub(super) fn is(&self, block: usize, topic: Topic) -> bool {
        self.topics(block).has(topic)
    }

    /// Whether the line starts with a phrase of a topic, bullets left aside.
    pub(super) fn starts(&self, block: usize, topic: Topic) -> bool {
        self.topics_of_start(block).has(topic)
    }

    /// The topics of the phrase that the line starts with, bullets left aside.
    pub(super) fn topics_of_start(&self, block: usize) -> Topics {
        Topics::from_bits(self.listed(block).1)
    }

    /// The topics of the phrase that the line starts with, and the bytes of the folded line up to the
    /// phrase's end.
    pub(super) fn start(&self, block: usize) -> Option<(Topics, usize)> {
        let folded = self.reading.folded(block);
        let bare = match folded.as_bytes().first() {
            Some(first) if first.is_ascii_alphanumeric() => folded,
            _ => folded.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '©' | '(')),
        };
        let (topics, bytes) = self.lexicon.starts(bare)?;
        Some((topics, folded.len() - bare.len() + bytes))
    }

    /// Whether the line counts something of a topic: `12 comments`, `Comments (3)`.
    pub(super) fn counts_of(&self, block: usize, topic: Topic) -> bool {
        let line = self.line(block);
        if line.digits == 0 || line.letters == 0 || line.chars > 40 {
            return false;
        }
        let folded = self.reading.folded(block);
        let label = folded.trim_matches(|c: char| !c.is_alphabetic());
        !label.chars().any(char::is_numeric) && self.lexicon.topics(key(label)).has(topic)
    }

    /// Whether a blank line, or the start of the page, stands before a line.
    pub(super) fn after_gap(&self, block: usize) -> bool {
        self.reading.page.blocks[block].place.after_gap
    }

    /// The words of running prose in some lines.
    pub(super) fn prose_words(&self, lines: Range<usize>) -> u64 {
        let prose = lines.map(|block| self.line(block)).filter(|line| is_prose(line));
        prose.map(|line| u64::from(line.words)).sum()
    }

    /// The words of those of some lines that stay.
    pub(super) fn staying_words(&self, marks: &Marks, lines: Range<usize>) -> u64 {
        lines.filter(|&block| marks.stays(block)).map(|block| u64::from(self.line(block).words)).sum()
    }

    /// The maximal runs of lines that a test holds for.
    pub(super) fn runs(&self, test: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        let mut start = None;
        for block in 0..self.len() {
            match (test(block), start) {
                (true, None) => start = Some(block),
                (false, Some(from)) => {
                    runs.push(from..block);
                    start = None;
                }
                _ => {}
            }
        }
        runs.extend(start.map(|from| from..self.len()));
        runs
    }
}
