//! Makes the statistics of letters that ship with dechaff, and measures what they are for.
//!
//! `dechaff-letters train TEXTS OUT` reads what `collect.py` and `words.py` gathered; the other commands
//! measure on the half of it that training never sees. README.md beside this says how to run them.

mod charsets;
mod languages;
mod mojibake;
mod texts;
mod train;

use std::path::PathBuf;

use anyhow::{Result, bail};

const USAGE: &str = "usage: dechaff-letters train TEXTS OUT | charsets TEXTS SPLIT [SHOW] | mojibake TEXTS SPLIT [SHOW] | clean FILE… | mend FILE… | disguised FILE… | train-languages TEXTS OUT | languages TEXTS SPLIT | answers TEXTS SPLIT LENGTH OUT";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["train", texts, out] => train::run(&PathBuf::from(texts), &PathBuf::from(out)),
        ["charsets", texts, split] => charsets::run(&PathBuf::from(texts), split, 0),
        ["charsets", texts, split, show] => charsets::run(&PathBuf::from(texts), split, show.parse()?),
        ["mojibake", texts, split] => mojibake::run(&PathBuf::from(texts), split, 0),
        ["mojibake", texts, split, show] => mojibake::run(&PathBuf::from(texts), split, show.parse()?),
        ["train-languages", texts, out] => languages::train(&PathBuf::from(texts), &PathBuf::from(out)),
        ["languages", texts, split] => languages::measure(&PathBuf::from(texts), split),
        ["answers", texts, split, length, out] => {
            languages::answers(&PathBuf::from(texts), split, length.parse()?, &PathBuf::from(out))
        }
        ["clean", ref files @ ..] => mojibake::run_clean(files),
        ["mend", ref files @ ..] => mojibake::mend(files),
        ["disguised", ref files @ ..] => mojibake::run_disguised(files),
        _ => bail!(USAGE),
    }
}
