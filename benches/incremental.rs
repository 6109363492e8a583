//! What a second run costs: `cargo bench --bench incremental`.
//!
//! Folders it makes up: 4,000 pages of 12 KB and 100,000 of 2 KB on a hundred sites. Each is cleaned from nothing,
//! again with nothing changed, and again with one page in a hundred changed. The CPU time is the operating
//! system's account of the built binary on one thread. What reading and SHA-256 of every page and every output cost
//! is measured here and taken off.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

const SENTENCES: [&str; 5] = [
    "The ferry left at nine and came back at ten, which nobody had asked it to do.",
    "On the quay a man with a bicycle waited for the post, as he does every morning in spring.",
    "The board met on Tuesday and agreed that the bridge, all things considered, is a bridge.",
    "Gulls were counted again, and again the gulls took no notice of the counting.",
    "By the evening the fog had gone, and with it the lighthouse keeper's second sandwich.",
];

fn main() {
    println!(
        "{:<24} {:>10} {:>10} {:>8} {:>12} {:>10} {:>14}",
        "pages", "anew s", "again s", "times", "1 % more s", "+ %", "own us a page"
    );
    for (pages, paragraphs) in [(4_000, 60), (100_000, 9)] {
        let scratch = tempfile::tempdir().expect("a scratch folder can be made");
        let (raw, clean) = (scratch.path().join("raw"), scratch.path().join("clean"));
        for number in 0..pages {
            write(&raw, pages, number, paragraphs, "");
        }
        let anew = cpu(&raw, &clean);
        let again = (0..3).map(|_| cpu(&raw, &clean)).fold(f64::INFINITY, f64::min);
        let reading = hashed(&raw) + hashed(&clean);
        for number in (0..pages).step_by(100) {
            write(&raw, pages, number, paragraphs, " Or so it was said.");
        }
        let knowledge = clean.join(".dechaff/knowledge.jsonl");
        let frozen = scratch.path().join("sites.knowledge");
        fs::copy(knowledge, &frozen).expect("knowledge was kept");
        let changed = cpu_with(&raw, &clean, &["--knowledge", &frozen.to_string_lossy()]);
        println!(
            "{:<24} {anew:>10.2} {again:>10.2} {:>8.1} {changed:>12.2} {:>10.1} {:>14.1}",
            format!("{pages} of {} B", fs::metadata(raw.join(name(pages, 1))).map_or(0, |meta| meta.len())),
            anew / again,
            (changed / again - 1.0) * 100.0,
            (again - reading) * 1e6 / f64::from(pages),
        );
    }
}

fn name(pages: u32, number: u32) -> String {
    format!("paper{:02}.example/{:03}/{number:06}.txt", number * 100 / pages, number / 500)
}

fn write(raw: &Path, pages: u32, number: u32, paragraphs: u32, ending: &str) {
    let site = number * 100 / pages;
    let mut text = format!("Home {site}\nNews {site}\nHarbour\nWeather\nLog in\n\nStory {number}\n\n");
    for paragraph in 0..paragraphs {
        let pick = |offset: u32| SENTENCES[((number / 5 + paragraph * 3 + offset) % 5) as usize];
        text.push_str(&format!("{number}. {} {}{ending}\n\n", pick(0), pick(paragraph + 1)));
    }
    text.push_str("Share this\nNo comments:\n© 2024 Harbour Post. All rights reserved.\n");
    let path = raw.join(name(pages, number));
    fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
    fs::write(path, text).expect("a page can be written");
}

fn cpu(raw: &Path, clean: &Path) -> f64 {
    cpu_with(raw, clean, &[])
}

/// User and system seconds of a run.
fn cpu_with(raw: &Path, clean: &Path, options: &[&str]) -> f64 {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%U %S", env!("CARGO_BIN_EXE_dechaff"), "--quiet", "--threads", "1"])
        .args(options)
        .args([raw, clean])
        .stdout(Stdio::null())
        .output()
        .expect("/usr/bin/time is there (Debian: apt-get install time)");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    said.split_whitespace().filter_map(|word| word.parse::<f64>().ok()).sum()
}

/// Seconds of CPU that walking a folder, reading its files and hashing them take.
fn hashed(folder: &Path) -> f64 {
    let before = own_cpu();
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let mut all = 0u8;
    for file in files.filter(|entry| entry.file_type().is_file()) {
        all ^= Sha256::digest(fs::read(file.path()).unwrap_or_default())[0];
    }
    std::hint::black_box(all);
    own_cpu() - before
}

/// User and system seconds of this process so far, in hundredths.
fn own_cpu() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}
