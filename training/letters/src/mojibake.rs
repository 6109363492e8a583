//! Measures the repair of mojibake: what is made of clean lines by reading them wrongly must become
//! those lines again, and clean lines must stay as they are.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use dechaff::internals::parse::letters;
use dechaff::internals::parse::repair::{Repair, Repairs, Switches, explain, repair};
use encoding_rs::Encoding;

use crate::texts::{self, Dice};

/// How many lines are spoilt in each way.
const LINES: usize = 2000;

/// The ways to spoil a line: the charsets it is read in, one after another, and whether no-break spaces
/// become spaces.
const WAYS: [(&str, &[&str], bool); 14] = [
    ("windows-1252", &["windows-1252"], false),
    ("windows-1252, lossy", &["windows-1252"], true),
    ("windows-1252 twice", &["windows-1252", "windows-1252"], false),
    ("windows-1252 three times", &["windows-1252", "windows-1252", "windows-1252"], false),
    ("latin-1", &["latin-1"], false),
    ("windows-1250", &["windows-1250"], false),
    ("windows-1250, lossy", &["windows-1250"], true),
    ("windows-1251", &["windows-1251"], false),
    ("windows-1251, lossy", &["windows-1251"], true),
    ("windows-1251, then 1252", &["windows-1251", "windows-1252"], false),
    ("windows-1254", &["windows-1254"], false),
    ("MacRoman", &["macintosh"], false),
    ("MacRoman, lossy", &["macintosh"], true),
    ("cp437", &["cp437"], false),
];

/// Half of the code page of DOS.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
                             └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Prints the share of spoilt lines that become what they were, way by way, in which languages the others are, and
/// `show` of them.
pub fn run(from: &Path, split: &str, show: usize) -> Result<()> {
    let mut lines = Vec::new();
    for language in texts::languages(from, split)? {
        let of_language = texts::lines(from, split, &language)?;
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        for _ in 0..200 {
            let line = &of_language[dice.below(of_language.len())];
            let line: String = line.chars().take(60 + dice.below(200)).collect();
            let line = line.trim();
            // What repairs would change anyway says nothing of mojibake.
            if !line.is_ascii() && only_mojibake(line).is_none() && !line.contains(['\u{FFFD}', '\u{1a}']) {
                lines.push((language.clone(), line.to_string()));
            }
        }
    }
    let mut dice = Dice(88_172_645_463_325_252);
    for at in (1..lines.len()).rev() {
        lines.swap(at, dice.below(at + 1));
    }
    for (way, charsets, lossy) in WAYS {
        let mut right = 0;
        let mut all = 0;
        let mut shown = 0;
        let mut misses = BTreeMap::<&str, usize>::new();
        let (mut known, mut right_of_known) = (0, 0);
        for (language, line) in &lines {
            if all == LINES {
                break;
            }
            let Some(spoilt) = spoil(line, charsets, lossy) else { continue };
            if spoilt == *line {
                continue;
            }
            all += 1;
            let is_known = letters::language(language).is_some();
            known += usize::from(is_known);
            let mended = only_mojibake(&spoilt).unwrap_or(spoilt.clone());
            // A no-break space that became a space in clean text is lost for good.
            let level = |text: &str| if lossy { text.replace('\u{a0}', " ") } else { text.to_string() };
            if level(&mended) == level(line) {
                right += 1;
                right_of_known += usize::from(is_known);
                continue;
            }
            *misses.entry(language).or_default() += 1;
            if shown < show {
                shown += 1;
                println!("  {language}\n  was    {line}\n  spoilt {spoilt}\n  mended {mended}");
            }
        }
        let mut misses: Vec<_> = misses.into_iter().collect();
        misses.sort_by_key(|miss| std::cmp::Reverse(miss.1));
        let misses: Vec<String> = misses.iter().map(|(language, times)| format!("{language} {times}")).collect();
        println!(
            "{way}: {right} of {all}, {:.2} %; {:.2} % of {known} in languages that there are statistics of; {}",
            right as f64 * 100.0 / all as f64,
            right_of_known as f64 * 100.0 / known as f64,
            misses.join(", ")
        );
    }
    Ok(())
}

fn only_mojibake(line: &str) -> Option<String> {
    let switches =
        [Repair::References, Repair::Invisibles, Repair::Ligatures, Repair::Nfc, Repair::Controls, Repair::C1]
            .into_iter()
            .fold(Switches::default(), Switches::without);
    match repair(Cow::Borrowed(line), &switches, &mut Repairs::default()) {
        Cow::Borrowed(_) => None,
        Cow::Owned(line) => Some(line),
    }
}

/// Reads a line as it is in UTF-8 in a wrong charset; `None` where that charset lacks one of the bytes.
fn spoil(line: &str, charsets: &[&str], lossy: bool) -> Option<String> {
    let mut line = line.to_string();
    for &charset in charsets {
        line = match charset {
            "latin-1" => line.bytes().map(char::from).collect(),
            "cp437" => {
                let high: Vec<char> = CODE_PAGE_437.chars().collect();
                line.bytes()
                    .map(|byte| if byte < 0x80 { char::from(byte) } else { high[usize::from(byte) - 0x80] })
                    .collect()
            }
            label => {
                let encoding = Encoding::for_label(label.as_bytes())?;
                encoding.decode_without_bom_handling_and_without_replacement(line.as_bytes())?.into_owned()
            }
        };
    }
    Some(if lossy { line.replace('\u{a0}', " ") } else { line })
}

/// Prints the lines of files with all repairs made, to be compared with what they should be.
pub fn mend(files: &[&str]) -> Result<()> {
    for file in files {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
        for line in text.split('\n') {
            let line = repair(Cow::Borrowed(line), &Switches::default(), &mut Repairs::default());
            println!("{}", line.replace('\n', " "));
        }
    }
    Ok(())
}

/// Makes a clean line look more like mojibake than most.
type Disguise = fn(&str) -> String;

/// Prints how many lines of clean text are changed as they stand, and by which repairs.
pub fn run_clean(files: &[&str]) -> Result<()> {
    harm(files, &[("as it stands", |line| line.to_string())])
}

/// Prints how many lines of clean text are changed in disguises that come close to mojibake: in capitals,
/// between quotes of all kinds, before signs.
pub fn run_disguised(files: &[&str]) -> Result<()> {
    let disguises: [(&str, Disguise); 8] = [
        ("in capitals", |line| line.to_uppercase()),
        ("in capitals, word by word in “quotes”", |line| each_word(&line.to_uppercase(), "“", "”")),
        ("word by word in ‘quotes’", |line| each_word(line, "‘", "’")),
        ("in capitals, word by word in « quotes »", |line| each_word(&line.to_uppercase(), "«\u{a0}", "\u{a0}»")),
        ("in capitals, word by word in „quotes“", |line| each_word(&line.to_uppercase(), "„", "“")),
        ("in capitals, dashes and dots", |line| each_word(&line.to_uppercase(), "–", "…")),
        ("in capitals, trade marks", |line| each_word(&line.to_uppercase(), "", "™")),
        ("in capitals, degrees", |line| each_word(&line.to_uppercase(), "§", "°")),
    ];
    harm(files, &disguises)
}

fn harm(files: &[&str], disguises: &[(&'static str, Disguise)]) -> Result<()> {
    let mut changed = BTreeMap::<(&str, &str), usize>::new();
    let mut all = 0;
    for file in files {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
        for line in text.lines() {
            for &(name, disguise) in disguises {
                all += 1;
                let line = disguise(line);
                for mended in explain(&line, &Switches::default()) {
                    let times = changed.entry((name, mended.repair.name())).or_default();
                    *times += 1;
                    if *times <= 3 || mended.repair == Repair::Mojibake && *times < 40 {
                        println!(
                            "  {name}, {}: {}\n    {}\n    {}",
                            mended.repair, mended.because, mended.before, mended.after
                        );
                    }
                }
            }
        }
    }
    println!("{all} lines");
    for ((disguise, repair), times) in changed {
        println!("{times:6} {disguise}: {repair}");
    }
    Ok(())
}

fn each_word(line: &str, open: &str, close: &str) -> String {
    line.split(' ').map(|word| format!("{open}{word}{close}")).collect::<Vec<_>>().join(" ")
}
