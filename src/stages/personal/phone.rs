//! Phone numbers: with the code of a country, or behind a word for them.
//!
//! A number without either is a number: those of versions, orders and years are many more.

use std::ops::Range;

use super::{digits_of, touches};

/// The codes of countries (ITU-T E.164, list of 2024) of one and two digits; all others have three.
const SHORT_CODES: [&str; 46] = [
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
    "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
    "86", "90", "91", "92", "93", "94", "95", "98",
];

/// What the codes of three digits begin with.
const LONG_CODES: [&str; 12] = ["21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50"];

/// The same, in the rest of the world.
const MORE_CODES: [&str; 8] = ["59", "67", "68", "69", "85", "87", "88", "96"];

/// Words before a phone number.
const LABELS: [&str; 24] = [
    "tel",
    "telephone",
    "phone",
    "phones",
    "fax",
    "mobile",
    "cell",
    "call",
    "whatsapp",
    "hotline",
    "telefon",
    "telefax",
    "mobil",
    "handy",
    "tél",
    "téléphone",
    "teléfono",
    "telefono",
    "móvil",
    "telefone",
    "puhelin",
    "telefoon",
    "тел",
    "телефон",
];

/// The numbers of a text.
pub(super) fn find(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(|c: char| c == '+' || c == '(' || c.is_ascii_digit())?;
        let range = extent(text, start);
        at = range.end.max(start + 1);
        Some(range)
    })
    .filter(|range| is_phone(text, range))
}

/// How far a number goes: digits, and single marks or one space between them.
fn extent(text: &str, start: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let (mut end, mut at) = (start, start);
    let mut gap = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => (end, gap) = (at + 1, 0),
            b'+' if at == start => {}
            b' ' | b'-' | b'.' | b'/' | b'(' | b')' if gap < 2 => gap += 1,
            _ => break,
        }
        at += 1;
    }
    start..end.max(start)
}

fn is_phone(text: &str, range: &Range<usize>) -> bool {
    let number = &text[range.clone()];
    let digits = digits_of(number);
    let is_balanced = number.matches('(').count() == number.matches(')').count();
    if !(7..=15).contains(&digits.len()) || !is_balanced || touches(text, range, &['_', '#', '=', '%', '.', ',']) {
        return false;
    }
    match number.strip_prefix('+') {
        Some(rest) => digits.len() >= 8 && has_country(rest),
        None => is_labelled(&text[..range.start]) && !is_years(number),
    }
}

fn has_country(number: &str) -> bool {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    SHORT_CODES.iter().chain(&LONG_CODES).chain(&MORE_CODES).chain(&["97", "99"]).any(|code| digits.starts_with(code))
}

/// Whether a word for phones stands right before: `Tel.:`, `Phone`.
fn is_labelled(before: &str) -> bool {
    let before = before.trim_end_matches([' ', ':', '.', '\u{a0}', '-', '–']);
    let start = before
        .rfind(|c: char| !c.is_alphanumeric())
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = before[start..].to_lowercase();
    LABELS.contains(&word.as_str())
}

/// `1948-1967`: from one year to another.
fn is_years(number: &str) -> bool {
    let parts: Vec<&str> = number.split(['-', ' ', '/']).collect();
    parts.len() == 2 && parts.iter().all(|part| part.len() == 4 && (part.starts_with("19") || part.starts_with("20")))
}
