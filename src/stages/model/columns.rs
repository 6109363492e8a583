//! A page as columns of small numbers, one column a feature, one row a line.
//!
//! Columns are padded at both ends, so a tree that asks for the line three above reads the same
//! column three rows earlier: neighbours cost nothing to compute.

mod own;
mod page;
mod prose;
mod repeats;
mod runs;
mod vocabulary;

use super::dom_features::{DomFeatures, UP};
use super::facts::{Facts, LineFacts, LineStart};
use super::lexicon::CONCEPTS;
use crate::page::markup::Markup;
pub use own::word_score;

/// Rows of padding before the first line and, at least, after the last.
pub const PAD: usize = 16;
/// Lines are evaluated this many at a time.
pub const LANES: usize = 64;
/// Values of a column are below this.
pub const LEVELS: usize = 64;

/// The columns of one page.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    cells: Vec<u8>,
    stride: usize,
    lines: usize,
}

impl Columns {
    /// Columns of zeros for a page of `lines` lines: so many of them, from the first on.
    pub fn zeros(lines: usize, columns: usize) -> Columns {
        let stride = lines.next_multiple_of(LANES) + 2 * PAD;
        Columns { cells: vec![0; stride * columns], stride, lines }
    }

    /// How many lines the page has.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// A column's values, one a line.
    pub fn column(&self, column: usize) -> &[u8] {
        let start = column * self.stride + PAD;
        &self.cells[start..start + self.lines]
    }

    /// A column's values, to be written.
    pub fn column_mut(&mut self, column: usize) -> &mut [u8] {
        let start = column * self.stride + PAD;
        &mut self.cells[start..start + self.lines]
    }

    /// Writes columns together, line after line: `values` has one for each of them.
    #[inline(always)]
    pub(super) fn write<const N: usize>(&mut self, columns: [Column; N], mut values: impl FnMut(usize) -> [u8; N]) {
        let starts = columns.map(|column| column.place() * self.stride + PAD);
        for from in (0..self.lines).step_by(LANES) {
            // Blocks of known sizes need no checks of bounds. What is behind the last line stays 0.
            let mut block = [[0; LANES]; N];
            for lane in 0..LANES.min(self.lines - from) {
                for (of_column, value) in block.iter_mut().zip(values(from + lane)) {
                    of_column[lane] = value;
                }
            }
            for (start, of_column) in starts.iter().zip(&block) {
                self.cells[start + from..][..LANES].copy_from_slice(of_column);
            }
        }
    }

    /// The same from the last line to the first.
    #[inline(always)]
    pub(super) fn write_backwards<const N: usize>(
        &mut self,
        columns: [Column; N],
        mut values: impl FnMut(usize) -> [u8; N],
    ) {
        let starts = columns.map(|column| column.place() * self.stride + PAD);
        for from in (0..self.lines).step_by(LANES).rev() {
            let mut block = [[0; LANES]; N];
            for lane in (0..LANES.min(self.lines - from)).rev() {
                for (of_column, value) in block.iter_mut().zip(values(from + lane)) {
                    of_column[lane] = value;
                }
            }
            for (start, of_column) in starts.iter().zip(&block) {
                self.cells[start + from..][..LANES].copy_from_slice(of_column);
            }
        }
    }

    /// The values from line `shift` on, in so many blocks of a power of two up to [`LANES`]; those beyond the page are 0.
    #[inline(always)]
    pub fn all_lanes<const WIDTH: usize>(&self, column: usize, shift: i8, blocks: usize) -> &[[u8; WIDTH]] {
        let start = column * self.stride + PAD.wrapping_add_signed(isize::from(shift));
        &self.cells[start..start + blocks * WIDTH].as_chunks().0[..blocks]
    }

    pub(super) fn set(&mut self, column: Column, line: usize, value: u8) {
        self.cells[column.place() * self.stride + PAD + line] = value;
    }
}

macro_rules! columns {
    ($($name:ident $reach:literal,)* ; $($place:ident $place_reach:literal,)*) => {
        /// A column that does not stand for a concept; those of markup stand behind those of text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Column { $($name,)* $($place,)* }
        const NAMES: &[&str] = &[$(stringify!($name),)* $(stringify!($place),)*];
        const REACH: &[i8] = &[$($reach,)* $($place_reach,)*];
        const OF_TEXT: usize = [$(stringify!($name),)*].len();
    };
}

// Each with the furthest neighbour that a tree may ask for.
columns! {
    Words 8, Chars 3, WordLength 4, Capitals 8, Upper 3, DigitShare 4, MarkShare 4, StopShare 6, StopCount 3,
    StopsToProse 6, KnownShare 2, WordScore 8, End 8, Start 8, Indent 8, Gap 8, ProseWords 8,
    Comma 3, StopMark 4, Colon 2, Separator 2, Quote 3, Bracket 2, Money 4, Code 2, Dash 2, Symbol 2, Glue 2,
    Ampersand 2, Rights 2, Mixed 2, Number 3, Loud 3,
    KeyCount 4, KeyBefore 2, KeyLater 2, TwinRun 4, MaskedCount 3, FirstWordCount 3, LastWordCount 3,
    ShapeCount 3, ShapeNear 3, ShapeRun 2,
    InProse 4, InProseMean 2, Rare 4, NearWords 2,
    GroupLines 1, GroupIndex 0, GroupWords 1, GroupMean 1, GroupBefore 0, GroupAfter 0,
    ShortRun 1, ShortIndex 0, BulletRun 1, BulletIndex 0, BulletMean 1,
    WordsBefore4 0, WordsAfter4 0, WordsBefore16 0, WordsAfter16 0,
    SentencesBefore4 0, SentencesAfter4 0, SentencesBefore16 0, SentencesAfter16 0,
    BulletsBefore4 0, BulletsAfter4 0, BulletsBefore16 0, BulletsAfter16 0,
    CapitalsBefore4 0, CapitalsAfter4 0, CapitalsBefore16 0, CapitalsAfter16 0,
    DatesBefore4 0, DatesAfter4 0, DatesBefore16 0, DatesAfter16 0,
    Dated 4, OrdinalRun 1, SinceSpoken 0, TillSpoken 0, SpokenSinceProse 0, SpokenTillProse 0,
    SinceProse 0, TillProse 0, ProseAbove 0, ProseBelow 0, ProseBeforeShare 0, RunSide 0, RunDistance 0,
    RunShare 0, OwnRunWords 0,
    Line 0, LineFromEnd 0, LinePlace 0, WordPlace 0, GapsBefore 0,
    PageLines 0, PageWords 0, PageProse 0, PageProseLines 0, PageBullets 0, PageMean 0, PageTwins 0,
    PageCapitals 0, PageMoney 0, PageNumbers 0, PageQuestions 0, PageGaps 0, PageShape 0, PageKnown 0,
    PageStops 0, PageIndent 0, PageDates 0,
    First 8, FirstNear 0, FirstBefore8 0, FirstAfter8 0, FirstBefore32 0, FirstAfter32 0, FirstPage 0,
    FirstShape 0, FirstTwin 0, FirstGroup 0, FirstRank 0, FirstVocabulary 0, FirstMasked 0, FirstSince 0, FirstTill 0,
    FirstMassBefore 0, FirstExpected 0,
    ;
    Kind 4, KindLevel 2, Continues 2, Depth 2, LinkShare 6, Unlinked 4, SinceHeading 0, HeadingAbove 0,
    InNav 0, InHeader 0, InFooter 0, InAside 0, InArticle 0, InMain 0, InForm 0, InHidden 1, InUnspoken 0,
    InNoscript 0, InList 1, InTable 1, InQuote 0, InFigure 1, InDialog 0, InDetails 0, InSection 0,
    UpLinks0 1, UpLinks1 0, UpLinks2 0, UpLinks3 0, UpChars0 1, UpChars1 0, UpChars2 0, UpChars3 0,
    UpBlocks0 1, UpBlocks1 0, UpBlocks2 0, UpBlocks3 0, UpProse0 0, UpProse1 0, UpProse2 0, UpProse3 0,
    UpDensity0 0, UpDensity1 0, UpDensity2 0, UpDensity3 0,
    MainBelow 1, MainBeside 1, Siblings0 1, Siblings1 0, Siblings2 0, Side0 0, Side1 0, Side2 0, NamedBlocks 1, NamedProse 1, NamedLinks 0,
    NameOwn 2, NameNear 2, NameAll 1, NameWorst 1, NameBest 0, NameKnown 0,
    OwnLink 6, SideDates0 0, SideDates1 0, SideDates2 0, SideLinks0 0, SideLinks1 0, SideLinks2 0,
    TitleSide 0, SinceTitle 0, TitleWords 2, PageDeclared 0,
    PageLinks 0, PageArticles 0, PageMain 0, PageParagraphs 0, PageTables 0,
    FirstUp0 0, FirstUp1 0, FirstUp2 0, FirstUp3 0, FirstNamed 0,
}

/// The first column of the concepts: whether the line speaks of it.
pub const CONCEPT: usize = OF_TEXT;
/// The first column of the page's share of lines that speak of a concept.
pub const PAGE_CONCEPT: usize = CONCEPT + CONCEPTS;
/// How many columns there are of plain text: they come first.
pub const TEXT_COLUMNS: usize = PAGE_CONCEPT + CONCEPTS;
/// How many columns there are of an HTML page.
pub const COLUMNS: usize = NAMES.len() + 2 * CONCEPTS;

impl Column {
    /// Its place among the columns.
    pub fn place(self) -> usize {
        match self as usize {
            column if column < OF_TEXT => column,
            column => column + 2 * CONCEPTS,
        }
    }
}

/// Whether a column holds what the first pass said; the first pass itself must not ask for it.
pub fn is_second(column: usize) -> bool {
    (Column::First.place()..=Column::FirstExpected.place()).contains(&column) || column >= Column::FirstUp0.place()
}

/// The name of a column.
pub fn name(column: usize) -> String {
    match column {
        column if column < CONCEPT => NAMES[column].to_owned(),
        column if column < PAGE_CONCEPT => format!("Concept{}", column - CONCEPT),
        column if column < TEXT_COLUMNS => format!("PageConcept{}", column - PAGE_CONCEPT),
        column => NAMES[column - 2 * CONCEPTS].to_owned(),
    }
}

/// How far from the line itself a tree may look in a column.
pub fn reach(column: usize) -> i8 {
    match column {
        column if column < CONCEPT => REACH[column],
        column if column < PAGE_CONCEPT => 3,
        column if column < TEXT_COLUMNS => 0,
        column => REACH[column - 2 * CONCEPTS],
    }
}

/// A count as one of [`LEVELS`] levels: exact below 16, four levels a doubling above.
#[inline]
pub fn level(count: u32) -> u8 {
    const FEW: [u8; 512] = {
        let mut levels = [0; 512];
        let mut count = 0;
        while count < levels.len() {
            levels[count] = level_of(count as u32);
            count += 1;
        }
        levels
    };
    FEW.get(count as usize).copied().unwrap_or_else(|| level_of(count))
}

const fn level_of(count: u32) -> u8 {
    if count < 16 {
        return count as u8;
    }
    let octave = 31 - count.leading_zeros();
    let level = 16 + (octave - 4) * 4 + (count >> (octave - 2) & 3);
    if level < LEVELS as u32 { level as u8 } else { LEVELS as u8 - 1 }
}

/// `part` of `whole` as one of [`LEVELS`] levels.
#[inline]
pub fn share(part: u32, whole: u32) -> u8 {
    const MOST: u32 = LEVELS as u32 - 1;
    match (whole, part.checked_mul(MOST)) {
        (0, _) => 0,
        (_, Some(product)) => (product / whole).min(MOST) as u8,
        (_, None) => (u64::from(part) * u64::from(MOST) / u64::from(whole)).min(u64::from(MOST)) as u8,
    }
}

/// What the second pass needs of the first one's reading of the page.
#[derive(Debug, Default, Clone)]
pub struct Groups {
    /// For every line the line of the same key that comes next, in a ring.
    pub twin: Vec<u32>,
    /// For every line the number of its shape.
    pub shape: Vec<u32>,
    /// For every line the number of its masked key.
    pub masked: Vec<u32>,
    /// For every line the number of its group: lines without a blank one between.
    pub group: Vec<u32>,
    /// How many shapes, masked keys, groups there are.
    pub counts: [usize; 3],
    /// For every line the elements around it, from the inside out; empty for plain text, as all that follows.
    pub up: Vec<[u32; UP]>,
    /// For every element the one it stands in.
    pub parents: Vec<Option<u32>>,
    /// For every line the innermost element around it.
    pub element: Vec<u32>,
    /// For every line the number of the names of the two elements around it.
    pub named: Vec<u32>,
    /// How many such names there are.
    pub names: usize,
}

fn is_bullet(fact: &LineFacts) -> bool {
    fact.start == LineStart::Bullet
}

impl Columns {
    /// Computes so many columns, from the first on, all but those of the second pass and of the names of elements.
    pub fn of(facts: &Facts, markup: Option<(&Markup, &DomFeatures)>, count: usize) -> (Columns, Groups) {
        let mut columns = Columns::zeros(facts.lines.len(), count);
        let mut groups = Groups::default();
        if facts.lines.is_empty() {
            return (columns, groups);
        }
        let prose: Vec<u32> = facts.lines.iter().map(|fact| if fact.is_prose() { fact.words } else { 0 }).collect();
        columns.write_lines(facts, &prose);
        columns.write_repeats(facts, &mut groups);
        columns.write_vocabulary(facts, &prose);
        columns.write_runs(facts, &mut groups);
        columns.write_windows(facts);
        columns.write_numbers(facts);
        columns.write_spoken(facts, &prose);
        columns.write_prose(facts, &prose);
        columns.write_page(facts, &prose);
        if let Some((markup, places)) = markup.filter(|_| count == COLUMNS) {
            columns.write_places(facts, markup, places, &mut groups);
        }
        (columns, groups)
    }

    /// Of a page there is one value a column, so that many levels would tell pages apart by name: there are eight.
    pub(super) fn set_page(&mut self, column: Column, value: u8) {
        self.column_mut(column.place()).fill(value & !7);
    }
}
