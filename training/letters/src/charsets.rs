//! Measures charset detection: texts of three lengths in every language and each of its charsets.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use dechaff::internals::charset::TextEncoding;
use dechaff::internals::parse::decode::{Hints, decode};
use encoding_rs::{WINDOWS_1252, WINDOWS_1258};

use crate::texts::{self, Dice};

/// The charsets that each language was written in before UTF-8.
const CHARSETS: [(&str, &[&str]); 38] = [
    ("ar", &["windows-1256", "iso-8859-6"]),
    ("be", &["windows-1251", "iso-8859-5"]),
    ("bg", &["windows-1251", "iso-8859-5"]),
    ("ca", &["windows-1252", "iso-8859-15"]),
    ("cs", &["windows-1250", "iso-8859-2"]),
    ("da", &["windows-1252", "iso-8859-15"]),
    ("de", &["windows-1252", "iso-8859-15", "macintosh"]),
    ("el", &["windows-1253", "iso-8859-7"]),
    ("es", &["windows-1252", "iso-8859-15", "macintosh"]),
    ("et", &["windows-1257", "iso-8859-13", "iso-8859-15"]),
    ("fa", &["windows-1256"]),
    ("fi", &["windows-1252", "iso-8859-15"]),
    ("fr", &["windows-1252", "iso-8859-15", "macintosh"]),
    ("gl", &["windows-1252"]),
    ("he", &["windows-1255", "iso-8859-8"]),
    ("hr", &["windows-1250", "iso-8859-2"]),
    ("hu", &["windows-1250", "iso-8859-2"]),
    ("is", &["windows-1252"]),
    ("it", &["windows-1252", "iso-8859-15"]),
    ("ja", &["shift_jis", "euc-jp", "iso-2022-jp"]),
    ("ko", &["euc-kr"]),
    ("lt", &["windows-1257", "iso-8859-13"]),
    ("lv", &["windows-1257", "iso-8859-13"]),
    ("mk", &["windows-1251", "iso-8859-5"]),
    ("nb", &["windows-1252", "iso-8859-15"]),
    ("nl", &["windows-1252", "iso-8859-15"]),
    ("pl", &["windows-1250", "iso-8859-2"]),
    ("pt", &["windows-1252", "iso-8859-15"]),
    ("ro", &["windows-1250", "iso-8859-2"]),
    ("ru", &["windows-1251", "koi8-r", "iso-8859-5", "ibm866", "x-mac-cyrillic"]),
    ("sk", &["windows-1250", "iso-8859-2"]),
    ("sl", &["windows-1250", "iso-8859-2"]),
    ("sv", &["windows-1252", "iso-8859-15"]),
    ("th", &["windows-874"]),
    ("tr", &["windows-1254"]),
    ("uk", &["windows-1251", "koi8-u"]),
    ("vi", &["windows-1258", "tcvn3", "viscii"]),
    ("zh-hans", &["gbk"]),
];

/// Traditional Chinese has a charset of its own.
const MORE: (&str, &[&str]) = ("zh-hant", &["big5"]);

/// Languages whose texts are ASCII but for signs.
const WITH_SIGNS: [(&str, &[&str]); 2] = [("en", &[SIGNS]), ("id", &[SIGNS])];
/// How such texts are called.
const SIGNS: &str = "windows-1252, signs only";

/// How long the texts are, in characters, and how many are made for each language and charset.
const LENGTHS: [(usize, usize); 4] = [(80, 60), (300, 60), (3000, 60), (300_000, 2)];

/// Prints the share of texts that are decoded exactly, ours and chardetng's; `show` misses of each
/// length are printed too.
pub fn run(from: &Path, split: &str, show: usize) -> Result<()> {
    for (length, wanted) in LENGTHS {
        let mut all = 0;
        let mut right = [0; 2];
        let mut misses: BTreeMap<String, usize> = BTreeMap::new();
        let mut shown = 0;
        let mut time = std::time::Duration::ZERO;
        let mut bytes_read = 0;
        for (language, charsets) in CHARSETS.into_iter().chain([MORE]).chain(WITH_SIGNS) {
            let lines = texts::lines(from, split, language)?;
            for label in charsets {
                let Some(charset) = TextEncoding::for_label(label.split(',').next().unwrap_or(label)) else { continue };
                let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ length as u64 ^ (label.len() as u64) << 32);
                let mut made = 0;
                for _ in 0..wanted * 4 {
                    if made == wanted {
                        break;
                    }
                    let made_so = match *label {
                        SIGNS => with_signs(&lines, length, &mut dice),
                        _ => text(&lines, length, charset, &mut dice),
                    };
                    let Some((text, bytes)) = made_so else { continue };
                    made += 1;
                    all += 1;
                    let start = std::time::Instant::now();
                    let decoded = decode(&bytes, &Hints::default());
                    time += start.elapsed();
                    bytes_read += bytes.len();
                    let theirs = of_chardetng(&bytes);
                    right[1] += usize::from(theirs == text);
                    if decoded.text == text {
                        right[0] += 1;
                        continue;
                    }
                    *misses.entry(format!("{language} {label} as {}", decoded.charset)).or_default() += 1;
                    if shown < show {
                        shown += 1;
                        let differs = |(a, b): &(char, char)| a != b;
                        let pairs: String = text
                            .chars()
                            .zip(decoded.text.chars())
                            .filter(differs)
                            .take(8)
                            .map(|(a, b)| format!("{a}{b} "))
                            .collect();
                        let head: String = text.chars().take(100).collect();
                        println!("  {language} {label} as {} ({}): {pairs}| {head:?}", decoded.charset, decoded.sure);
                    }
                }
            }
        }
        let share = |right: usize| right as f64 * 100.0 / all as f64;
        println!(
            "{length} characters: {all} texts, {:.2} % exact (chardetng {:.2} %), {:.1} MB/s",
            share(right[0]),
            share(right[1]),
            bytes_read as f64 / time.as_secs_f64() / 1e6
        );
        let mut misses: Vec<_> = misses.into_iter().collect();
        misses.sort_by_key(|miss| std::cmp::Reverse(miss.1));
        for (what, times) in misses.iter().take(20) {
            println!("    {times:3} {what}");
        }
    }
    Ok(())
}

fn of_chardetng(bytes: &[u8]) -> String {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let charset = detector.guess(None, Utf8Detection::Allow);
    charset.decode_without_bom_handling(bytes).0.into_owned()
}

/// A text of this many characters that starts at a random line, in the charset; `None` where that
/// cannot write it, or where it is all ASCII and so proves nothing.
fn text(lines: &[String], length: usize, charset: TextEncoding, dice: &mut Dice) -> Option<(String, Vec<u8>)> {
    let start = dice.below(lines.len());
    let mut text = String::new();
    let mut chars = 0;
    for line in lines.iter().cycle().skip(start) {
        let line: String = line.chars().map(|c| plain(c, charset)).collect();
        let line = if charset == WINDOWS_1258 { texts::with_tones_apart(&line) } else { line };
        if encoded(&line, charset).is_none() {
            continue;
        }
        for c in line.chars().chain(['\n']).take(length - chars) {
            text.push(c);
            chars += 1;
        }
        if chars == length {
            break;
        }
    }
    let bytes = encoded(&text, charset)?;
    let is_told = text.chars().any(|c| !c.is_ascii() && c.is_alphabetic());
    // Some signs have two codes in a charset; what is read back is what can be asked for.
    is_told.then(|| (charset.text(&bytes).into_owned(), bytes))
}

/// A text in a charset; `None` where that cannot write it.
fn encoded(text: &str, charset: TextEncoding) -> Option<Vec<u8>> {
    match charset {
        TextEncoding::Web(charset) => {
            let (bytes, _, unmappable) = charset.encode(text);
            (!unmappable).then(|| bytes.into_owned())
        }
        TextEncoding::Page(page) => {
            let byte = |c: char| page.chars().find(|&(other, _)| other == c).map(|(_, byte)| byte);
            text.chars().map(|c| if c.is_ascii() { Some(c as u8) } else { byte(c) }).collect()
        }
    }
}

/// Texts of ASCII with signs of windows-1252 strewn in: English and others that need no more, as their authors would
/// have typed them in a word processor.
fn with_signs(lines: &[String], length: usize, dice: &mut Dice) -> Option<(String, Vec<u8>)> {
    const SIGNS: [(&str, &str); 8] = [
        ("'", "’"),
        (" - ", " – "),
        ("...", "…"),
        ("* ", "• "),
        ("(c)", "©"),
        (" degrees", "°"),
        ("  ", "\u{A0} "),
        (", ", "™, "),
    ];
    let start = dice.below(lines.len());
    let mut text = String::new();
    for line in lines.iter().cycle().skip(start).take(lines.len()).filter(|line| line.is_ascii()) {
        let mut line = line.clone();
        let (from, to) = SIGNS[dice.below(SIGNS.len())];
        line = line.replacen(from, to, 1 + dice.below(2));
        match dice.below(6) {
            0 => line = format!("“{line}”"),
            1 => line.insert_str(0, "• "),
            2 => line.push_str(" £5"),
            3 => line.push_str("\u{A0}®"),
            _ => {}
        }
        text.push_str(&line);
        text.push('\n');
        if text.chars().count() >= length {
            break;
        }
    }
    let text: String = text.chars().take(length).collect();
    let bytes = encoded(&text, WINDOWS_1252.into())?;
    (!text.is_ascii()).then_some((text, bytes))
}

/// What somebody writes whose charset lacks a sign.
fn plain(c: char, charset: TextEncoding) -> char {
    let mut buffer = [0; 4];
    if c.is_ascii() || encoded(c.encode_utf8(&mut buffer), charset).is_some() {
        return c;
    }
    match c {
        '“' | '”' | '„' | '«' | '»' => '"',
        '‘' | '’' | '‚' => '\'',
        '–' | '—' | '‑' => '-',
        '…' => '.',
        '•' => '*',
        '\u{A0}' | '\u{202F}' => ' ',
        'ș' => 'ş',
        'ț' => 'ţ',
        'Ș' => 'Ş',
        'Ț' => 'Ţ',
        'ş' => 'ș',
        'ţ' => 'ț',
        'Ş' => 'Ș',
        'Ţ' => 'Ț',
        _ => c,
    }
}
