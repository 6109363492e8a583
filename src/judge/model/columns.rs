//! A page as columns of small numbers, one column a feature, one row a line.
//!
//! Columns are padded at both ends, so a tree that asks for the line three above reads the same
//! column three rows earlier: neighbours cost nothing to compute.

use super::facts::{Facts, LineFacts, LineStart, Mark};
use super::lexicon::CONCEPTS;
use super::numbering::Numbering;
use super::places::{Places, UP};
use crate::line::LineEnd;
use crate::page::markup::Markup;

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

    /// The values from line `shift` on, in so many blocks of [`LANES`]; those beyond the page are 0.
    #[inline]
    pub fn all_lanes(&self, column: usize, shift: i8, blocks: usize) -> &[[u8; LANES]] {
        let start = column * self.stride + PAD.wrapping_add_signed(isize::from(shift));
        self.cells[start..start + blocks * LANES].as_chunks().0
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
    SinceProse 0, TillProse 0, ProseAbove 0, ProseBelow 0, ProseBeforeShare 0, RunSide 0, RunDistance 0,
    RunShare 0, OwnRunWords 0,
    Line 0, LineFromEnd 0, LinePlace 0, WordPlace 0, GapsBefore 0,
    PageLines 0, PageWords 0, PageProse 0, PageProseLines 0, PageBullets 0, PageMean 0, PageTwins 0,
    PageCapitals 0, PageMoney 0, PageNumbers 0, PageQuestions 0, PageGaps 0, PageShape 0, PageKnown 0,
    PageStops 0, PageIndent 0,
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

/// A signed sum as a level around the middle.
fn centred(value: i32) -> u8 {
    (value + LEVELS as i32 / 2).clamp(0, LEVELS as i32 - 1) as u8
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

/// The shape of a line: lines of one list have the same.
fn shape(fact: &LineFacts) -> u32 {
    let words = match fact.words {
        0..=1 => fact.words,
        2..=3 => 2,
        4..=7 => 3,
        8..=15 => 4,
        16..=31 => 5,
        _ => 6,
    };
    let start = match fact.start {
        LineStart::Bullet => 1,
        LineStart::Digit => 2,
        LineStart::Upper | LineStart::Caseless | LineStart::Lower => 3,
        _ => 4,
    };
    let digits = u32::from(fact.digits > 0) + u32::from(fact.digits * 2 > fact.chars);
    let gap = fact.gap.min(1);
    let money = u32::from(fact.count(Mark::Money) > 0);
    ((((words * 5 + start) * 5 + u32::from(fact.end)) * 3 + digits) * 2 + gap) * 2 + money + 1000 * fact.indent.min(9)
}

fn is_bullet(fact: &LineFacts) -> bool {
    fact.start == LineStart::Bullet
}

fn is_sentence(fact: &LineFacts) -> bool {
    fact.end == LineEnd::Sentence as u8 && fact.words >= 4
}

impl Columns {
    /// Computes so many columns, from the first on, all but those of the second pass and of the names of elements.
    pub fn of(facts: &Facts, markup: Option<(&Markup, &Places)>, count: usize) -> (Columns, Groups) {
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
        columns.write_prose(facts, &prose);
        columns.write_page(facts, &prose);
        if let Some((markup, places)) = markup.filter(|_| count == COLUMNS) {
            columns.write_places(facts, markup, places, &mut groups);
        }
        (columns, groups)
    }

    fn write_lines(&mut self, facts: &Facts, prose: &[u32]) {
        let (mut prose_stops, mut prose_words) = (0, 0);
        for (fact, &prose) in facts.lines.iter().zip(prose) {
            if prose > 0 {
                prose_stops += fact.stops;
                prose_words += fact.words;
            }
        }
        let usual = (prose_stops * 256).checked_div(prose_words).unwrap_or(100).max(16);
        for (line, fact) in facts.lines.iter().enumerate() {
            let marks = fact.chars.saturating_sub(fact.letters + fact.digits);
            let mut set = |column, value| self.set(column, line, value);
            set(Column::Words, level(fact.words));
            set(Column::Chars, level(fact.chars));
            set(Column::WordLength, (fact.letters * 4).checked_div(fact.words).unwrap_or(0).min(63) as u8);
            set(Column::Capitals, share(fact.capitals, fact.words));
            set(Column::Upper, share(fact.upper, fact.letters));
            set(Column::DigitShare, share(fact.digits, fact.chars));
            set(Column::MarkShare, share(marks, fact.chars));
            set(Column::StopShare, share(fact.stops, fact.words));
            set(Column::StopCount, level(fact.stops));
            set(
                Column::StopsToProse,
                (fact.stops * 256 * 32 / usual).checked_div(fact.words).unwrap_or(0).min(63) as u8,
            );
            set(Column::WordScore, word_score(fact.weight, fact.known));
            set(Column::End, fact.end);
            set(Column::Start, fact.start as u8);
            set(Column::Indent, fact.indent.min(63) as u8);
            set(Column::Gap, fact.gap.min(63) as u8);
            set(Column::ProseWords, level(prose[line]));
            for (mark, &count) in fact.marks.iter().enumerate() {
                let start = (Column::Comma as usize + mark) * self.stride + PAD;
                self.cells[start + line] = level(u32::from(count));
            }
            let mut concepts = fact.concepts;
            while concepts != 0 {
                let concept = concepts.trailing_zeros() as usize;
                self.cells[(CONCEPT + concept) * self.stride + PAD + line] = 1;
                concepts &= concepts - 1;
            }
        }
    }

    fn write_repeats(&mut self, facts: &Facts, groups: &mut Groups) {
        let lines = facts.lines.len();
        let number_all = |hash: &dyn Fn(&LineFacts) -> u32| {
            let mut numbering = Numbering::for_at_most(lines);
            let numbers: Vec<u32> = facts.lines.iter().map(|fact| numbering.number(hash(fact))).collect();
            let mut counts = vec![0u32; numbering.count()];
            for &number in &numbers {
                counts[number as usize] += 1;
            }
            (numbers, counts)
        };
        let (keys, key_counts) = number_all(&|fact| fact.key as u32);
        let (masked, masked_counts) = number_all(&|fact| fact.masked_key);
        let (shapes, shape_counts) = number_all(&shape);
        let (firsts, first_counts) =
            number_all(&|fact| fact.words_in(&facts.words).first().copied().unwrap_or(fact.start as u32));
        let (lasts, last_counts) =
            number_all(&|fact| fact.words_in(&facts.words).last().copied().unwrap_or(fact.end.into()));
        // A ring through the lines of each key.
        let mut last_seen = vec![u32::MAX; key_counts.len()];
        let mut first_seen = vec![u32::MAX; key_counts.len()];
        let mut seen = vec![0u32; key_counts.len()];
        groups.twin = (0..lines as u32).collect();
        for line in 0..lines {
            let key = keys[line] as usize;
            if last_seen[key] == u32::MAX {
                first_seen[key] = line as u32;
            } else {
                groups.twin[last_seen[key] as usize] = line as u32;
            }
            groups.twin[line] = first_seen[key];
            last_seen[key] = line as u32;
            self.set(Column::KeyCount, line, level(key_counts[key]));
            self.set(Column::KeyBefore, line, level(seen[key]));
            seen[key] += 1;
            self.set(Column::KeyLater, line, level(key_counts[key] - seen[key]));
            self.set(Column::MaskedCount, line, level(masked_counts[masked[line] as usize]));
            self.set(Column::FirstWordCount, line, level(first_counts[firsts[line] as usize]));
            self.set(Column::LastWordCount, line, level(last_counts[lasts[line] as usize]));
            let shape = shapes[line];
            self.set(Column::ShapeCount, line, level(shape_counts[shape as usize]));
            let near = shapes[line.saturating_sub(6)..(line + 7).min(lines)].iter().filter(|&&other| other == shape);
            self.set(Column::ShapeNear, line, near.count() as u8);
        }
        // Runs whose lines all stand in the same order elsewhere: a menu printed twice.
        let mut start = 0;
        while start < lines {
            let mut end = start + 1;
            if key_counts[keys[start] as usize] > 1 {
                while end < lines && groups.twin[end - 1] + 1 == groups.twin[end] {
                    end += 1;
                }
                let run = level((end - start) as u32);
                (start..end).for_each(|line| self.set(Column::TwinRun, line, run));
            }
            start = end;
        }
        let mut start = 0;
        while start < lines {
            let mut end = start + 1;
            while end < lines && shapes[end] == shapes[start] {
                end += 1;
            }
            let run = level((end - start) as u32);
            (start..end).for_each(|line| self.set(Column::ShapeRun, line, run));
            start = end;
        }
        self.set_page(Column::PageShape, level(shape_counts.len() as u32));
        let twins = key_counts.iter().filter(|&&count| count > 1).sum::<u32>();
        self.set_page(Column::PageTwins, share(twins, lines as u32));
        groups.counts[0] = shape_counts.len();
        groups.counts[1] = masked_counts.len();
        groups.shape = shapes;
        groups.masked = masked;
    }

    /// How much a line's words are those of the page's prose, and of the lines around it.
    fn write_vocabulary(&mut self, facts: &Facts, prose: &[u32]) {
        #[derive(Clone, Copy)]
        struct Word {
            lines: u16,
            prose: u16,
            last_line: u32,
        }
        let mut words = vec![Word { lines: 0, prose: 0, last_line: u32::MAX }; facts.distinct.len()];
        for (line, fact) in (0..).zip(&facts.lines) {
            let own = u16::from(prose[line as usize] > 0);
            let mut near = 0;
            for &number in fact.words_in(&facts.numbers) {
                let word = &mut words[number as usize];
                if word.last_line != line {
                    // Up to eight lines above; no line is as far away as the one that was never seen.
                    near += u32::from(line.wrapping_sub(word.last_line.wrapping_add(1)) < 8 && word.lines > 0);
                    word.last_line = line;
                    word.lines = word.lines.saturating_add(1);
                    word.prose = word.prose.saturating_add(own);
                }
            }
            self.set(Column::NearWords, line as usize, share(near, fact.hashed));
        }
        let prose_lines = prose.iter().filter(|&&words| words > 0).count() as u32;
        // What a word adds to four sums, each of sixteen bits, in a line that is not prose and in one that is: that it
        // counts, that other prose has it, how much of it, that no other line has it.
        let adds: Vec<[u64; 2]> = words
            .iter()
            .map(|word| {
                // Words that a third of the prose has are its function words.
                if u32::from(word.prose) * 3 > prose_lines && prose_lines > 5 {
                    return [0; 2];
                }
                [0, 1].map(|own| {
                    let elsewhere = u64::from(word.prose.saturating_sub(own));
                    1 | u64::from(elsewhere > 0) << 16 | elsewhere.min(8) << 32 | u64::from(word.lines == 1) << 48
                })
            })
            .collect();
        for (line, fact) in facts.lines.iter().enumerate() {
            let own = usize::from(prose[line] > 0);
            let (mut content, mut in_prose, mut depth, mut rare) = (0u32, 0u32, 0u32, 0u32);
            // So few words that no sum runs over.
            for words in fact.words_in(&facts.numbers).chunks(4096) {
                let sums: u64 = words.iter().map(|&word| adds[word as usize][own]).sum();
                let sum = |of: u32| (sums >> (16 * of)) as u32 & 0xFFFF;
                (content, in_prose, depth, rare) = (content + sum(0), in_prose + sum(1), depth + sum(2), rare + sum(3));
            }
            self.set(Column::InProse, line, if content > 0 { 1 + share(in_prose, content).min(62) } else { 0 });
            self.set(Column::InProseMean, line, (depth * 8).checked_div(content).unwrap_or(0).min(63) as u8);
            self.set(Column::Rare, line, if content > 0 { 1 + share(rare, content).min(62) } else { 0 });
        }
    }

    fn write_runs(&mut self, facts: &Facts, groups: &mut Groups) {
        let lines = &facts.lines;
        groups.group = vec![0; lines.len()];
        let mut start = 0;
        let mut group = 0;
        let mut words_before = 0;
        while start < lines.len() {
            let mut end = start + 1;
            while end < lines.len() && lines[end].gap == 0 {
                end += 1;
            }
            let length = (end - start) as u32;
            let words: u32 = lines[start..end].iter().map(|fact| fact.words).sum();
            for line in start..end {
                groups.group[line] = group;
                self.set(Column::GroupLines, line, level(length));
                self.set(Column::GroupIndex, line, level((line - start) as u32));
                self.set(Column::GroupWords, line, level(words));
                self.set(Column::GroupMean, line, level(words * 2 / length));
                self.set(Column::GroupBefore, line, level(words_before));
            }
            if start > 0 {
                let mut line = start;
                while line > 0 && groups.group[line - 1] == group - 1 {
                    line -= 1;
                    self.set(Column::GroupAfter, line, level(words));
                }
            }
            words_before = words;
            start = end;
            group += 1;
        }
        groups.counts[2] = group as usize;
        self.set_page(Column::PageGaps, share(group, lines.len() as u32));
        self.write_run(lines, |fact| fact.words <= 6, Column::ShortRun, Column::ShortIndex, None);
        self.write_run(lines, is_bullet, Column::BulletRun, Column::BulletIndex, Some(Column::BulletMean));
    }

    fn write_run(
        &mut self,
        lines: &[LineFacts],
        belongs: impl Fn(&LineFacts) -> bool,
        length: Column,
        index: Column,
        mean: Option<Column>,
    ) {
        let mut start = 0;
        while start < lines.len() {
            if !belongs(&lines[start]) {
                start += 1;
                continue;
            }
            let mut end = start + 1;
            while end < lines.len() && belongs(&lines[end]) {
                end += 1;
            }
            let count = (end - start) as u32;
            let words: u32 = lines[start..end].iter().map(|fact| fact.words).sum();
            for line in start..end {
                self.set(length, line, level(count));
                self.set(index, line, level((line - start) as u32));
                if let Some(mean) = mean {
                    self.set(mean, line, level(words * 2 / count));
                }
            }
            start = end;
        }
    }

    fn write_windows(&mut self, facts: &Facts) {
        let count = facts.lines.len();
        let mut sums = vec![[0u32; 4]; count + 1];
        for (line, fact) in facts.lines.iter().enumerate() {
            let sum = sums[line];
            sums[line + 1] = [
                sum[0] + fact.words.min(200),
                sum[1] + u32::from(is_sentence(fact)),
                sum[2] + u32::from(is_bullet(fact)),
                sum[3] + u32::from(fact.capitals * 3 > fact.words * 2),
            ];
        }
        let firsts = [Column::WordsBefore4, Column::SentencesBefore4, Column::BulletsBefore4, Column::CapitalsBefore4];
        for line in 0..count {
            for (kind, &first) in firsts.iter().enumerate() {
                for (step, width) in [4, 16].into_iter().enumerate() {
                    let (from, to) = (line.saturating_sub(width), (line + 1 + width).min(count));
                    let before = sums[line][kind] - sums[from][kind];
                    let after = sums[to][kind] - sums[line + 1][kind];
                    let (before, after) = match kind {
                        0 => (level(before / (width as u32 / 4)), level(after / (width as u32 / 4))),
                        _ => (before as u8, after as u8),
                    };
                    let place = (first as usize + 2 * step) * self.stride + PAD + line;
                    self.cells[place] = before;
                    self.cells[place + self.stride] = after;
                }
            }
        }
    }

    fn write_prose(&mut self, facts: &Facts, prose: &[u32]) {
        let count = prose.len();
        let total: u32 = prose.iter().sum();
        // The longest stretch of prose, at most three other lines between.
        let (mut best, mut best_words) = (0..0, 0);
        let (mut start, mut end, mut words) = (0, 0, 0);
        let mut run_words = vec![0u32; count];
        let mut stretches = Vec::new();
        for (line, &prose) in prose.iter().enumerate() {
            if prose == 0 {
                continue;
            }
            if words > 0 && line - end > 4 {
                stretches.push((start..end, words));
                words = 0;
            }
            if words == 0 {
                start = line;
            }
            words += prose;
            end = line + 1;
        }
        if words > 0 {
            stretches.push((start..end, words));
        }
        for (stretch, words) in stretches {
            run_words[stretch.clone()].fill(words);
            if words > best_words {
                (best, best_words) = (stretch, words);
            }
        }
        let (mut since, mut above, mut before) = (u32::MAX, 0, 0);
        for line in 0..count {
            self.set(Column::SinceProse, line, if since == u32::MAX { 63 } else { level(since).min(62) });
            self.set(Column::ProseAbove, line, level(above));
            self.set(Column::ProseBeforeShare, line, share(before, total));
            before += prose[line];
            if prose[line] > 0 {
                (since, above) = (0, prose[line]);
            } else {
                since = since.saturating_add(1);
            }
            let (side, distance) = if best_words == 0 {
                (0, 0)
            } else if line < best.start {
                (1, best.start - line)
            } else if line < best.end {
                (2, 0)
            } else {
                (3, line + 1 - best.end)
            };
            self.set(Column::RunSide, line, side);
            self.set(Column::RunDistance, line, level(distance as u32));
            self.set(Column::OwnRunWords, line, level(run_words[line]));
        }
        self.set_page(Column::RunShare, share(best_words, facts.lines.iter().map(|fact| fact.words).sum()));
        let (mut till, mut below) = (u32::MAX, 0);
        for line in (0..count).rev() {
            self.set(Column::TillProse, line, if till == u32::MAX { 63 } else { level(till).min(62) });
            self.set(Column::ProseBelow, line, level(below));
            if prose[line] > 0 {
                (till, below) = (0, prose[line]);
            } else {
                till = till.saturating_add(1);
            }
        }
    }

    fn write_page(&mut self, facts: &Facts, prose: &[u32]) {
        let lines = &facts.lines;
        let count = lines.len() as u32;
        let words: u32 = lines.iter().map(|fact| fact.words).sum();
        let (mut words_before, mut gaps_before) = (0, 0);
        for (line, fact) in lines.iter().enumerate() {
            self.set(Column::Line, line, level(line as u32));
            self.set(Column::LineFromEnd, line, level(count - 1 - line as u32));
            self.set(Column::LinePlace, line, share(line as u32, count));
            self.set(Column::WordPlace, line, share(words_before, words));
            gaps_before += u32::from(fact.gap > 0);
            self.set(Column::GapsBefore, line, level(gaps_before));
            words_before += fact.words;
        }
        let lines_that = |is: &dyn Fn(&LineFacts) -> bool| lines.iter().filter(|fact| is(fact)).count() as u32;
        self.set_page(Column::PageLines, level(count));
        self.set_page(Column::PageWords, level(words));
        self.set_page(Column::PageProse, share(prose.iter().sum(), words));
        self.set_page(Column::PageProseLines, level(prose.iter().filter(|&&words| words > 0).count() as u32));
        self.set_page(Column::PageBullets, share(lines_that(&is_bullet), count));
        self.set_page(Column::PageMean, level(words * 2 / count));
        self.set_page(Column::PageCapitals, share(lines_that(&|fact| fact.capitals * 3 > fact.words * 2), count));
        self.set_page(Column::PageMoney, level(lines_that(&|fact| fact.count(Mark::Money) > 0)));
        self.set_page(Column::PageNumbers, share(lines_that(&|fact| fact.digits > 0), count));
        self.set_page(Column::PageQuestions, level(lines_that(&|fact| fact.count(Mark::Loud) > 0)));
        self.set_page(Column::PageIndent, share(lines_that(&|fact| fact.indent > 0), count));
        self.write_known(facts);
        self.set_page(Column::PageStops, share(lines.iter().map(|fact| fact.stops).sum(), words));
        let mut spoken = [0; 64];
        for mut concepts in lines.iter().map(|fact| fact.concepts) {
            while concepts != 0 {
                spoken[concepts.trailing_zeros() as usize] += 1;
                concepts &= concepts - 1;
            }
        }
        for (concept, spoken) in spoken.into_iter().enumerate().take(CONCEPTS) {
            let value = level(spoken * 256 / count) & !7;
            let start = (PAGE_CONCEPT + concept) * self.stride + PAD;
            self.cells[start..start + lines.len()].fill(value);
        }
    }

    /// Writes how many of a line's terms, and of the page's, have a weight.
    pub fn write_known(&mut self, facts: &Facts) {
        let mut all = 0;
        for (line, fact) in facts.lines.iter().enumerate() {
            self.set(Column::KnownShare, line, share(fact.known, fact.hashed * 2));
            all += fact.known;
        }
        self.set_page(Column::PageKnown, share(all, facts.words.len() as u32 * 2));
    }

    /// Of a page there is one value a column, so that many levels would tell pages apart by name: there are eight.
    pub(super) fn set_page(&mut self, column: Column, value: u8) {
        self.column_mut(column.place()).fill(value & !7);
    }
}

/// The level of a line's word score: the sum of its words' weights over the root of their number plus three.
#[inline]
pub fn word_score(weight: i32, known: u32) -> u8 {
    centred(weight * 16 / ((known + 3) * 256).isqrt() as i32)
}
