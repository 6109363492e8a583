//! Numbers of bank accounts and payment cards, by their checksums.

use std::ops::Range;

use super::{Spoken, digits_of, touches};

/// How long the IBAN of a country is. The SWIFT registry, release 99.
const IBANS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 \
    ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 \
    LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 \
    SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

/// Words of a line that speaks of cards: digits without gaps are a card's only there.
const CARDS: [&str; 13] = [
    "card",
    "cards",
    "visa",
    "mastercard",
    "amex",
    "credit",
    "debit",
    "karte",
    "kreditkarte",
    "carte",
    "tarjeta",
    "carta",
    "karta",
];

/// The numbers of accounts in a text.
pub(super) fn find_ibans(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let starts = (0..bytes.len().saturating_sub(14)).filter(move |&at| {
        let is_head = bytes[at..at + 2].iter().all(u8::is_ascii_uppercase)
            && bytes[at + 2..at + 4].iter().all(u8::is_ascii_digit);
        is_head && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric())
    });
    starts.filter_map(move |start| {
        let country = &text[start..start + 2];
        let length: usize = IBANS.split_whitespace().find_map(|known| known.strip_prefix(country))?.parse().ok()?;
        let (mut signs, mut end) = (Vec::new(), start);
        while signs.len() < length {
            match *bytes.get(end)? {
                byte if byte.is_ascii_digit() || byte.is_ascii_uppercase() => signs.push(byte),
                // Groups of four.
                b' ' if signs.len() % 4 == 0 => {}
                _ => return None,
            }
            end += 1;
        }
        let is_whole = !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
        (is_whole && remainder(&signs) == 1).then_some(start..end)
    })
}

/// What is left by 97: 1, if the number is right.
fn remainder(signs: &[u8]) -> u32 {
    signs[4..].iter().chain(&signs[..4]).fold(0, |left, &sign| match sign {
        b'0'..=b'9' => (left * 10 + u32::from(sign - b'0')) % 97,
        _ => (left * 100 + u32::from(sign - b'A') + 10) % 97,
    })
}

/// The numbers of cards in a text.
pub(super) fn find_cards(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    let card = Spoken::new(text, &CARDS);
    std::iter::from_fn(move || {
        let start = at + text[at..].find(|c: char| c.is_ascii_digit())?;
        let length = text[start..].find(|c: char| !c.is_ascii_digit() && c != ' ' && c != '-');
        let length = length.unwrap_or(text.len() - start);
        at = start + length;
        let whole = text[start..at].trim_end_matches([' ', '-']);
        Some(start..start + whole.len())
    })
    .filter(move |range| {
        let number = &text[range.clone()];
        let digits = digits_of(number);
        let groups: Vec<usize> = number.split([' ', '-']).map(str::len).collect();
        let fits = is_card(&digits)
            && match groups.as_slice() {
                [_] => card.is_there(),
                [4, 4, 4, 4] | [4, 6, 5] => true,
                _ => false,
            };
        fits && !touches(text, range, &['.', '_', '/', '#'])
    })
}

/// Whether a network gives out such numbers, and the sum is right (Luhn, ISO/IEC 7812).
fn is_card(digits: &[u8]) -> bool {
    let head = digits.iter().take(4).fold(0, |head, &digit| head * 10 + u32::from(digit));
    let is_issued = match digits.len() {
        15 => matches!(head / 100, 34 | 37),
        16 => matches!(head, 4000..=4999 | 5100..=5599 | 2221..=2720 | 6011 | 6500..=6599 | 3528..=3589),
        _ => false,
    };
    let doubled = |(place, &digit): (usize, &u8)| match place % 2 {
        1 if digit > 4 => digit * 2 - 9,
        1 => digit * 2,
        _ => digit,
    };
    let sum: u32 = digits.iter().rev().enumerate().map(|digit| u32::from(doubled(digit))).sum();
    is_issued && sum.is_multiple_of(10)
}
