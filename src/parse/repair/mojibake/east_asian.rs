//! Chinese, Japanese and Korean of two bytes a character that were read as Latin-1: a line is read anew as a whole,
//! or left. Where only the words were that look like UTF-8 by chance, the line could not be undone any more.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS, WINDOWS_1252};

use super::costs::{cost, likeliest, steps_of};
use super::{Better, Evidence, TOLD_BY};
use crate::parse::letters::{self, Class, Cost, NAT};

/// The charsets, and the languages that are written in them.
const CHARSETS: [(&Encoding, &[&str]); 5] =
    [(GBK, &["zh-hans", "zh-hant"]), (EUC_JP, &["ja"]), (EUC_KR, &["ko"]), (BIG5, &["zh-hant"]), (SHIFT_JIS, &["ja"])];

/// The least number of bytes beyond ASCII: four characters.
const LEAST: usize = 8;
/// How much likelier it must be for each byte beyond ASCII; of what is right four nats are usual.
const GAIN_PER_BYTE: Cost = NAT;
/// How much likelier it must be in all.
const GAIN: Cost = 20 * NAT;

/// Reads a line in the charset that it was written in; `None` where it is in Latin letters. `in_utf8` is how many
/// characters could be of sequences of UTF-8.
pub(super) fn read(chars: &[char], in_utf8: usize) -> Option<Better> {
    let beyond = chars.iter().filter(|c| !c.is_ascii()).count();
    let letters = chars.iter().filter(|c| c.is_ascii_alphabetic()).count();
    if beyond < LEAST || letters > 2 * beyond || 2 * in_utf8 > beyond {
        return None;
    }
    let bytes: Vec<u8> = chars.iter().map(|&c| byte(c)).collect::<Option<_>>()?;
    let mut best: Option<(Cost, &'static Encoding, String)> = None;
    for (charset, languages) in CHARSETS {
        let Some(text) = charset.decode_without_bom_handling_and_without_replacement(&bytes) else { continue };
        let is_of_it = |c: &char| matches!(letters::class_of(*c), Class::Ideograph);
        let is_broken = |c: char| letters::class_of(c) == Class::Broken;
        if text.chars().filter(is_of_it).count() * 3 < beyond || text.contains(is_broken) {
            continue;
        }
        let cost = languages.iter().filter_map(|name| letters::language(name)).map(|language| language.cost(&text));
        let Some(cost) = cost.min() else { continue };
        if best.as_ref().is_none_or(|best| cost < best.0) {
            best = Some((cost, charset, text.into_owned()));
        }
    }
    let (after, charset, text) = best?;
    let mut steps = Vec::new();
    steps_of(chars, &mut steps);
    let languages = likeliest(chars.iter().copied().take(TOLD_BY));
    let before = languages.iter().map(|language| cost(language, &steps, 0, Cost::MAX)).min()?;
    let gain = before - after;
    (gain >= GAIN && gain >= beyond as Cost * GAIN_PER_BYTE && after * 4 <= before * 3).then(|| {
        let evidence = Evidence {
            written: charset.name(),
            charset: WINDOWS_1252.name(),
            before: chars.iter().take(SHOWN).collect(),
            after: text.chars().take(SHOWN / 2).collect(),
            gain,
        };
        Better { text, times: 1, evidence }
    })
}

/// How much of a line is shown as evidence, in characters.
const SHOWN: usize = 12;

/// The byte of a character in windows-1252, or in Latin-1.
fn byte(c: char) -> Option<u8> {
    if (c as u32) < 0x100 {
        return Some(c as u8);
    }
    match *WINDOWS_1252.encode(c.encode_utf8(&mut [0; 4])).0 {
        [byte] => Some(byte),
        _ => None,
    }
}
