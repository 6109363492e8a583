//! What of a line is compared between the pages of a site: its sign.
//!
//! Two lines have the same sign where a reader would call them the same line: case, white space, kinds of
//! quotes and dashes, marks at the ends, numbers, months and weekdays are not looked at. So the dateline of
//! Monday is the dateline of Friday, and `12 comments` is `3 comments`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use xxhash_rust::xxh3::xxh3_64;

use crate::line::{LineEnd, PageFeatures, fold, key};
use crate::rules::lexicon::{Lexicon, Topic};

/// What stands for a number in a folded line.
pub const NUMBER: &str = "0";

/// What stands for the name of a month.
pub const MONTH: &str = "‹month›";

/// What stands for the name of a weekday.
pub const WEEKDAY: &str = "‹day›";

/// What stands for any word of a date line: the names of months and days in languages that no list has.
pub const WORD: &str = "‹word›";

/// Words from which a line that ends a sentence counts as running prose, as it does for the judges.
const PROSE_WORDS: u32 = 10;

/// Words up to which a line is looked through for the names of months and days.
const DATE_WORDS: u32 = 16;

/// Words up to which a line that gives a date is nothing but a date line, and its words are not compared.
const DATE_LINE_WORDS: u32 = 8;

/// A line as it is compared: a hash of its folded text, and four facts in the low bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineFingerprint(u64);

const PROSE: u64 = 1 << 0;
const DATED: u64 = 1 << 1;
const BAR: u64 = 1 << 2;
const SENTENCE: u64 = 1 << 3;

impl LineFingerprint {
    /// The edge of a page, seen as a line. No line has this sign.
    pub const EDGE: LineFingerprint = LineFingerprint(0);

    /// The sign of one block.
    pub fn of(reading: &PageFeatures, block: usize) -> LineFingerprint {
        let line = &reading.lines[block];
        let folded = reading.folded(block);
        let (hash, is_dated) = match line.digits > 0 || line.words == 1 {
            true => {
                let level = Levelled::of(folded, line.words);
                (xxh3_64(core(&level.text).as_bytes()), level.is_dated)
            }
            false => (xxh3_64(core(folded).as_bytes()), false),
        };
        let is_prose = line.words >= PROSE_WORDS && line.end == LineEnd::Sentence;
        let is_sentence = line.end == LineEnd::Sentence && line.words > 1;
        let facts = [(is_prose, PROSE), (is_dated, DATED), (is_bar(folded), BAR), (is_sentence, SENTENCE)];
        let facts = facts.into_iter().filter(|(holds, _)| *holds).map(|(_, bit)| bit).sum::<u64>();
        LineFingerprint((hash & !15 | facts).max(16))
    }

    /// A sign that nothing else has, for lines that were left out of a long page.
    pub fn unlike(seed: u64) -> LineFingerprint {
        LineFingerprint(xxh3_64(&seed.to_le_bytes()) & !15 | PROSE | SENTENCE)
    }

    /// Whether the line is running prose.
    pub fn is_prose(self) -> bool {
        self.0 & PROSE != 0
    }

    /// Whether the line ends a sentence, be it a short one.
    pub fn is_sentence(self) -> bool {
        self.0 & SENTENCE != 0
    }

    /// Whether the line gives a date.
    pub fn is_dated(self) -> bool {
        self.0 & DATED != 0
    }

    /// Whether the line is a bar of entries: `Home | News | Contact`.
    pub fn is_bar(self) -> bool {
        self.0 & BAR != 0
    }

    /// The number itself, for tables by key.
    pub fn key(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for LineFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for LineFingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for LineFingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LineFingerprint, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let number = u64::from_str_radix(&text, 16).ok().filter(|_| text.len() == 16);
        number
            .map(LineFingerprint)
            .ok_or_else(|| de::Error::custom(format!("‘{text}’ is no sign: 16 hexadecimal digits")))
    }
}

/// A block's text with all that its sign does not look at levelled.
pub fn levelled(reading: &PageFeatures, block: usize) -> String {
    let line = &reading.lines[block];
    let folded = reading.folded(block);
    match line.digits > 0 || line.words == 1 {
        true => core(&Levelled::of(folded, line.words).text).to_string(),
        false => core(folded).to_string(),
    }
}

/// A folded line without the marks at its ends; the whole of it where there is nothing but marks.
fn core(folded: &str) -> &str {
    let core = folded.trim_matches(|c: char| !c.is_alphanumeric() && c != '›' && c != '‹');
    if core.is_empty() { folded } else { core }
}

fn is_bar(folded: &str) -> bool {
    [" | ", " · ", " • ", " » ", " > ", " › ", " / "].iter().any(|bar| folded.contains(bar))
}

/// A regex for all the ways in which one line is written from page to page: numbers are any numbers, the words of
/// a date that differ are any words. `None` where no number stands in it: then its ways can be listed.
pub fn pattern(ways: &[String]) -> Option<String> {
    let first = tokens(ways.first()?);
    if !first.iter().any(|token| matches!(token, Token::Number { .. })) {
        return None;
    }
    let words = first.iter().filter(|token| matches!(token, Token::Word(_))).count() as u32;
    let dates = Dates::of(&first, words);
    let others: Vec<_> = ways.iter().map(|way| tokens(way)).filter(|tokens| tokens.len() == first.len()).collect();
    let piece = |(at, token): (usize, &Token)| match token {
        Token::Number { ordinal: true, .. } => r"\p{N}+[\p{L}\p{M}]+".into(),
        Token::Number { .. } => r"\p{N}+".into(),
        Token::Word(_) if others.iter().any(|other| !other[at].is_same_word(token)) => r"[\p{L}\p{M}]+".into(),
        Token::Word(_) if dates.names[at].is_some() => r"[\p{L}\p{M}]+".into(),
        Token::Mark(mark) if mark.trim().is_empty() => r"\s+".into(),
        Token::Word(text) | Token::Mark(text) => regex::escape(text),
    };
    let mut pattern: String = first.iter().enumerate().map(piece).collect();
    while pattern.contains(r"\s+\s+") {
        pattern = pattern.replace(r"\s+\s+", r"\s+");
    }
    Some(format!("(?i)^{pattern}$"))
}

/// A folded line with its numbers, months and weekdays levelled.
struct Levelled {
    text: String,
    is_dated: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Number { year: bool, ordinal: bool },
    Word(&'t str),
    Mark(&'t str),
}

impl Token<'_> {
    fn is_same_word(&self, other: &Token) -> bool {
        matches!((self, other), (Token::Word(one), Token::Word(other)) if fold(one) == fold(other))
    }
}

/// What the tokens of a line say of dates.
struct Dates {
    /// What stands for each token that names a month or a day.
    names: Vec<Option<&'static str>>,
    is_dated: bool,
    /// Whether the line is nothing but a date line.
    is_date_line: bool,
}

impl Dates {
    fn of(tokens: &[Token], words: u32) -> Dates {
        let can_be_date = words <= DATE_WORDS;
        let lexicon = Lexicon::embedded();
        let named = |token: &Token| match token {
            // `Mo`, `to`, `So` are days of some language and words of many.
            Token::Word(word) if can_be_date && (word.len() > 2 || !word.is_ascii()) => {
                let topics = lexicon.topics(key(word));
                match (topics.has(Topic::Month), topics.has(Topic::Weekday)) {
                    (true, _) => Some(MONTH),
                    (_, true) => Some(WEEKDAY),
                    _ => None,
                }
            }
            _ => None,
        };
        let names: Vec<Option<&str>> = tokens.iter().map(named).collect();
        let numbers = tokens.iter().filter(|token| matches!(token, Token::Number { .. })).count();
        let has_year = tokens.iter().any(|token| matches!(token, Token::Number { year: true, .. }));
        let has_time = tokens
            .windows(3)
            .any(|window| matches!(window, [Token::Number { .. }, Token::Mark(":"), Token::Number { .. }]));
        let has_name = names.iter().any(Option::is_some);
        let is_dated = can_be_date && numbers > 0 && (has_name || numbers >= 2 && (has_year || has_time));
        Dates { names, is_dated, is_date_line: is_dated && words <= DATE_LINE_WORDS }
    }
}

impl Levelled {
    fn of(folded: &str, words: u32) -> Levelled {
        let tokens = tokens(folded);
        let dates = Dates::of(&tokens, words);
        let text = tokens.iter().zip(dates.names).map(|(token, name)| match (token, name) {
            (Token::Number { .. }, _) => NUMBER,
            (Token::Word(_), _) if dates.is_date_line => WORD,
            (_, Some(name)) => name,
            (Token::Word(text) | Token::Mark(text), None) => text,
        });
        Levelled { text: text.collect(), is_dated: dates.is_dated }
    }
}

fn tokens(folded: &str) -> Vec<Token<'_>> {
    #[derive(PartialEq, Eq, Clone, Copy)]
    enum Kind {
        Digit,
        Letter,
        Mark,
    }
    let kind = |c: char| match c {
        _ if c.is_numeric() => Kind::Digit,
        _ if c.is_alphabetic() => Kind::Letter,
        _ => Kind::Mark,
    };
    let mut tokens = Vec::new();
    let mut rest = folded;
    while let Some(first) = rest.chars().next() {
        let of = kind(first);
        let end = match of {
            Kind::Mark => first.len_utf8(),
            _ => rest.find(|c| kind(c) != of).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        rest = after;
        tokens.push(match of {
            Kind::Digit => {
                // `1st` and `2nd` are numbers as well.
                let ordinal = ["st", "nd", "rd", "th"].iter().find(|suffix| {
                    rest.strip_prefix(**suffix).is_some_and(|after| !after.starts_with(char::is_alphabetic))
                });
                rest = &rest[ordinal.map_or(0, |suffix| suffix.len())..];
                let year = token.len() == 4 && (token.starts_with("19") || token.starts_with("20"));
                Token::Number { year, ordinal: ordinal.is_some() }
            }
            Kind::Letter => Token::Word(token),
            Kind::Mark => Token::Mark(token),
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Block, Page, Place, Source};

    fn with<T>(text: &str, read: impl Fn(&PageFeatures, usize) -> T) -> T {
        let place = Place { line: 1, after_gap: true };
        let page = Page {
            text: text.into(),
            blocks: vec![Block { span: 0..text.len() as u32, place }],
            ..Page::empty(Source { path: "p.txt".into(), record: None })
        };
        read(&PageFeatures::of(&page), 0)
    }

    fn sign(text: &str) -> LineFingerprint {
        with(text, LineFingerprint::of)
    }

    #[test]
    fn dates_numbers_and_counters_are_folded() {
        for (one, other) in [
            ("Monday, 3 March 2024", "FRIDAY, 28 May 2019"),
            ("12 comments", "3 Comments"),
            ("Published 3/4/2024, 9:05", "Published 11/12/2023, 23:59"),
            ("March 1st, 2024", "June 22nd, 2021"),
            ("le 3 mai 2024", "le 14 août 1998"),
            ("Pubblicato: lunedì, 3 marzo 2024", "Pubblicato: sabato, 14 agosto 1998"),
            ("2024年5月3日", "2019年12月31日"),
            ("5. kesäkuuta 2024", "17. elokuuta 2022"),
            ("« Home »", "home"),
            ("Page 1 of 9", "Page 12 of 400"),
        ] {
            assert_eq!(sign(one), sign(other), "{one} / {other}");
        }
        for (one, other) in [("Home", "News"), ("May we help?", "March we help?"), ("A 1", "B 1"), ("***", "---")] {
            assert_ne!(sign(one), sign(other), "{one} / {other}");
        }
    }

    #[test]
    fn a_date_line_is_told_from_a_count() {
        for (text, is_dated) in [
            ("3 March 2024", true),
            ("Published 3.4.2024", true),
            ("Updated 9:05", true),
            ("Updated 2024-05-03 09:05", true),
            ("Serves 4", false),
            ("12 to 14 minutes", false),
            ("2024年5月3日", true),
        ] {
            assert_eq!(sign(text).is_dated(), is_dated, "{text}");
        }
    }

    #[test]
    fn the_levelled_text_is_for_reading() {
        assert_eq!(with("Posted on Friday, 3rd May 2024", levelled), "‹word› ‹word› ‹word›, 0 ‹word› 0");
        assert_eq!(with("May", levelled), "‹month›");
        assert_eq!(with("— Read More —", levelled), "read more");
    }

    #[test]
    fn a_pattern_fits_every_way_of_a_line_and_little_else() {
        let ways = ["Posted: Monday, 3 March 2024".to_string(), "Posted: Friday, 28 May 2019".to_string()];
        let pattern = regex::Regex::new(&pattern(&ways).unwrap()).unwrap();
        for (text, fits) in [
            ("Posted: Sunday, 1 June 1998", true),
            ("Closed: Sunday, 1 June 1998", false),
            ("Posted: Sunday, 1 June 1998, in the evening", false),
        ] {
            assert_eq!(pattern.is_match(text), fits, "{text}");
        }
        assert_eq!(super::pattern(&["Home".to_string()]), None);
    }

    #[test]
    fn signs_survive_being_written_down() {
        let written = serde_json::to_string(&sign("Home")).unwrap();
        assert_eq!(serde_json::from_str::<LineFingerprint>(&written).unwrap(), sign("Home"));
        assert!(serde_json::from_str::<LineFingerprint>("\"home\"").is_err());
    }
}
