//! Which legacy charset a page is in, told by its bytes.
//!
//! Every charset, together with every language that was written in it, is asked how likely the page
//! would be; the likeliest wins. What is known of the page otherwise (its site's other pages, its
//! top-level domain, its language, chardetng's opinion) counts as so much evidence more.

mod sample;

use std::sync::LazyLock;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GBK, IBM866, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, ISO_8859_10, ISO_8859_13, ISO_8859_14, ISO_8859_15, ISO_8859_16, KOI8_R, KOI8_U, MACINTOSH,
    SHIFT_JIS, WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255,
    WINDOWS_1256, WINDOWS_1257, WINDOWS_1258, X_MAC_CYRILLIC,
};

use super::Hints;
use crate::charset::{self, TCVN, TextEncoding, VISCII};
use crate::parse::letters::{self, Cost, Language, NAT};
pub use sample::LOOKED_AT;
use sample::{is_space, sample};

/// A charset, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess {
    /// The charset.
    pub charset: TextEncoding,
    /// How sure, in thousandths.
    pub sure: u16,
}

/// The charset that the bytes are most likely in.
pub fn detect(bytes: &[u8], hints: &Hints) -> Guess {
    detect_with(bytes, hints, None)
}

/// The same where a charset was declared: it is taken if the bytes agree with it.
pub(super) fn detect_with(bytes: &[u8], hints: &Hints, declared: Option<TextEncoding>) -> Guess {
    let sample = sample(bytes);
    let told = DeclaredLanguage::of(hints);
    let pairs = Pairs::of(&sample);
    let mut guesses: Vec<(Cost, TextEncoding)> = Vec::new();
    guesses.extend(SINGLE_BYTE.iter().map(|candidate| (candidate.cost(&pairs, &told), candidate.charset)));
    guesses.extend(
        MULTI_BYTE
            .iter()
            .filter_map(|candidate| Some((candidate.cost(&sample, &pairs, &told)?, candidate.charset.into()))),
    );
    if pairs.has_signs_only() {
        guesses.retain(|&(_, charset)| {
            IN_LATIN.iter().any(|&latin| charset == latin) || declared == Some(charset) || hints.site == Some(charset)
        });
    }
    for (cost, charset) in &mut guesses {
        if hints.site == Some(*charset) {
            *cost -= SITE;
        }
        if declared == Some(*charset) {
            *cost -= DECLARED + pairs.beyond_ascii * NAT / 2;
        }
    }
    let (mut best, mut margin) = likeliest(&mut guesses, &sample);
    if margin < DOUBT {
        let opinion = opinion(&sample, hints);
        if let Some(guess) = guesses.iter_mut().find(|guess| guess.1 == opinion) {
            guess.0 -= OPINION;
        }
        (best, margin) = likeliest(&mut guesses, &sample);
    }
    Guess { charset: best, sure: sureness(margin) }
}

/// The charset of the least cost, and by how much it is likelier than any that reads otherwise.
fn likeliest(guesses: &mut [(Cost, TextEncoding)], sample: &[u8]) -> (TextEncoding, Cost) {
    guesses.sort_by_key(|guess| guess.0);
    let Some((&mut (cost, best), others)) = guesses.split_first_mut() else { return (WINDOWS_1252.into(), 0) };
    let text = best.text(sample);
    let rival = others.iter().find(|(_, rival)| rival.text(sample) != text);
    (best, rival.map_or(Cost::MAX, |rival| rival.0 - cost))
}

/// Below this margin chardetng is asked.
const DOUBT: Cost = 4 * NAT;
/// What chardetng's opinion counts for.
const OPINION: Cost = 2 * NAT;
/// What the site's other pages count for.
const SITE: Cost = 6 * NAT;
/// What a declaration counts for, besides half a nat a character beyond ASCII.
const DECLARED: Cost = 10 * NAT;
/// What the page's language counts for where it was told.
const LANGUAGE: Cost = 5 * NAT;
/// What a language counts for that is written under the page's top-level domain.
const DOMAIN: Cost = 2 * NAT;
/// What an upper-case letter after a lower-case one costs, where either is beyond ASCII.
const CASE: Cost = 4 * NAT;
/// What a byte costs that cannot be read in a charset of several bytes a character.
const UNREADABLE: Cost = 30 * NAT;

/// How sure one may be of a charset that is likelier than the next by this much, in thousandths.
fn sureness(margin: Cost) -> u16 {
    // 1000 / (1 + e^-margin), for whole nats.
    const TABLE: [u16; 7] = [500, 731, 881, 953, 982, 993, 998];
    TABLE.get((margin / NAT) as usize).copied().unwrap_or(999)
}

/// What is known of a page besides its bytes.
struct DeclaredLanguage<'h> {
    language: Option<&'h str>,
    domain: &'static [&'static str],
}

impl<'h> DeclaredLanguage<'h> {
    fn of(hints: &Hints<'h>) -> DeclaredLanguage<'h> {
        let language = hints.language.map(|tag| {
            let base = tag.split(['-', '_']).next().unwrap_or(tag);
            if base == "no" || base == "nn" { "nb" } else { base }
        });
        DeclaredLanguage { language, domain: hints.tld.map_or(&[], languages_under) }
    }

    /// What speaks for a language, before the bytes are looked at.
    fn bonus(&self, language: &Language) -> Cost {
        let base = language.name.split('-').next();
        let is_told = |base: &str| self.language.is_some_and(|told| told.eq_ignore_ascii_case(base));
        let told = if base.is_some_and(is_told) { LANGUAGE } else { 0 };
        let domain = if self.domain.contains(&language.name.as_str()) { DOMAIN } else { 0 };
        told + domain
    }
}

/// The languages that are written under a top-level domain and need more than ASCII.
fn languages_under(tld: &str) -> &'static [&'static str] {
    match tld {
        "ae" | "bh" | "dz" | "eg" | "iq" | "jo" | "kw" | "lb" | "ly" | "ma" | "om" | "ps" | "qa" | "sa" | "sd"
        | "sy" | "tn" | "ye" => &["ar"],
        "ad" | "cat" => &["ca", "es"],
        "at" | "ch" | "de" | "li" => &["de"],
        "ba" | "hr" => &["hr"],
        "be" | "fr" | "lu" | "mc" => &["fr"],
        "bg" | "xn--90ae" => &["bg"],
        "br" | "pt" | "ao" | "mz" => &["pt"],
        "by" => &["ru", "be"],
        "cn" | "sg" | "xn--fiqs8s" => &["zh-hans"],
        "cz" => &["cs"],
        "dk" => &["da"],
        "ee" => &["et"],
        "eu" | "com" | "org" | "net" => &[],
        "es" | "mx" | "ar" | "cl" | "co" | "pe" | "uy" | "ve" | "bo" | "cu" | "ec" | "cr" => &["es"],
        "fi" => &["fi", "sv"],
        "gr" | "cy" => &["el"],
        "hk" | "mo" | "tw" => &["zh-hant"],
        "hu" => &["hu"],
        "id" => &["id"],
        "ie" => &["ga", "en"],
        "il" => &["he"],
        "ir" => &["fa"],
        "is" => &["is"],
        "it" => &["it"],
        "jp" => &["ja"],
        "kr" => &["ko"],
        "kz" | "kg" | "ru" | "su" | "xn--p1ai" => &["ru"],
        "lt" => &["lt"],
        "lv" => &["lv"],
        "me" | "rs" => &["sr", "hr"],
        "mk" => &["mk"],
        "nl" => &["nl"],
        "no" => &["nb"],
        "pl" => &["pl"],
        "ro" | "md" => &["ro"],
        "se" => &["sv"],
        "si" => &["sl"],
        "sk" => &["sk"],
        "th" => &["th"],
        "tr" => &["tr"],
        "ua" => &["uk", "ru"],
        "vn" => &["vi"],
        _ => &[],
    }
}

/// What chardetng thinks.
fn opinion(sample: &[u8], hints: &Hints) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&sample[..sample.len().min(OPINION_ON)], true);
    let tld = hints.tld.map(str::as_bytes).filter(|tld| tld.is_ascii() && !tld.iter().any(u8::is_ascii_uppercase));
    detector.guess(tld, Utf8Detection::Deny)
}

/// How much chardetng is shown, in bytes: it is slow, and knows by then.
const OPINION_ON: usize = 4096;

/// The pairs of neighbouring bytes of a sample, each with how much it weighs.
///
/// Words of ASCII alone tell the language at best, so all of them together weigh no more than a few
/// times what the others do; and they may be English on a page of any language.
struct Pairs {
    /// Those of words that are not ASCII alone.
    near: Vec<(u8, u8, Cost)>,
    /// Those of words of ASCII.
    far: Vec<(u8, u8, Cost)>,
    /// What the latter cost if they are English.
    far_in_english: Cost,
    /// How many bytes are not ASCII.
    beyond_ascii: Cost,
}

impl Pairs {
    /// Whether the page is of words of ASCII, and all other bytes are signs of windows-1252: those are no letters, and
    /// tell no script.
    fn has_signs_only(&self) -> bool {
        let all = self.near.iter().chain(&self.far);
        let of_ascii = all.filter(|pair| pair.1.is_ascii_alphabetic()).map(|pair| pair.2 / WHOLE).sum::<Cost>();
        let mut others = self.near.iter().filter(|pair| !pair.1.is_ascii());
        others.all(|pair| is_sign(pair.1)) && of_ascii >= LETTERS_TO_SIGNS * self.beyond_ascii.max(1)
    }

    fn of(sample: &[u8]) -> Pairs {
        let mut near = Counts::new();
        let mut far = Counts::new();
        for word in sample.split(is_space).filter(|word| !word.is_empty()) {
            let counts = if word.is_ascii() { &mut far } else { &mut near };
            let mut last = b' ';
            for &byte in word.iter().chain(b" ") {
                counts.add(last, byte);
                last = byte;
            }
        }
        let weight = ((FAR_AT_LEAST + FAR_TO_NEAR * near.all) * WHOLE / far.all.max(1)).min(WHOLE);
        let mut pairs = Pairs { near: Vec::new(), far: Vec::new(), far_in_english: Cost::MAX / 4, beyond_ascii: 0 };
        pairs.near.extend(near.seen.iter().map(|&(first, second)| (first, second, near.of(first, second) * WHOLE)));
        pairs.far.extend(far.seen.iter().map(|&(first, second)| (first, second, far.of(first, second) * weight)));
        pairs.beyond_ascii = pairs.near.iter().filter(|pair| !pair.1.is_ascii()).map(|pair| pair.2 / WHOLE).sum();
        let english = SINGLE_BYTE[0].languages.iter().find(|written| written.language.name == "en");
        if let Some(english) = english {
            pairs.far_in_english = english.cost(&pairs.far) + ENGLISH;
        }
        pairs
    }
}

/// The charsets of Latin letters that have the signs of windows-1252, or are told from it by their letters.
const IN_LATIN: [&Encoding; 6] = [WINDOWS_1252, WINDOWS_1250, WINDOWS_1254, WINDOWS_1257, WINDOWS_1258, MACINTOSH];
/// How many times as many letters of ASCII than other bytes there must be, for those to be signs.
const LETTERS_TO_SIGNS: Cost = 4;

/// Whether a byte is a sign that texts use in windows-1252: a quote, a dash, a bullet, an ellipsis, a no-break space, or
/// one of `€†‡‰™¡¢£¥§©«®°±²³´¶·¹»¼½¾¿×`.
fn is_sign(byte: u8) -> bool {
    matches!(byte, 0x80 | 0x82 | 0x84..=0x87 | 0x89 | 0x8B | 0x91..=0x97 | 0x99 | 0x9B | 0xA0..=0xA3 | 0xA5 | 0xA7)
        || matches!(byte, 0xA9 | 0xAB | 0xAE | 0xB0..=0xB4 | 0xB6 | 0xB7 | 0xB9 | 0xBB..=0xBF | 0xD7)
}

/// What a pair weighs that counts fully.
const WHOLE: Cost = 16;
/// How many pairs of words of ASCII always count fully.
const FAR_AT_LEAST: Cost = 200;
/// How many times as many pairs count fully as there are in other words.
const FAR_TO_NEAR: Cost = 4;
/// What it costs to take the words of ASCII for English on a page of another language.
const ENGLISH: Cost = 6 * NAT;

/// How often each pair of bytes was seen.
struct Counts {
    counts: Vec<u32>,
    seen: Vec<(u8, u8)>,
    all: Cost,
}

impl Counts {
    fn new() -> Counts {
        Counts { counts: vec![0; 1 << 16], seen: Vec::new(), all: 0 }
    }

    fn add(&mut self, first: u8, second: u8) {
        let count = &mut self.counts[usize::from(first) << 8 | usize::from(second)];
        if *count == 0 {
            self.seen.push((first, second));
        }
        *count += 1;
        self.all += 1;
    }

    fn of(&self, first: u8, second: u8) -> Cost {
        self.counts[usize::from(first) << 8 | usize::from(second)].into()
    }
}

/// A charset of one byte a character, and the languages that are written in it.
struct SingleByte {
    charset: TextEncoding,
    prior: Cost,
    case: [Case; 256],
    languages: Vec<Written>,
}

/// A language as it is written in a charset.
struct Written {
    language: &'static Language,
    symbols: [u8; 256],
    within: [u8; 256],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    None,
    Lower,
    Upper,
}

impl SingleByte {
    fn new(charset: TextEncoding, prior: Cost, languages: &[&str]) -> SingleByte {
        let bytes: Vec<u8> = (0..=255).collect();
        let chars: Vec<char> =
            bytes.iter().map(|byte| charset.text(std::slice::from_ref(byte)).chars().next().unwrap_or(' ')).collect();
        let mut case = [Case::None; 256];
        for (case, c) in case.iter_mut().zip(&chars) {
            *case = match c {
                c if c.is_lowercase() => Case::Lower,
                c if c.is_uppercase() => Case::Upper,
                _ => Case::None,
            };
        }
        let languages = languages.iter().filter_map(|name| letters::language(name));
        let languages = languages
            .map(|language| {
                let mut written = Written { language, symbols: [0; 256], within: [0; 256] };
                for (byte, &c) in chars.iter().enumerate() {
                    let c = letters::lower(c);
                    written.symbols[byte] = language.symbol(c);
                    written.within[byte] = language.within(c, written.symbols[byte]).min(255) as u8;
                }
                written
            })
            .collect();
        SingleByte { charset, prior, case, languages }
    }

    /// The cost of the pairs in the language that fits them best.
    fn cost(&self, pairs: &Pairs, told: &DeclaredLanguage) -> Cost {
        let is_odd_case = |&&(first, second, _): &&(u8, u8, Cost)| {
            !(first.is_ascii() && second.is_ascii())
                && self.case[usize::from(first)] == Case::Lower
                && self.case[usize::from(second)] == Case::Upper
        };
        let case = pairs.near.iter().filter(is_odd_case).map(|pair| pair.2).sum::<Cost>() * CASE / WHOLE;
        let languages = self.languages.iter().map(|written| {
            written.cost(&pairs.near) + written.cost(&pairs.far).min(pairs.far_in_english)
                - told.bonus(written.language)
        });
        languages.min().unwrap_or(Cost::MAX / 2) + case + self.prior
    }
}

impl Written {
    fn cost(&self, pairs: &[(u8, u8, Cost)]) -> Cost {
        let cost = |&(first, second, count): &(u8, u8, Cost)| {
            let (from, to) = (self.symbols[usize::from(first)], self.symbols[usize::from(second)]);
            count * (self.language.pair(from, to) + Cost::from(self.within[usize::from(second)]))
        };
        pairs.iter().map(cost).sum::<Cost>() / WHOLE
    }
}

/// The charsets of one byte a character. The prior is what a charset costs for being rare on the web.
static SINGLE_BYTE: LazyLock<Vec<SingleByte>> = LazyLock::new(|| {
    const WESTERN: &[&str] =
        &["en", "de", "fr", "es", "pt", "it", "nl", "da", "sv", "nb", "fi", "is", "ca", "gl", "eu", "ga", "id", "et"];
    const CENTRAL: &[&str] = &["pl", "cs", "sk", "hu", "sl", "hr", "ro", "de"];
    const BALTIC: &[&str] = &["et", "lv", "lt"];
    const CYRILLIC: &[&str] = &["ru", "uk", "be", "bg", "sr", "mk"];
    [
        (WINDOWS_1252, 0, WESTERN),
        (WINDOWS_1250, NAT, CENTRAL),
        (WINDOWS_1251, NAT, CYRILLIC),
        (WINDOWS_1253, NAT, &["el"]),
        (WINDOWS_1254, NAT, &["tr"]),
        (WINDOWS_1255, NAT, &["he"]),
        (WINDOWS_1256, NAT, &["ar", "fa"]),
        (WINDOWS_1257, 2 * NAT, BALTIC),
        (WINDOWS_1258, 2 * NAT, &["vi"]),
        (WINDOWS_874, NAT, &["th"]),
        (KOI8_U, NAT + NAT / 2, &["ru", "uk"]),
        (KOI8_R, 2 * NAT, &["ru"]),
        (ISO_8859_2, 2 * NAT, CENTRAL),
        (ISO_8859_7, 2 * NAT, &["el"]),
        (ISO_8859_13, 4 * NAT, BALTIC),
        (ISO_8859_15, 2 * NAT, WESTERN),
        (ISO_8859_5, 3 * NAT, CYRILLIC),
        (ISO_8859_6, 3 * NAT, &["ar"]),
        (ISO_8859_8, 3 * NAT, &["he"]),
        (IBM866, 3 * NAT, &["ru", "bg"]),
        (X_MAC_CYRILLIC, 4 * NAT, &["ru", "uk", "bg", "sr", "mk"]),
        (ISO_8859_16, 5 * NAT, &["ro", "pl", "hu", "hr", "sl"]),
        (MACINTOSH, 5 * NAT, &["en", "de", "fr", "es", "pt", "it", "nl", "da", "sv", "nb", "fi", "ca"]),
        (ISO_8859_4, 5 * NAT, BALTIC),
        (ISO_8859_3, 8 * NAT, &["tr"]),
        (ISO_8859_10, 8 * NAT, &["is", "nb", "lt"]),
        (ISO_8859_14, 8 * NAT, &["ga"]),
    ]
    .into_iter()
    .map(|(charset, prior, languages)| (TextEncoding::Web(charset), prior, languages))
    .chain([&VISCII, &TCVN].map(|page| (TextEncoding::Page(page), 4 * NAT, ["vi"].as_slice())))
    .map(|(charset, prior, languages)| SingleByte::new(charset, prior, languages))
    .collect()
});

/// A charset of one or several bytes a character, and the languages that are written in it.
struct MultiByte {
    charset: &'static Encoding,
    prior: Cost,
    languages: &'static [&'static str],
}

static MULTI_BYTE: [MultiByte; 5] = [
    MultiByte { charset: SHIFT_JIS, prior: 2 * NAT, languages: &["ja"] },
    MultiByte { charset: EUC_JP, prior: 2 * NAT, languages: &["ja"] },
    MultiByte { charset: GBK, prior: 2 * NAT, languages: &["zh-hans", "zh-hant"] },
    MultiByte { charset: BIG5, prior: 2 * NAT, languages: &["zh-hant"] },
    MultiByte { charset: EUC_KR, prior: 2 * NAT, languages: &["ko"] },
];

impl MultiByte {
    /// The cost of the sample in the language that fits it best; `None` where hardly anything of it
    /// can be read.
    fn cost(&self, sample: &[u8], pairs: &Pairs, told: &DeclaredLanguage) -> Option<Cost> {
        if !self.may_read(&sample[..sample.len().min(FIRST_LOOK)]) || !self.may_read(sample) {
            return None;
        }
        let words = sample.split(is_space).filter(|word| !word.is_ascii());
        let near: Vec<u8> = words.flat_map(|word| word.iter().copied().chain([b' '])).collect();
        let (text, unreadable) = charset::text(&near, self.charset);
        let languages = self.languages.iter().filter_map(|name| letters::language(name));
        let cost = |language: &Language| {
            let far = |&(first, second, count): &(u8, u8, Cost)| {
                let (first, second) = (letters::lower(first.into()), letters::lower(second.into()));
                let symbol = language.symbol(second);
                count * (language.pair(language.symbol(first), symbol) + language.within(second, symbol))
            };
            let far = pairs.far.iter().map(far).sum::<Cost>() / WHOLE;
            language.cost(&text) + far.min(pairs.far_in_english) - told.bonus(language)
        };
        Some(languages.map(cost).min()? + self.prior + unreadable as Cost * UNREADABLE)
    }

    fn may_read(&self, sample: &[u8]) -> bool {
        let beyond_ascii = sample.iter().filter(|byte| !byte.is_ascii()).count() as u64;
        charset::text(sample, self.charset).1 * 10 <= beyond_ascii + 10
    }
}

/// How many bytes are tried first: most pages are in no such charset, and that shows at once.
const FIRST_LOOK: usize = 256;
