//! How fast near copies are found, in how much memory, and how many of them.
//!
//! `cargo bench --bench near [-- DOCUMENTS]` makes 50,000 documents of 2.2 kB, 14,000 of them copies of others with edits whose Jaccard
//! index is known, and finds the copies on one thread. `-- --index DOCUMENTS` makes sketches in place of texts: what ten million
//! documents take on the disk and in memory.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};
use std::{env, fs};

use dechaff::internals::manifest::{Share, Sketch, SketchShape};
use dechaff::internals::passes::near::NearSettings;
use dechaff::internals::passes::near::sketcher::Sketcher;
use dechaff::internals::write::near_index::NearIndex;
use dechaff::internals::write::scratch::Scratch;

/// How many words a document has.
const WORDS: usize = 370;

/// Of a hundred documents, how many are copies.
const COPIES: u64 = 28;

fn main() {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let number = args.last().and_then(|arg| arg.parse().ok());
    match args.iter().any(|arg| arg == "--index") {
        true => index(number.unwrap_or(1_000_000)),
        false => texts(number.unwrap_or(50_000)),
    }
}

fn texts(documents: u64) {
    let settings = NearSettings::default();
    let sketcher = Sketcher::new(settings.shape);
    let mut index = NearIndex::new(scratch(), settings).expect("temporary files");
    let mut candidates =
        NearIndex::new(scratch(), NearSettings { threshold: Share::of_permille(0), ..settings }).expect("files");
    let (mut bytes, mut sketching, mut adding) = (0, Duration::ZERO, Duration::ZERO);
    let mut truth: BTreeMap<u32, (u32, f64)> = BTreeMap::new();
    let vocabulary: Vec<String> = (0..20_000).map(word).collect();
    for document in 0..documents {
        let words = words(document);
        let text = words.iter().map(|&word| vocabulary[word].as_str()).collect::<Vec<_>>().join(" ");
        bytes += text.len();
        if let Some(original) = original_of(document) {
            truth.insert(document as u32, (original as u32, jaccard(&words, &self::words(original))));
        }
        let began = Instant::now();
        let sketch = sketcher.sketch(&text);
        sketching += began.elapsed();
        let began = Instant::now();
        index.add(&sketch).expect("temporary files");
        adding += began.elapsed();
        candidates.add(&sketch).expect("temporary files");
    }
    let began = Instant::now();
    let (matches, counts) = index.find().expect("temporary files");
    let finding = began.elapsed();
    let megabytes = bytes as f64 / 1e6;
    println!("{documents} documents, {megabytes:.1} MB, {} copies made", truth.len());
    for (what, took) in [("sketching", sketching), ("keys", adding), ("finding", finding)] {
        println!("  {what:<10} {:6.3} s  {:7.1} MB/s", took.as_secs_f64(), megabytes / took.as_secs_f64());
    }
    let all = (sketching + adding + finding).as_secs_f64();
    println!("  together   {all:6.3} s  {:7.1} MB/s; peak memory {}", megabytes / all, peak());
    println!("{} found, {counts:?}", matches.len());
    let before = candidates.find().expect("temporary files").0;
    println!("{} documents would go if candidates were copies", before.len());
    let of_pair: BTreeMap<u32, u32> = matches.iter().map(|found| (found.document, found.stays)).collect();
    let gone = |document: u32, original: u32| {
        of_pair.get(&document) == Some(&original) || of_pair.get(&original) == Some(&document)
    };
    println!("Jaccard      pairs  found  theory  bands alone");
    for (from, to) in [(0.95, 1.01), (0.8, 0.95), (0.75, 0.8), (0.7, 0.75), (0.65, 0.7), (0.5, 0.65), (0.0, 0.5)] {
        let pairs: Vec<_> = truth.iter().filter(|(_, (_, jaccard))| (from..to).contains(jaccard)).collect();
        let share = |sum: f64| sum / pairs.len().max(1) as f64;
        let found = pairs.iter().filter(|(document, (original, _))| gone(**document, *original)).count();
        let theory = share(pairs.iter().map(|(_, (_, jaccard))| theory(*jaccard, true)).sum());
        let bands = share(pairs.iter().map(|(_, (_, jaccard))| theory_of_bands(*jaccard)).sum());
        let found = share(found as f64);
        println!("{from:.2}–{to:.2}  {:7}  {found:.3}   {theory:.3}        {bands:.3}", pairs.len());
    }
    let made: HashSet<(u32, u32)> = truth.iter().map(|(document, (original, _))| (*document, *original)).collect();
    let wrong = matches.iter().filter(|found| {
        !made.contains(&(found.document, found.stays)) && !made.contains(&(found.stays, found.document))
    });
    println!("{} found that are no pair that was made", wrong.count());
}

/// The index of many sketches that nobody made from texts: of ten, three are copies of another.
fn index(documents: u64) {
    let shape = SketchShape::default();
    let mut index = NearIndex::new(scratch(), NearSettings::default()).expect("temporary files");
    let began = Instant::now();
    for document in 0..documents {
        let of = if document % 10 < 3 { document / 10 * 10 + 9 } else { document };
        let mut state = of;
        let mut hashes: Vec<u8> = (0..shape.hashes() / 8).flat_map(|_| next(&mut state).to_le_bytes()).collect();
        if of != document {
            let mut state = document;
            for _ in 0..10 {
                let at = next(&mut state) as usize % hashes.len();
                hashes[at] ^= 0x55;
            }
        }
        index.add(&Sketch { shape, length: 100 + (document % 50) as u32, hashes }).expect("temporary files");
    }
    let added = began.elapsed().as_secs_f64();
    let (matches, counts) = index.find().expect("temporary files");
    let all = began.elapsed().as_secs_f64();
    println!("{documents} sketches: added in {added:.1} s, all in {all:.1} s, peak memory {}", peak());
    println!("{} found of {}, {counts:?}", matches.len(), documents / 10 * 3);
}

fn scratch() -> Scratch<'static> {
    Scratch::of(None).expect("no folder is needed")
}

/// Which document another one is a copy of.
fn original_of(document: u64) -> Option<u64> {
    (document % 100 < COPIES).then(|| document / 100 * 100 + COPIES + document % 100)
}

/// The words of a document. A copy has some of its original's replaced: none to one of eight.
fn words(document: u64) -> Vec<usize> {
    let Some(original) = original_of(document) else {
        let mut state = document;
        return (0..WORDS).map(|_| next(&mut state) as usize % 20_000).collect();
    };
    let mut words = words(original);
    let mut state = document ^ 0x5555_5555;
    let edits = next(&mut state) as usize % (WORDS / 8);
    for _ in 0..edits {
        let at = next(&mut state) as usize % WORDS;
        words[at] = next(&mut state) as usize % 20_000;
    }
    words
}

fn word(number: usize) -> String {
    let mut letters = String::new();
    let mut rest = number + 26;
    while rest > 0 {
        letters.push(char::from(b'a' + (rest % 26) as u8));
        rest /= 26;
    }
    letters + ["", "e", "ing", "tion"][number % 4]
}

fn jaccard(one: &[usize], other: &[usize]) -> f64 {
    let shingles = |words: &[usize]| words.windows(5).map(<[usize]>::to_vec).collect::<HashSet<_>>();
    let (one, other) = (shingles(one), shingles(other));
    let both = one.intersection(&other).count();
    both as f64 / (one.len() + other.len() - both) as f64
}

/// How probable it is that two documents share a band.
fn theory_of_bands(jaccard: f64) -> f64 {
    1.0 - (1.0 - jaccard.powi(8)).powi(14)
}

/// The same, and that they agree in so many hashes that the estimate is at the threshold. Of 112 hashes, eight agree where a
/// band does.
fn theory(jaccard: f64, is_verified: bool) -> f64 {
    let chance = 1.0 / 256.0;
    let agree = jaccard + (1.0 - jaccard) * chance;
    let least = (112.0 * (0.6995 * (1.0 - chance) + chance)).ceil() as i32 - 8;
    let (mut sum, mut log_choose) = (0.0, 0.0f64);
    for k in 0..=104 {
        if k > 0 {
            log_choose += f64::from(105 - k).ln() - f64::from(k).ln();
        }
        if k >= least || !is_verified {
            sum += (log_choose + f64::from(k) * agree.ln() + f64::from(104 - k) * (1.0 - agree).max(1e-12).ln()).exp();
        }
    }
    theory_of_bands(jaccard) * sum
}

/// The next number of SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown".into(), |line| line.trim().to_string())
}
