//! The words and punctuation marks of a text.
//!
//! Published thresholds were set on the tokens of spaCy's English rules, so these are followed as far as they can be
//! told from the characters alone: marks around a word are tokens of their own, contractions are two, words around a
//! hyphen or a slash are parted. Scripts that are written without spaces are divided as Unicode does (UAX #29).
//! `benches/peers/filters_agreement.py` measures how far the verdicts agree.

use unicode_segmentation::UnicodeSegmentation;

use crate::filters::marks::is_punctuation;

/// A word or a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// Its first byte in the text.
    pub start: u32,
    /// The byte behind it.
    pub end: u32,
    /// Its characters.
    pub chars: u32,
    /// Whether it has a character that is no punctuation.
    pub is_word: bool,
    /// Whether it has a letter.
    pub has_letter: bool,
}

/// What a byte is to words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Letter,
    Digit,
    /// Another character of ASCII that is seen.
    Mark,
    /// A part of a character beyond ASCII.
    Beyond,
    /// A space or a control character: a word ends before it.
    Gap,
}

/// The class of each byte.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Gap; 256];
    let mut byte = 0u8;
    loop {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            0..=b' ' | 0x7f => Class::Gap,
            0x80.. => Class::Beyond,
            _ => Class::Mark,
        };
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

/// The tokens of a text, in their order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Tokens { text, tokens: Vec::with_capacity(text.len() / 5), tail: Vec::new() };
    let bytes = text.as_bytes();
    let class = |at: usize| bytes.get(at).map_or(Class::Gap, |&byte| CLASSES[usize::from(byte)]);
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at = behind_plain(bytes, at);
        // Most words are of plain letters, with a mark behind them or none.
        let (end, mark) = (at, class(at));
        let is_followed = mark == Class::Mark && class(at + 1) == Class::Gap;
        if start < end && (mark == Class::Gap || is_followed) && tokens.plain(start, end, is_followed) {
            at += 1 + usize::from(is_followed);
            continue;
        }
        let mut is_spaceless = false;
        loop {
            match class(at) {
                Class::Gap => break,
                Class::Beyond => {
                    let Some(c) = text[at..].chars().next() else { break };
                    if c.is_whitespace() {
                        break;
                    }
                    is_spaceless |= u32::from(c) >= 0x0e00 && is_spaceless_script(c);
                    at += c.len_utf8();
                }
                _ => at += 1,
            }
        }
        match (start < at, is_spaceless) {
            (false, _) => at += text[at..].chars().next().map_or(1, char::len_utf8),
            (_, true) => {
                for (offset, segment) in text[start..at].split_word_bound_indices() {
                    tokens.push(start + offset, start + offset + segment.len());
                }
            }
            _ => tokens.chunk(start, at),
        }
    }
    tokens.tokens
}

/// Where plain letters and digits end that begin somewhere. Eight bytes are looked at together: how long a word is cannot be
/// guessed, and a loop over its bytes ends where a processor does not expect it.
#[inline]
fn behind_plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    while let Some(eight) = bytes.get(at..at + 8).and_then(<[u8]>::first_chunk) {
        let eight = u64::from_le_bytes(*eight);
        // The highest bit of each byte says whether it is one of these; none is carried into the next byte.
        let low = eight & !HIGH;
        let between = |low: u64, first: u8, last: u8| {
            (low + u64::from(0x80 - first) * ONES) & !(low + u64::from(0x7f - last) * ONES)
        };
        let plain = between(low | (0x20 * ONES), b'a', b'z') | between(low, b'0', b'9');
        let other = !(plain & !eight) & HIGH;
        if other != 0 {
            return at + other.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|&byte| CLASSES[usize::from(byte)] <= Class::Digit) {
        at += 1;
    }
    at
}

fn is_cannot(word: &[u8]) -> bool {
    word.len() == 6 && word.eq_ignore_ascii_case(b"cannot")
}

/// Thai, Lao, Myanmar, Khmer, kana and ideographs.
fn is_spaceless_script(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

struct Tokens<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// Marks behind the word at hand, the last one first.
    tail: Vec<(usize, usize)>,
}

impl Tokens<'_> {
    /// Takes a word of plain letters and digits, and the mark behind it where one is; whether that is all there is to it.
    #[inline]
    fn plain(&mut self, start: usize, end: usize, is_followed: bool) -> bool {
        let bytes = self.text.as_bytes();
        let last = bytes[end - 1];
        if is_cannot(&bytes[start..end]) {
            return false;
        }
        let has_letter = last.is_ascii_alphabetic() || bytes[start..end].iter().any(u8::is_ascii_alphabetic);
        if is_followed {
            match bytes[end] {
                b',' | b':' | b';' | b'!' | b'?' | b')' | b']' | b'"' | b'\'' => {}
                // A point belongs to abbreviations and initials.
                b'.' if !last.is_ascii_uppercase() && !is_whole(&bytes[start..=end]) => {}
                _ => return false,
            }
        }
        let token = |start: usize, end: usize, is_word, has_letter| {
            let (start, end) = (start as u32, end as u32);
            Token { start, end, chars: end - start, is_word, has_letter }
        };
        self.tokens.push(token(start, end, true, has_letter));
        if is_followed {
            self.tokens.push(token(end, end + 1, false, false));
        }
        true
    }

    fn push(&mut self, start: usize, end: usize) {
        if start >= end {
            return;
        }
        let (mut chars, mut is_word, mut has_letter) = (0, false, false);
        for c in self.text[start..end].chars() {
            chars += 1;
            if c.is_ascii() {
                let class = CLASSES[c as usize];
                is_word |= class <= Class::Digit || c == ' ';
                has_letter |= class == Class::Letter;
            } else {
                is_word = is_word || !is_punctuation(c);
                has_letter = has_letter || c.is_alphabetic();
            }
        }
        self.tokens.push(Token { start: start as u32, end: end as u32, chars, is_word, has_letter });
    }

    /// Divides what stands between spaces.
    fn chunk(&mut self, mut start: usize, mut end: usize) {
        let text = self.text;
        if is_whole(&text.as_bytes()[start..end]) {
            return self.push(start, end);
        }
        while start < end {
            let rest = &text[start..end];
            let Some(length) = prefix(rest) else { break };
            self.push(start, start + length);
            start += length;
            if is_whole(&text.as_bytes()[start..end]) {
                return self.push(start, end);
            }
        }
        self.tail.clear();
        while start < end {
            let rest = &text[start..end];
            if is_whole(rest.as_bytes()) {
                break;
            }
            let Some(length) = suffix(rest) else { break };
            self.tail.push((end - length, end));
            end -= length;
        }
        if start < end {
            match is_whole(&text.as_bytes()[start..end]) || is_address(&text[start..end]) {
                true => self.push(start, end),
                false => self.parts(start, end),
            }
        }
        while let Some((from, to)) = self.tail.pop() {
            self.push(from, to);
        }
    }

    /// Divides a word without marks around it, where another one begins within.
    fn parts(&mut self, start: usize, end: usize) {
        let word = &self.text[start..end];
        let (mut from, mut before) = (0, None::<char>);
        let mut at = 0;
        while let Some(c) = word[at..].chars().next() {
            let length = infix(word, at, c, before).unwrap_or(0);
            if length > 0 && at > from {
                self.word(start + from, start + at);
                self.push(start + at, start + at + length);
                from = at + length;
            }
            let step = length.max(c.len_utf8());
            before = word[at..at + step].chars().next_back();
            at += step;
        }
        self.word(start + from, end);
    }

    /// A word, in two if it is a contraction.
    fn word(&mut self, start: usize, end: usize) {
        let word = &self.text[start..end];
        let at = match () {
            () if is_cannot(word.as_bytes()) => Some(3),
            () => contraction(word),
        };
        match at {
            Some(at) => {
                self.push(start, start + at);
                self.push(start + at, end);
            }
            None => self.push(start, end),
        }
    }
}

/// Where the second word of a contraction begins.
fn contraction(word: &str) -> Option<usize> {
    let apostrophe = word.char_indices().rev().take(4).find(|(_, c)| matches!(c, '\'' | '’'))?.0;
    let stem = &word[..apostrophe];
    let tail = word[apostrophe..].trim_start_matches(['\'', '’']);
    if apostrophe == 0 || !tail.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    match tail.to_ascii_lowercase().as_str() {
        "t" if stem.len() > 1 && stem.ends_with(['n', 'N']) => Some(apostrophe - 1),
        "ll" | "re" | "ve" | "d" | "m" if stem.bytes().all(|byte| byte.is_ascii_alphabetic()) => Some(apostrophe),
        "s" => Some(apostrophe),
        _ => None,
    }
}

/// Abbreviations that keep their point.
const ABBREVIATIONS: [u64; 36] = {
    let known = [
        "mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "jr.", "sr.", "inc.", "co.", "corp.", "ltd.", "bros.", "gen.",
        "gov.", "rep.", "sen.", "rev.", "vs.", "e.g.", "i.e.", "a.m.", "p.m.", "jan.", "feb.", "mar.", "apr.", "jun.",
        "jul.", "aug.", "sep.", "sept.", "oct.", "nov.", "dec.", "messrs.",
    ];
    let mut packed = [0; 36];
    let mut at = 0;
    while at < known.len() {
        packed[at] = pack(known[at].as_bytes());
        at += 1;
    }
    packed
};

/// Up to eight bytes as a number, capitals as small letters.
const fn pack(bytes: &[u8]) -> u64 {
    let (mut number, mut at) = (0, 0);
    while at < bytes.len() {
        number = number << 8 | bytes[at].to_ascii_lowercase() as u64;
        at += 1;
    }
    number
}

/// Whether marks belong to what stands there: an abbreviation, initials.
fn is_whole(bytes: &[u8]) -> bool {
    if bytes.last() != Some(&b'.') || bytes.len() > 8 {
        return false;
    }
    let is_initial = bytes.len() == 2 && bytes[0].is_ascii_alphabetic();
    is_initial || {
        let text = pack(bytes);
        ABBREVIATIONS.iter().fold(false, |found, &known| found | (known == text))
    }
}

/// Whether this is a URL, a host or a mail address.
fn is_address(text: &str) -> bool {
    if text.contains("://") || text.starts_with("www.") || text.starts_with("mailto:") {
        return true;
    }
    let host = text.split(['/', '?', ':']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let Some((name, end)) = host.rsplit_once('.') else { return false };
    !name.is_empty()
        && TOP_LEVEL.contains(&end)
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

/// Ends of hosts that are written without a scheme.
const TOP_LEVEL: [&str; 24] = [
    "com", "org", "net", "edu", "gov", "info", "biz", "io", "co", "uk", "de", "fr", "it", "es", "nl", "ru", "pl", "cz",
    "ca", "au", "us", "eu", "tv", "me",
];

/// The length of a mark that stands before a word.
fn prefix(text: &str) -> Option<usize> {
    let c = text.chars().next()?;
    if c == '.' {
        let points = text.bytes().take_while(|&byte| byte == b'.').count();
        return (points > 1).then_some(points);
    }
    if c == '+' {
        return (!text[1..].starts_with(|c: char| c.is_ascii_digit())).then_some(1);
    }
    (is_outer(c) || matches!(c, '§' | '%' | '=' | '—' | '–' | '$' | '£' | '€' | '¥' | '฿' | '₹' | '₽'))
        .then(|| c.len_utf8())
}

/// The length of a mark that stands behind a word.
fn suffix(text: &str) -> Option<usize> {
    let c = text.chars().next_back()?;
    if c == '.' {
        let points = text.bytes().rev().take_while(|&byte| byte == b'.').count();
        if points > 1 {
            return Some(points);
        }
        let stem = &text[..text.len() - 1];
        let before = stem.chars().next_back()?;
        let is_capitals = || before.is_uppercase() && stem.chars().rev().nth(1).is_some_and(char::is_uppercase);
        let fits = before.is_lowercase() || before.is_numeric() || !before.is_alphanumeric() || is_capitals();
        // Points between letters belong to the word: U.S.
        return (fits && !(stem.contains('.') && stem.split('.').all(|part| part.len() == 1))).then_some(1);
    }
    if matches!(c, 's' | 'S') {
        let stem = &text[..text.len() - 1];
        let before = stem.chars().next_back().filter(|c| matches!(c, '\'' | '’'))?;
        return (stem.len() > before.len_utf8()).then(|| 1 + before.len_utf8());
    }
    if matches!(c, '%' | '$' | '£' | '€') {
        let before = text[..text.len() - c.len_utf8()].chars().next_back();
        return before.is_some_and(|c| c.is_ascii_digit() || c == ')').then(|| c.len_utf8());
    }
    if c == '+' {
        return text[..text.len() - 1].ends_with(|c: char| c.is_ascii_digit()).then_some(1);
    }
    (is_outer(c) || matches!(c, '—' | '–')).then(|| c.len_utf8())
}

/// Marks that are no part of the word they touch.
fn is_outer(c: char) -> bool {
    match c {
        ',' | ':' | ';' | '!' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '_' | '#' | '*' | '&' => true,
        '\'' | '"' | '`' => true,
        _ if c.is_ascii() => false,
        '…' | '¿' | '¡' | '؟' | '‘' | '’' | '‚' | '“' | '”' | '„' | '«' | '»' | '·' | '।' | '۔' | '،' | '؛' | '•' => {
            true
        }
        // Pictures are tokens of their own, as spaCy has it for all symbols that are no mathematics.
        _ => {
            matches!(u32::from(c), 0x2190..=0x21ff | 0x2300..=0x27bf | 0x2b00..=0x2bff | 0x1f000..=0x1faff | 0xa9 | 0xae | 0x2122
            | 0x3001..=0x3002 | 0xff01..=0xff0f | 0xff1a..=0xff1f)
        }
    }
}

/// The length of a mark within a word that parts it.
fn infix(word: &str, at: usize, c: char, before: Option<char>) -> Option<usize> {
    let before = before?;
    if c.is_alphanumeric() {
        return None;
    }
    let after = || word[at + c.len_utf8()..].chars().next();
    match c {
        '.' => {
            let points = word[at..].bytes().take_while(|&byte| byte == b'.').count();
            let parts = points > 1 || before.is_lowercase() && after().is_some_and(char::is_uppercase);
            parts.then_some(points)
        }
        '…' => Some(c.len_utf8()),
        '-' | '–' | '—' | '~' => {
            let dashes = word[at..].chars().take_while(|&next| next == c).count();
            let length = dashes * c.len_utf8();
            let next = word[at + length..].chars().next()?;
            let parts = before.is_alphabetic() && next.is_alphabetic()
                || c == '-' && before.is_ascii_digit() && next.is_ascii_digit();
            parts.then_some(length)
        }
        ',' | '"' | ';' => (before.is_alphabetic() && after()?.is_alphabetic()).then_some(1),
        ':' | '<' | '>' | '=' | '/' => (before.is_alphanumeric() && after()?.is_alphabetic()).then_some(1),
        '+' | '*' | '^' => (before.is_ascii_digit() && after()?.is_ascii_digit()).then_some(1),
        '(' | ')' | '[' | ']' => (before.is_alphabetic() && after()?.is_alphabetic() && c != '[').then_some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokens(text).iter().map(|token| &text[token.start as usize..token.end as usize]).collect()
    }

    #[test]
    fn words_and_marks_are_told_apart_as_spacy_does() {
        for (text, expected) in [
            ("The ferry, at last, left.", "The|ferry|,|at|last|,|left|."),
            ("He didn't say (\"no\")...", "He|did|n't|say|(|\"|no|\"|)|..."),
            ("It's Mr. Moss's well-known and/or 3.5 % boat", "It|'s|Mr.|Moss|'s|well|-|known|and|/|or|3.5|%|boat"),
            ("See https://quai.example/a-b?c=d, or quai.com.", "See|https://quai.example/a-b?c=d|,|or|quai.com|."),
            ("In the U.S. at 7 p.m. we cannot", "In|the|U.S.|at|7|p.m.|we|can|not"),
            ("«Où est l’otarie?» 10–12 $5", "«|Où|est|l’otarie|?|»|10–12|$|5"),
            ("\n\n  ", ""),
        ] {
            assert_eq!(words(text).join("|"), expected);
        }
    }

    proptest! {
        #[test]
        fn plain_words_are_divided_as_all_are(text in "([a-zA-Z]{1,3}|cannot|mr|[0-9.,;:'\"!?)(\\]\\[ \u{7f}é-]){0,40}") {
            let mut all = Tokens { text: &text, tokens: Vec::new(), tail: Vec::new() };
            let mut start = 0;
            for whole in text.split_inclusive(|c: char| c == ' ' || c.is_ascii_control()) {
                let word = whole.trim_end_matches(|c: char| c == ' ' || c.is_ascii_control());
                if !word.is_empty() {
                    all.chunk(start, start + word.len());
                }
                start += whole.len();
            }
            prop_assert_eq!(tokens(&text), all.tokens);
        }
    }

    #[test]
    fn text_without_spaces_is_divided_as_unicode_does() {
        assert_eq!(words("灯台が光る。").len(), 6);
        assert!(words("ประภาคารส่องแสง").len() > 1);
    }

    #[test]
    fn every_character_that_is_no_space_stands_in_one_token() {
        for text in ["a..b -- c’s 'tis ''", "(((…)))", "x.Y.z 'n' $%$ a--b-", "é̂'s “q”", "+1 +a 1+ ."] {
            let all: String = words(text).concat();
            assert_eq!(all, text.split_whitespace().collect::<String>());
        }
    }
}
